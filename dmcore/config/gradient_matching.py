"""Settings of gradient matching: DC (Zhao, Mopuri & Bilen, ICLR 2021) and DSA (Zhao & Bilen, ICML 2021).

Defaults are the published code's. Loops are published for some images per class only: others must be given.
"""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from dmcore.config.models import Count, ImageCount, Init, MatchingConfig, Operation, Rate, Seed, SetSpec

GradientDistance = Literal["ours", "mse", "cos"]


class Loops(NamedTuple):
    """Loops of an iteration of gradient matching."""

    outer: int
    """Matching steps, each with one update of the pixels."""
    inner: int
    """Epochs that the network is trained on the synthetic set after each matching step but the last."""


PUBLISHED_LOOPS: dict[int, Loops] = {
    1: Loops(1, 1),
    10: Loops(10, 50),
    20: Loops(20, 25),
    30: Loops(30, 20),
    40: Loops(40, 15),
    50: Loops(50, 10),
}
"""Loops of an iteration by images per class."""


class GradientMatchingConfig(MatchingConfig):
    """Settings that DC and DSA share."""

    iterations: Count = 1000
    """Fresh networks, one after the other; each is matched with and trained for the loops of an iteration."""
    real_batch: Annotated[ImageCount, Field(title="Real images per class and matching step")] = 256
    """Real images drawn per class and matching step; more give a steadier gradient and cost time."""
    image_lr: Annotated[Rate, Field(title="Learning rate of the pixels")] = 0.1
    """Learning rate of the pixels."""
    seed: Seed = 0
    """Every random choice follows from this number."""
    distance: Annotated[GradientDistance, Field(title="Distance of gradients")] = "ours"
    """Distance of two gradients: ours (cosine per output row and layer), mse, or cos (of all joined)."""
    outer_steps: Annotated[Count | None, Field(title="Matching steps of an iteration")] = None
    """Matching steps with one network; left open, as published for the images per class."""
    inner_epochs: Annotated[Count | None, Field(title="Epochs between matching steps")] = None
    """Epochs of the network on the synthetic set between two matching steps; left open, as published."""
    network_lr: Annotated[Rate, Field(title="Learning rate of the network")] = 0.01
    """Learning rate of the network between matching steps: SGD without momentum and weight decay."""
    network_batch: Annotated[ImageCount, Field(title="Batch of the network's training")] = 256
    """Synthetic images per batch of the network's training."""

    @model_validator(mode="after")
    def _loops_are_known(self) -> "GradientMatchingConfig":
        _ = self.loops
        return self

    @property
    def loops(self) -> Loops:
        """Loops of an iteration.

        Raises:
            ValueError: they are neither given nor published for these images per class.
        """
        published = PUBLISHED_LOOPS.get(self.images_per_class)
        outer = self.outer_steps or (published and published.outer)
        inner = self.inner_epochs or (published and published.inner)
        if outer is None or inner is None:
            *sizes, largest = PUBLISHED_LOOPS
            raise ValueError(
                f"gradient matching has no published loops for {self.images_per_class} images per class: "
                f"take {', '.join(map(str, sizes))} or {largest}, or give outer_steps and inner_epochs"
            )
        return Loops(outer, inner)

    @property
    def real_batches_per_iteration(self) -> float:
        """Real batches of a class per iteration: one for each matching step."""
        return float(self.loops.outer)

    def all_sets(self) -> tuple[SetSpec, ...]:
        """Settings of the one synthetic set of the run."""
        name = f"{self.init}-{self.images_per_class}"
        shared = {field: getattr(self, field) for field in SetSpec.model_fields if field != "name"}
        return (SetSpec(name=name, **shared),)


class DcConfig(GradientMatchingConfig):
    """Settings of DC: gradient matching without augmentation, from noise; `DcConfig()` is as published."""

    method: Literal["dc"] = "dc"
    """Gradient matching without augmentation."""
    init: Annotated[Init, Field(title="Start from")] = "noise"
    """Where the images start: real images, noise, or real images of the next class."""

    @property
    def operations(self) -> tuple[Operation, ...] | None:
        """None: DC augments nothing."""
        return ()


class DsaConfig(GradientMatchingConfig):
    """Settings of DSA: gradient matching with Siamese augmentation; `DsaConfig()` is as published."""

    method: Literal["dsa"] = "dsa"
    """Gradient matching with differentiable Siamese augmentation."""
    augment: Annotated[tuple[Operation, ...] | None, Field(title="Augmentation")] = None
    """Operations shared by real and synthetic images; left open, all six (digits: all but flip)."""

    @model_validator(mode="after")
    def _operations_differ(self) -> "DsaConfig":
        if self.augment is not None and len(set(self.augment)) < len(self.augment):
            raise ValueError("augment lists an operation twice: name each operation once")
        return self

    @property
    def operations(self) -> tuple[Operation, ...] | None:
        """Operations of the strategy; None: all that keep the label."""
        return self.augment
