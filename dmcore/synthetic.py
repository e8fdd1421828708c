"""A synthetic set while it is being learned: its pixels, their momentum, and the one step that changes them.

Pixels and momentum are all that grows with a set: `ActivationCheckpoint` is how a large one does without activations.

Section 4.1 of the paper: SGD on normalised pixels, labels fixed class by class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.autograd.function import once_differentiable

from dmcore.config import SetSpec
from dmcore.data.images import LabelledImages
from dmcore.randomness import numpy_generator, torch_generator

Pixels = Float[Tensor, "class image channel height width"]


@dataclass(eq=False)
class SyntheticSet:
    """The one owner of pixels that change; `pixels[c, i]` is image i of class c, normalised, unclamped."""

    spec: SetSpec
    pixels: Pixels
    momentum_buffer: Pixels
    """Momentum buffer of the pixels."""

    @classmethod
    def initial(cls, spec: SetSpec, real: LabelledImages, seed: int) -> "SyntheticSet":
        """The set before its first update.

        Raises:
            ValueError: a class has fewer real images than the start needs.
        """
        pixels = initial_images(spec, real, seed)
        return cls(spec, pixels, torch.zeros_like(pixels))

    @property
    def name(self) -> str:
        """Name of the set inside its run."""
        return self.spec.name

    @property
    def images(self) -> Float[Tensor, "image channel height width"]:
        """The pixels as one batch, class by class, as `evaluate` takes them."""
        return self.pixels.flatten(0, 1)

    @property
    def label(self) -> Int64[Tensor, " image"]:
        """Class of each of `images`."""
        classes, per_class = self.pixels.shape[:2]
        return torch.arange(classes, device=self.pixels.device).repeat_interleave(per_class)

    def sgd_step(self, gradient: Pixels) -> None:
        """One SGD step with momentum, for all classes together (Algorithm 1, last line)."""
        self.momentum_buffer.mul_(self.spec.momentum).add_(gradient)
        self.pixels.sub_(self.momentum_buffer, alpha=self.spec.image_lr)

    def state(self) -> dict[str, Tensor]:
        """Copies on the CPU of all that changes."""
        live = {f"{self.name}/pixels": self.pixels, f"{self.name}/momentum": self.momentum_buffer}
        return {key: value.detach().to("cpu", copy=True).contiguous() for key, value in live.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up the pixels and momentum that `state()` gave.

        Raises:
            ValueError: the state lacks this set, or its images have another shape.
        """
        for key, target in (
            (f"{self.name}/pixels", self.pixels),
            (f"{self.name}/momentum", self.momentum_buffer),
        ):
            if key not in state or state[key].shape != target.shape:
                raise ValueError(f"the stored state does not fit set {self.name!r}: start this run anew")
            target.copy_(state[key])


def initial_images(spec: SetSpec, real: LabelledImages, seed: int) -> Pixels:
    """Start images of a set: a function of the seed, and nested (10 per class contain 1 per class).

    Raises:
        ValueError: a class has fewer real images than `images_per_class`.
    """
    classes, (channels, height, width) = len(real.class_names), real.images.shape[1:]
    if spec.init == "noise":
        generator = torch_generator(seed, 0, "noise start")
        noise = torch.randn((spec.images_per_class, classes, channels, height, width), generator=generator)
        return noise.transpose(0, 1).contiguous().to(real.images.device)
    least, name = real.smallest_class
    if least < spec.images_per_class:
        raise ValueError(
            f"class {name!r} has {least} real image{'s' * (least != 1)}, fewer than {spec.images_per_class}: "
            f"ask for at most {least} images per class, leave that class out, or start from noise"
        )
    random = numpy_generator(seed, 0, "real start")
    chosen = [members[torch.from_numpy(random.permutation(len(members)))] for members in real.by_class]
    if spec.init == "wrong_class":
        chosen = chosen[1:] + chosen[:1]
    positions = torch.stack([members[: spec.images_per_class] for members in chosen])
    return real.statistics.normalise(real.images[positions])


class ActivationCheckpoint(torch.autograd.Function):
    """`apply(function, images)` is `function(images)`; for a gradient its activations are made again.

    Not `torch.utils.checkpoint`: that imports torch's compiler, two seconds and much memory in every process.
    """

    @staticmethod
    def forward(ctx: Any, function: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
        """The value alone; torch records nothing in here."""
        ctx.function = function
        ctx.save_for_backward(images)
        return function(images)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        """The gradient on the images, of a graph that lives no longer than this call."""
        images = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            value = ctx.function(images)
        return None, torch.autograd.grad(value, images, gradient)[0]
