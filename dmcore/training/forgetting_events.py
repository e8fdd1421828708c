"""Counter of forgetting events: images classified correctly at one visit and wrongly at the next.

Forgetting events of Toneva et al., "An Empirical Study of Example Forgetting during Deep Neural Network
Learning" (ICLR 2019): an image is classified when it is in the minibatch, before the update.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

EVENTS, LEARNED, RIGHT = "forgetting/events", "forgetting/learned", "forgetting/right"


@dataclass(frozen=True)
class ForgettingCounts:
    """Forgetting events of one training, by image, on the CPU."""

    events: Int64[Tensor, " image"]
    """How often each image was learned and then forgotten."""
    learned: Bool[Tensor, " image"]
    """Whether the network ever classified it correctly."""

    @property
    def forgettability(self) -> Float64[Tensor, " image"]:
        """Number of events; infinity for an image that was never learned."""
        return self.events.double().masked_fill(~self.learned, torch.inf)


class ForgettingMeter:
    """Counter of forgetting events during a training; never waits for the device.

    It counts on augmented minibatches in train mode, as the network gets them.
    """

    def __init__(
        self, events: Int64[Tensor, " image"], learned: Bool[Tensor, " image"], right: Bool[Tensor, " image"]
    ) -> None:
        self._events, self._learned, self._right = events, learned, right

    @classmethod
    def fresh(cls, count: int, device: torch.device) -> "ForgettingMeter":
        """Create a meter for images that were not visited yet."""
        events = torch.zeros(count, dtype=torch.int64, device=device)
        return cls(events, events.bool(), events.bool())

    @classmethod
    def stored_in(cls, state: Mapping[str, Tensor], device: torch.device) -> "ForgettingMeter | None":
        """Restore a meter from `state()`; None if the state has no counts."""
        if EVENTS not in state:
            return None
        events, learned, right = (state[key].to(device, copy=True) for key in (EVENTS, LEARNED, RIGHT))
        return cls(events, learned.bool(), right.bool())

    def see(
        self,
        index: Int64[Tensor, " batch"],
        logits: Float[Tensor, "batch class"],
        label: Int64[Tensor, " batch"],
    ) -> None:
        """Count one visit of the images at these positions. Threads may pass different images at once."""
        right = logits.argmax(1) == label
        self._events[index] += self._right[index] & ~right
        self._learned[index] |= right
        self._right[index] = right

    def counts(self) -> ForgettingCounts:
        """The counts so far."""
        return ForgettingCounts(self._events.to("cpu", copy=True), self._learned.to("cpu", copy=True))

    def state(self) -> dict[str, Tensor]:
        """Copy all counts to the CPU, to be stored.

        Integers throughout: any byte of a damaged file is a valid boolean, so damage would go unnoticed.
        """
        live = {EVENTS: self._events, LEARNED: self._learned.byte(), RIGHT: self._right.byte()}
        return {key: tensor.to("cpu", copy=True) for key, tensor in live.items()}
