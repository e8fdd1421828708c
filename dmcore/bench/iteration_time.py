"""Time of an iteration by its two halves, and of all iterations of a run (Algorithm 1)."""

import math
from dataclasses import dataclass

from dmcore.config import CondenseConfig


@dataclass(frozen=True)
class IterationTime:
    """Seconds of the two halves of an iteration."""

    real: float
    """A fresh real side: draw a network, embed every class's real batch."""
    synthetic: float
    """Match all synthetic sets with it, gradients and update included."""

    def seconds(self, config: CondenseConfig) -> float:
        """Predicted seconds of all iterations; with replay only some of them have a fresh real side."""
        fresh = math.ceil(config.iterations / (config.replay_every if config.replay else 1))
        return fresh * self.real + config.iterations * self.synthetic
