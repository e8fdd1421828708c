"""What a network forgets while it is trained: images it named right at one visit and wrong at the next.

Forgetting events of Toneva et al., "An Empirical Study of Example Forgetting during Deep Neural Network
Learning" (ICLR 2019): an image is looked at when it is in the minibatch, before the update. Knows no images.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

EVENTS, LEARNED, RIGHT = "forgetting/events", "forgetting/learned", "forgetting/right"


@dataclass(frozen=True)
class ForgettingCounts:
    """What one training forgot, on the CPU."""

    events: Int64[Tensor, " image"]
    """How often each image was learned and then forgotten."""
    learned: Bool[Tensor, " image"]
    """Whether the network ever named it right."""

    @property
    def forgettability(self) -> Float64[Tensor, " image"]:
        """Events; infinitely many for an image that was never learned."""
        return self.events.double().masked_fill(~self.learned, torch.inf)


class ForgettingMeter:
    """The one owner of counts that grow during a training; nothing waits for the device.

    It sees what the network sees: minibatches as they were augmented, in train mode.
    """

    def __init__(
        self, events: Int64[Tensor, " image"], learned: Bool[Tensor, " image"], right: Bool[Tensor, " image"]
    ) -> None:
        self._events, self._learned, self._right = events, learned, right

    @classmethod
    def fresh(cls, count: int, device: torch.device) -> "ForgettingMeter":
        """Before the first visit: no image has been named right."""
        events = torch.zeros(count, dtype=torch.int64, device=device)
        return cls(events, events.bool(), events.bool())

    @classmethod
    def stored_in(cls, state: Mapping[str, Tensor], device: torch.device) -> "ForgettingMeter | None":
        """Go on from what `state()` gave; None where nobody counted."""
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
        """Count one visit of the images at these positions. Threads may bring different images at once."""
        right = logits.argmax(1) == label
        self._events[index] += self._right[index] & ~right
        self._learned[index] |= right
        self._right[index] = right

    def counts(self) -> ForgettingCounts:
        """The counts so far."""
        return ForgettingCounts(self._events.to("cpu", copy=True), self._learned.to("cpu", copy=True))

    def state(self) -> dict[str, Tensor]:
        """Copies on the CPU of all that changes.

        Whole numbers throughout: a truth value of a damaged file would read as true, so pass for sound.
        """
        live = {EVENTS: self._events, LEARNED: self._learned.byte(), RIGHT: self._right.byte()}
        return {key: one.to("cpu", copy=True) for key, one in live.items()}
