"""Differentiable Siamese augmentation (DSA): six operations and the draw of their parameters (section 3.2).

An operation with its parameters is a frozen value that is called on images [N, C, H, W]: the same value on
real and synthetic images is what makes the augmentation Siamese. A parameter is a number for the whole batch,
or a tensor [N] with one entry per image. Written here because torchvision's colour operations clamp to
[0, 1], where the gradient of normalised images vanishes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from dmcore.config import ALL_OPERATIONS, Operation

Images = Float[Tensor, "image channel height width"]
Number = float | Float[Tensor, " image"]
Augmentation = Callable[[Images], Images]

LARGEST_SCALE = 1.2
LARGEST_ROTATION = 15.0  # degrees


@dataclass(frozen=True)
class Identity:
    """No augmentation."""

    def __call__(self, images: Images) -> Images:
        return images


@dataclass(frozen=True)
class Scale:
    """Scale about the centre; sx, sy are the diagonal of the affine matrix: above 1 the content shrinks."""

    sx: Number
    sy: Number

    def __call__(self, images: Images) -> Images:
        sx, sy = _column(self.sx, images), _column(self.sy, images)
        zero = torch.zeros_like(sx)
        return _resample(images, torch.stack([sx, zero, zero, zero, sy, zero], dim=1))


@dataclass(frozen=True)
class Rotate:
    """Rotate about the centre by an angle in degrees."""

    degrees: Number

    def __call__(self, images: Images) -> Images:
        angle = _column(self.degrees, images) * (math.pi / 180)
        cosine, sine, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
        return _resample(images, torch.stack([cosine, -sine, zero, sine, cosine, zero], dim=1))


@dataclass(frozen=True)
class Flip:
    """Flip horizontally where `flipped` is not 0."""

    flipped: Number

    def __call__(self, images: Images) -> Images:
        if not isinstance(self.flipped, Tensor):
            return images.flip(3) if self.flipped else images
        is_flipped = _column(self.flipped, images).view(-1, 1, 1, 1) != 0
        return torch.where(is_flipped, images.flip(3), images)


@dataclass(frozen=True)
class Color:
    """Colour jitter: add brightness, scale saturation about the grey image, contrast about the image mean."""

    brightness: Number
    saturation: Number
    contrast: Number

    def __call__(self, images: Images) -> Images:
        brightness, saturation, contrast = (
            _column(value, images).view(-1, 1, 1, 1)
            for value in (self.brightness, self.saturation, self.contrast)
        )
        images = images + brightness
        grey = images.mean(dim=1, keepdim=True)
        images = (images - grey) * saturation + grey
        level = images.mean(dim=(1, 2, 3), keepdim=True)
        return (images - level) * contrast + level


@dataclass(frozen=True)
class Crop:
    """Random crop as a shift by whole pixels, zero-padded: output row r is input row r + shift_rows."""

    shift_rows: Number
    shift_columns: Number

    def __call__(self, images: Images) -> Images:
        height, width = images.shape[2:]
        rows, rows_inside = _shifted(self.shift_rows, height, images)
        columns, columns_inside = _shifted(self.shift_columns, width, images)
        inside = rows_inside[:, None, :, None] & columns_inside[:, None, None, :]
        if len(rows) == 1:
            moved = images[:, :, rows[0]][:, :, :, columns[0]]
        else:
            image = torch.arange(len(images), device=images.device)
            moved = images.permute(0, 2, 3, 1)[
                image[:, None, None], rows[:, :, None], columns[:, None, :]
            ].permute(0, 3, 1, 2)
        return moved * inside


@dataclass(frozen=True)
class Cutout:
    """Cutout: zero a box of half the image's height and width, clipped at the border."""

    centre_row: Number
    centre_column: Number

    def __call__(self, images: Images) -> Images:
        height, width = images.shape[2:]
        rows = _box_mask(self.centre_row, height, images)[:, None, :, None]
        columns = _box_mask(self.centre_column, width, images)[:, None, None, :]
        return images * ~(rows & columns)


def strategy(chosen: tuple[Operation, ...] | None, flip_keeps_label: bool) -> tuple[Operation, ...]:
    """Augmentation strategy: the chosen operations, else all six (no flip where it changes the label)."""
    if chosen is not None:
        return chosen
    return tuple(operation for operation in ALL_OPERATIONS if flip_keeps_label or operation != "flip")


def draw_augmentation(
    random: np.random.Generator, operations: Sequence[Operation], height: int, width: int
) -> Augmentation:
    """Draw one operation with parameters for all images of a class in an iteration (Algorithm 1, omega_c).

    Args:
        random: generator of the draw.
        operations: the strategy; one is drawn uniformly, empty means no augmentation.
        height: image height in pixels.
        width: image width in pixels.
    """
    operation = _draw_operation(random, operations)
    return _OPERATIONS[operation](
        *(float(value[0]) for value in _draw_parameters(random, operation, 1, height, width))
    )


def draw_per_image(
    random: np.random.Generator,
    operations: Sequence[Operation],
    count: int,
    height: int,
    width: int,
    device: torch.device,
) -> Augmentation:
    """Draw one operation for a minibatch, with parameters per image (training of a classifier)."""
    operation = _draw_operation(random, operations)
    parameters = _draw_parameters(random, operation, count, height, width)
    return _OPERATIONS[operation](
        *(torch.from_numpy(values.astype(np.float32)).to(device) for values in parameters)
    )


_OPERATIONS: dict[str, Callable[..., Augmentation]] = {
    "none": Identity,
    "color": Color,
    "crop": Crop,
    "cutout": Cutout,
    "flip": Flip,
    "scale": Scale,
    "rotate": Rotate,
}


def _draw_operation(random: np.random.Generator, operations: Sequence[Operation]) -> str:
    return operations[int(random.integers(len(operations)))] if operations else "none"


def _draw_parameters(
    random: np.random.Generator, operation: str, count: int, height: int, width: int
) -> tuple[np.ndarray, ...]:
    """Draw `count` values of each parameter of an operation, in the order of its fields."""
    match operation:
        case "color":
            u = random.random((3, count))
            return u[0] - 0.5, 2 * u[1], u[2] + 0.5
        case "crop":
            return tuple(
                random.integers(-_largest_shift(size), _largest_shift(size) + 1, count)
                for size in (height, width)
            )
        case "cutout":
            return tuple(
                random.integers(0, size + 1 - _cutout_side(size) % 2, count) for size in (height, width)
            )
        case "flip":
            return (random.random(count) < 0.5,)
        case "scale":
            return tuple(random.uniform(1 / LARGEST_SCALE, LARGEST_SCALE, (2, count)))
        case "rotate":
            return (random.uniform(-LARGEST_ROTATION, LARGEST_ROTATION, count),)
    return ()


def _largest_shift(size: int) -> int:
    return int(size / 8 + 0.5)


def _cutout_side(size: int) -> int:
    return int(size / 2 + 0.5)


def _column(value: Number, images: Images) -> Float[Tensor, " _"]:
    """Parameter as a tensor of length 1 (whole batch) or N (per image)."""
    if isinstance(value, Tensor):
        return value.to(images)
    return torch.full((1,), float(value), dtype=images.dtype, device=images.device)


def _resample(images: Images, matrix: Float[Tensor, "_ 6"]) -> Images:
    theta = matrix.view(-1, 2, 3).expand(len(images), 2, 3)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _shifted(shift: Number, size: int, images: Images) -> tuple[Tensor, Tensor]:
    """Source positions [1 or N, size] clamped to the image, and a mask of those that were inside."""
    source = torch.arange(size, device=images.device) + _column(shift, images).long()[:, None]
    return source.clamp(0, size - 1), (source >= 0) & (source < size)


def _box_mask(centre: Number, size: int, images: Images) -> Tensor:
    """Mask [1 or N, size] of the positions that the box about `centre` covers."""
    side = _cutout_side(size)
    first = _column(centre, images).long()[:, None] - side // 2
    position = torch.arange(size, device=images.device)
    return (position >= first) & (position < first + side)
