"""Request for a pool of trained networks: data set, architecture and number of networks."""

import shlex

from dmcore.config import Count, FrozenModel, PoolConfig


class PoolRequest(FrozenModel):
    """A pool of trained networks, as tables need it, pages request it and jobs build it."""

    dataset: str
    """Name of the data set, as `load_dataset` takes it."""
    config: PoolConfig
    """Architecture and length of the training."""
    networks: Count
    """Number of networks that the pool should have."""

    @property
    def pool(self) -> tuple[str, PoolConfig]:
        """The pool, to whatever size: its data set and configuration."""
        return self.dataset, self.config

    @property
    def command_line(self) -> str:
        """Equivalent shell command that builds it; defaults are left out."""
        words = ["dmcore", "pool", "build", "--dataset", self.dataset, "--networks", str(self.networks)]
        for name, default in PoolConfig():
            if (value := getattr(self.config, name)) != default:
                flag = f"--{name.replace('_', '-')}"
                words += [flag] if value is True else [flag, str(value)]
        return shlex.join(words)
