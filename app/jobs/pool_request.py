"""Which pool of trained networks is asked for, and how much of it. A value; must not import torch."""

from dmcore.config import Choice, Count, PoolConfig


class AskedPool(Choice):
    """A pool as pages and jobs name it."""

    dataset: str
    """What `load_dataset` takes."""
    config: PoolConfig
    """The architecture and how long it is trained."""
    networks: Count
    """How many there should be."""

    def same(self, other: "AskedPool") -> bool:
        """Whether it is the same pool, to whatever size."""
        return (self.dataset, self.config) == (other.dataset, other.config)
