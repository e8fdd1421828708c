"""Condensation by any method: the generator and the execution plan that a configuration asks for.

Distribution matching is in `matching.py`, gradient matching (DC, DSA) in `gradient_matching.py`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import overload

from torch import Tensor

from dmcore import gradient_matching, matching
from dmcore.config import CondenseConfig, MethodConfig, Precision
from dmcore.data.images import DataSet
from dmcore.embedding.sources import embedding_networks
from dmcore.execution import plan as distribution_matching_plan
from dmcore.execution.plan import Plan
from dmcore.gradient_matching import OuterStep
from dmcore.gradients.plan import check_gradient_matching, make_gradient_plan
from dmcore.matching import Step


@overload
def condense(
    dataset: DataSet,
    config: CondenseConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
    cache: Path | None = None,
) -> Iterator[Step]: ...


@overload
def condense(
    dataset: DataSet,
    config: MethodConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
    cache: Path | None = None,
) -> Iterator[Step | OuterStep]: ...


def condense(
    dataset: DataSet,
    config: MethodConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
    cache: Path | None = None,
) -> Iterator[Step | OuterStep]:
    """Learn the synthetic sets of a configuration by its method.

    Yields the initial sets, then a `Step` per iteration; of gradient matching also an `OuterStep` for each
    matching step. Arguments and errors as of `matching.condense`.
    """
    if isinstance(config, CondenseConfig):
        return matching.condense(dataset, config, plan=plan, state=state, iteration=iteration, cache=cache)
    return gradient_matching.condense(dataset, config, plan=plan, state=state, iteration=iteration)


def check_before_run(config: MethodConfig, dataset: DataSet, plan: Plan) -> None:
    """Raise if a condensation cannot begin: to be asked before a run is created.

    Raises:
        ValueError: a pool of networks that is not there, or what gradient matching refuses.
    """
    if isinstance(config, CondenseConfig):
        embedding_networks(config, dataset, plan)
    else:
        check_gradient_matching(config, dataset, plan)


def make_plan(
    config: MethodConfig,
    shape: tuple[int, int, int],
    classes: int,
    device: str = "auto",
    threads: int | None = None,
    precision: Precision = "float32",
) -> Plan:
    """Make the execution plan of a run on this machine; arguments as of `execution.plan.make_plan`.

    Raises:
        ValueError: the device or precision does not work here, or it needs more memory than is free.
    """
    if isinstance(config, CondenseConfig):
        return distribution_matching_plan.make_plan(config, shape, classes, device, threads, precision)
    if precision != "float32":
        raise ValueError(f"gradient matching has no precision {precision}: leave --precision out")
    return make_gradient_plan(config, shape, classes, device, threads)
