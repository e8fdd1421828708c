"""Request for a pool of trained networks: data set, architecture and number of networks."""

from dmcore.config import Count, FrozenModel, PoolConfig


class PoolRequest(FrozenModel):
    """A pool of trained networks, as pages request it and jobs build it."""

    dataset: str
    """Name of the data set, as `load_dataset` takes it."""
    config: PoolConfig
    """Architecture and length of the training."""
    networks: Count
    """Number of networks that the pool should have."""

    def same_pool(self, other: "PoolRequest") -> bool:
        """Whether it is the same pool, to whatever size."""
        return (self.dataset, self.config) == (other.dataset, other.config)
