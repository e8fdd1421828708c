"""Noise floor of a run: the real-against-real distance, measured at a few iterations while it runs."""

from functools import cached_property
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import EmbeddingNetworks
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan
from dmcore.matching import Step, noise_floor


class NoiseFloorMeter:
    """Measures the noise floor at iterations 1, 2, 4, 8 ...: it changes slowly and costs a real batch."""

    def __init__(self, dataset: DataSet, config: CondenseConfig, plan: Plan, cache: Path | None) -> None:
        self._dataset, self._config, self._plan, self._cache = dataset, config, plan, cache

    def measure(self, step: Step) -> Float[Tensor, " class"] | None:
        """Distance between two real batches per class, on the device; None where it is not due."""
        if step.side is None or step.iteration & (step.iteration - 1):
            return None
        network = self._networks.at(step.side.draw)
        return noise_floor(self._dataset.train, network, step.side, self._config, self._plan)

    @cached_property
    def _networks(self) -> EmbeddingNetworks:
        return embedding_networks(self._config, self._dataset, self._plan, self._cache)
