"""The real-against-real distance of a run in progress: the floor under its loss, measured now and then."""

from functools import cached_property
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import Networks
from dmcore.embedding.sources import networks_of
from dmcore.execution.plan import Plan
from dmcore.matching import Step, floor


class FloorMeter:
    """Measures at iterations 1, 2, 4, 8 ...: the floor changes slowly and costs a real side each time."""

    def __init__(self, dataset: DataSet, config: CondenseConfig, plan: Plan, cache: Path | None) -> None:
        self._dataset, self._config, self._plan, self._cache = dataset, config, plan, cache

    def measure(self, step: Step) -> Float[Tensor, " class"] | None:
        """The distance per class, on the device; None where it is not due."""
        if step.side is None or step.iteration & (step.iteration - 1):
            return None
        network = self._networks.at(step.side.draw)
        return floor(self._dataset.train, network, step.side, self._config, self._plan)

    @cached_property
    def _networks(self) -> Networks:
        return networks_of(self._config, self._dataset, self._plan, self._cache)
