"""Digest of the losses that a run has recorded, stored with each checkpoint.

Every line of the event log has its own checksum; this one notices lines that are missing, or another run's.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32


class LossDigest:
    """Running SHA-256 of iterations and losses, in the order of the iterations."""

    def __init__(self, events: Iterable[dict[str, Any]] = (), iteration: int = 0) -> None:
        """Begin with the losses among `events` up to `iteration`; of equal iterations the last counts."""
        self._hash = hashlib.sha256()
        losses = {event["iteration"]: event["loss"] for event in events if event.get("loss")}
        for recorded in sorted(losses):
            if recorded <= iteration:
                self.add(recorded, losses[recorded])

    def add(
        self, iteration: int, loss: Mapping[str, Float32[np.ndarray, " class"] | Sequence[float]]
    ) -> None:
        """Add the losses of one more iteration, by set."""
        for name, values in loss.items():
            self._hash.update(f"{iteration} {name}".encode())
            self._hash.update(np.asarray(values, np.float32).tobytes())

    def hexdigest(self) -> str:
        """Digest of what was added so far, in hexadecimal digits."""
        return self._hash.hexdigest()
