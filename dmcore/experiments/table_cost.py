"""Cost of a table before it is run: what is there, the work that is left, and a table for a given time.

Torch is not needed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dmcore.config import TrainingConfig
from dmcore.config.formatting import counted, duration, grouped
from dmcore.execution.cost import (
    NO_WORKLOAD,
    DataShape,
    Workload,
    condensation_workload,
    testing_workload,
    total_workload,
    training_workload,
    whole_set_workload,
)
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, Results, complete, networks_needed
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.experiments.table_config import Config

TRAINED_SELECTIONS = ("herding", "k_center", "forgetting", "least_forgotten")
"""Selections that use a network trained on all real images."""
CURVE_IMAGES, CURVE_POINTS = 1000, 8
"""Tests of the first network of a cell while it learns: images of each, and how many."""
FEWEST_ITERATIONS, FEWEST_EPOCHS = 50, 20
"""A table for a given time has no fewer."""


@dataclass(frozen=True)
class TableCost:
    """Work that is left of a table, and its cells."""

    workload: Workload
    present: int
    """Complete cells."""
    cells: int


def table_cost(
    results: Results,
    data: DataShape,
    workers: int,
    is_present: Callable[[Recipe], bool] = lambda recipe: False,
) -> TableCost:
    """Count what is left to do of a table.

    Args:
        results: its results so far.
        data: its data set.
        workers: networks that are trained side by side.
        is_present: whether the sets of a recipe are on disk; those of tested cells are.
    """
    table, stored = results.table, results.cell_results
    groups: dict[str, tuple[Recipe, list[int]]] = {}
    for index, cell in enumerate(table.cells):
        recipe = cell.recipe.within(data.smallest_class)
        if recipe is not None and not complete(cell, stored.get(index)):
            groups.setdefault(recipe.group_key, (recipe, []))[1].append(index)
    workloads: list[Workload] = []
    trainings: set[TrainingConfig] = set()
    for recipe, group in groups.values():
        if not any(stored.get(index, CellResult()).run for index in group) and not is_present(recipe):
            workloads += _creation(recipe, data, trainings)
        workloads += (
            _evaluation(table, table.cells[index], stored.get(index), data, workers) for index in group
        )
    present = sum(complete(cell, stored.get(index)) for index, cell in enumerate(table.cells))
    return TableCost(total_workload(workloads), present, len(table.cells))


def _creation(recipe: Recipe, data: DataShape, trainings: set[TrainingConfig]) -> Iterator[Workload]:
    """Work of the images of a recipe; each network on all real images is trained once."""
    if recipe.condense is not None:
        yield condensation_workload(recipe.condense, data)
    needs_network = recipe.method == "whole" or recipe.method in TRAINED_SELECTIONS
    if needs_network and recipe.training is not None and recipe.training not in trainings:
        trainings.add(recipe.training)
        yield whole_set_workload(recipe.training, data)


def _evaluation(
    table: Table, cell: Cell, result: CellResult | None, data: DataShape, workers: int
) -> Workload:
    """Work of the networks that a cell lacks."""
    if cell.recipe.method == "whole":
        return NO_WORKLOAD
    tested = len(result.network_results) if result is not None else 0
    images = (result.images if result is not None else 0) or data.classes * cell.recipe.images_per_class
    networks = training_workload(
        cell.network, images, networks_needed(cell) - tested, table.protocol, data, workers
    )
    if tested:
        return networks
    curve = CURVE_POINTS * min(CURVE_IMAGES, data.test)
    return networks + testing_workload(cell.network, curve, 1, data)


def table_within(
    config: Config,
    facts: DataFacts,
    seconds: float,
    seconds_of: Callable[[Table], float],
    cache: Path | None = None,
) -> tuple[Config, str]:
    """Choose the sizes of a table for a given time; only those that are left open are changed.

    First fewer networks, then fewer independent sets, then shorter condensations and trainings, at last fewer
    sizes, the largest first: what is left is always compared fairly.

    Args:
        config: the table.
        facts: its data set.
        seconds: the given time.
        seconds_of: how long what is left of a table takes.
        cache: folder of the pools of trained networks.

    Returns:
        The table, and a sentence on what was chosen.
    """
    chosen, needed = config, 0.0
    for chosen in _smaller(config, config.resolved(facts, cache)):
        needed = seconds_of(chosen.table(facts, cache))
        if needed <= seconds:
            break
    filled = chosen.resolved(facts, cache)
    assert filled.repeats is not None
    assert filled.seeds is not None
    assert filled.iterations is not None
    assert filled.epochs is not None
    sizes = f", {', '.join(map(str, filled.images_per_class))} per class" if filled.images_per_class else ""
    what = (
        f"{counted(filled.repeats, 'network')} on each of {counted(filled.seeds, 'set')}, "
        f"{grouped(filled.iterations)} iterations, {grouped(filled.epochs)} epochs{sizes}"
    )
    if needed > seconds:
        return chosen, f"Even the smallest table does not fit into {duration(seconds)}: {what}."
    return chosen, f"Chosen for {duration(seconds)}: {what}."


def _smaller(config: Config, filled: Config) -> Iterator[Config]:
    """The table, and ever smaller ones."""
    yield config
    for name, values in (("repeats", (2, 1)), ("seeds", (3, 2, 1))):
        for value in values if getattr(config, name) is None else ():
            if value < getattr(filled, name):
                config = config.model_copy(update={name: value})
                yield config
    least = {"iterations": FEWEST_ITERATIONS, "epochs": FEWEST_EPOCHS}
    lengths = {name: getattr(filled, name) for name in least if getattr(config, name) is None}
    while any(lengths[name] > least[name] for name in lengths):
        lengths = {name: max(min(least[name], length), length // 2) for name, length in lengths.items()}
        config = config.model_copy(update=lengths)
        yield config
    sizes = filled.images_per_class if not config.images_per_class else ()
    for count in range(len(sizes) - 1, 0, -1):
        config = config.model_copy(update={"images_per_class": tuple(sorted(sizes))[:count]})
        yield config
