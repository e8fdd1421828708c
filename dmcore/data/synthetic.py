"""Synthetic set being learned: pixels, momentum buffer and the SGD step; activation checkpointing.

Section 4.1 of the paper: SGD on normalised pixels, labels fixed class by class. Only pixels and momentum grow
with a set: `ActivationCheckpoint` bounds the memory of the activations.
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
    """Synthetic images being optimised; `pixels[c, i]` is image i of class c, normalised, unclamped.

    The only owner of pixels that change.
    """

    spec: SetSpec
    pixels: Pixels
    momentum_buffer: Pixels
    """Momentum buffer of the pixels' SGD."""

    @classmethod
    def initial(cls, spec: SetSpec, real: LabelledImages, seed: int) -> "SyntheticSet":
        """Create the set as it is before its first update.

        Raises:
            ValueError: a class has fewer real images than the initialisation needs.
        """
        pixels = initial_images(spec, real, seed)
        return cls(spec, pixels, torch.zeros_like(pixels))

    @property
    def name(self) -> str:
        """Name of the set inside its run."""
        return self.spec.name

    @property
    def images(self) -> Float[Tensor, "image channel height width"]:
        """All synthetic images as one batch, class by class, as `evaluate` takes them."""
        return self.pixels.flatten(0, 1)

    @property
    def label(self) -> Int64[Tensor, " image"]:
        """Class label of each of `images`."""
        classes, per_class = self.pixels.shape[:2]
        return torch.arange(classes, device=self.pixels.device).repeat_interleave(per_class)

    def sgd_step(self, gradient: Pixels) -> None:
        """One SGD step with momentum, for all classes together (Algorithm 1, last line)."""
        self.momentum_buffer.mul_(self.spec.momentum).add_(gradient)
        self.pixels.sub_(self.momentum_buffer, alpha=self.spec.image_lr)

    def copy(self) -> "SyntheticSet":
        """Copy that later steps do not change."""
        return SyntheticSet(self.spec, self.pixels.clone(), self.momentum_buffer.clone())

    def state(self) -> dict[str, Tensor]:
        """Copy pixels and momentum to the CPU, for a checkpoint."""
        live = {f"{self.name}/pixels": self.pixels, f"{self.name}/momentum": self.momentum_buffer}
        return {key: value.detach().to("cpu", copy=True).contiguous() for key, value in live.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Load the pixels and momentum of `state()`.

        Raises:
            ValueError: this set is missing in the state, or its images have another shape.
        """
        for key, target in (
            (f"{self.name}/pixels", self.pixels),
            (f"{self.name}/momentum", self.momentum_buffer),
        ):
            if key not in state or state[key].shape != target.shape:
                raise ValueError(f"the stored state does not fit set {self.name!r}: start this run anew")
            target.copy_(state[key])


def initial_images(spec: SetSpec, real: LabelledImages, seed: int) -> Pixels:
    """Initial images of a set, normalised: a function of the seed, nested (10 per class contain 1).

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
    """Activation checkpointing of `function(images)`: recomputed in the backward pass.

    Not `torch.utils.checkpoint`: that imports torch's compiler, two seconds and much memory in every process.
    """

    @staticmethod
    def forward(ctx: Any, function: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
        """Compute the value; torch records no graph in here."""
        ctx.function = function
        ctx.save_for_backward(images)
        return function(images)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        """Recompute, with a graph that lives no longer than this call; the gradient on the images."""
        images = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            value = ctx.function(images)
        return None, torch.autograd.grad(value, images, gradient)[0]
