"""Cost of a table before it is run: what is there, the work that is left, and a table for a given time.

Torch is not needed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dmcore.config import TrainingConfig
from dmcore.config.formatting import counted, duration, grouped
from dmcore.execution.cost import (
    NO_WORKLOAD,
    DataShape,
    Estimate,
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
from dmcore.experiments.table_config import Config, TableConfig

if TYPE_CHECKING:
    from dmcore.execution.job_timer import JobTimer
    from dmcore.experiments.runner import TableEvent

TRAINED_SELECTIONS = ("herding", "k_center", "k_means", "forgetting", "least_forgotten")
"""Selections that use a network trained on all real images."""
CURVE_IMAGES, CURVE_POINTS = 1000, 8
"""Tests of the first network of a cell while it learns: images of each, and how many."""
SIZE_FIELDS = ("repeats", "seeds", "iterations", "epochs", "images_per_class")
FEWEST_ITERATIONS, FEWEST_EPOCHS = 50, 20
"""A table for a given time has no fewer."""
FINISHED_SECONDS, MOST_SETS = 5.0, 20
"""A table that takes less is as good as done: a given time is for more independent sets, at most so many."""


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


class TableTimer:
    """Timer of a table at work, driven by its events."""

    def __init__(
        self, results: Results, data: DataShape, workers: int, start: Callable[[Workload], "JobTimer"]
    ) -> None:
        """Begin a table.

        Args:
            results: its results so far.
            data: its data set.
            workers: networks that are trained side by side.
            start: starts the timer of what is left.
        """
        self._results, self._data, self._workers = results, data, workers
        self._created: set[str] = set()
        self._step, self._set_done = "", 0.0
        workload = self._cost()
        self.timer = start(workload)
        self._total = self._left = self.timer.seconds_of(workload)
        self.timer.take(0.0)

    def take(self, event: "TableEvent") -> None:
        """Take an event of the table."""
        from dmcore.experiments.runner import CellTraining, CellUpdate
        from dmcore.experiments.sets import SetProgress

        match event:
            case SetProgress(step=step, done=done, cells=cells) if cells:
                self._step = self._step or step
                if step == self._step:  # the steps after the first choose images, in passing
                    self._set_done = done
                creation = total_workload(_creation(self._recipe(cells[0]), self._data, set()))
                self._done(creation, self._set_done)
            case CellTraining(cell=index, training=training):
                cell, self._step, self._set_done = self._results.table.cells[index], "", 0.0
                if (key := self._recipe(index).group_key) not in self._created:
                    self._created.add(key)
                    self._count_left()
                    self._skip_present()
                one = cell.model_copy(update={"repeats": 1})
                training_round = _evaluation(self._results.table, one, None, self._data, self._workers)
                self._done(training_round, training.epoch / (training.epochs + 1))
            case CellUpdate(results=results, fresh=fresh):
                self._results, self._step, self._set_done = results, "", 0.0
                self._count_left()
                if not fresh:
                    self._skip_present()
                self._done(NO_WORKLOAD, 0.0)

    @property
    def estimate(self) -> Estimate:
        """What the table costs, with the cells that are there already."""
        present = table_cost(self._results, self._data, self._workers)
        return replace(self.timer.estimate, present=present.present, parts=present.cells)

    def close(self) -> None:
        """Correct the recorded speeds by how long it took."""
        self.timer.close()

    def _recipe(self, index: int) -> Recipe:
        """Recipe of a cell, as the table is run with it."""
        recipe = self._results.table.cells[index].recipe
        return recipe.within(self._data.smallest_class) or recipe

    def _cost(self) -> Workload:
        def is_created(recipe: Recipe) -> bool:
            return recipe.group_key in self._created

        return table_cost(self._results, self._data, self._workers, is_created).workload

    def _count_left(self) -> None:
        self._left = min(self._left, self.timer.seconds_of(self._cost()))

    def _skip_present(self) -> None:
        """Skip what was not at work but is there: sets of other tables, and cached networks."""
        share = 1 - self._left / self._total - self.timer.fraction if self._total else 0.0
        self.timer.skip(max(0.0, share))

    def _done(self, part: Workload, share: float) -> None:
        """Take a share of the part that is at work, beside what is done for good."""
        self.timer.work_on(part)
        left = max(0.0, self._left - share * self.timer.seconds_of(part))
        self.timer.take(max(self.timer.fraction, 1 - left / self._total if self._total else 1.0))


def table_within(
    config: Config,
    facts: DataFacts,
    seconds: float,
    seconds_of: Callable[[Table], float],
    cache: Path | None = None,
    fields: Sequence[str] = SIZE_FIELDS,
) -> tuple[Config, str]:
    """Choose the sizes of a table for a given time; only those that are left open are changed.

    First fewer networks, then fewer independent sets, then shorter condensations and trainings, at last fewer
    images per class: what is left is always compared fairly. Where the whole table is done, more sets.

    Args:
        config: the table.
        facts: its data set.
        seconds: the given time.
        seconds_of: how long what is left of a table takes.
        cache: folder of the pools of trained networks.
        fields: which sizes may be chosen.

    Returns:
        The table, and a sentence on what was chosen.
    """
    chosen, needed = config, 0.0
    open_fields = [name for name in fields if getattr(config, name) in (None, ())]
    for chosen in _smaller(config, _full_sizes(config, facts, cache), open_fields):
        needed = seconds_of(chosen.table(facts, cache))
        if needed <= seconds:
            break
    filled = _full_sizes(chosen, facts, cache)
    if chosen == config and needed < FINISHED_SECONDS and "seeds" in open_fields:
        for seeds in range(filled.seeds + 1, MOST_SETS + 1):
            more = config.model_copy(update={"seeds": seeds})
            longer = seconds_of(more.table(facts, cache))
            if longer > seconds:
                break
            chosen, needed = more, longer
        filled = _full_sizes(chosen, facts, cache)
    sizes = ", ".join(map(str, filled.images_per_class))
    fewest, most = grouped(filled.iterations), grouped(filled.most_iterations)
    what = (
        f"{counted(filled.repeats, 'network')} on {'each of ' if filled.seeds > 1 else ''}"
        f"{counted(filled.seeds, 'set')}, "
        f"{fewest if fewest == most else f'{fewest} to {most}'} iterations, "
        f"{grouped(filled.epochs)} epochs, {sizes} per class"
    )
    if needed > seconds:
        return chosen, f"Even the smallest table takes about {duration(needed)}: {what}."
    return chosen, f"Chosen for {duration(seconds)}: {what}, about {duration(needed)}."


@dataclass(frozen=True)
class _Sizes:
    """Sizes of a table, none left open."""

    repeats: int
    seeds: int
    iterations: int
    """Fewest of a condensation by DM, where they differ; DC and DSA have their own, which stay."""
    most_iterations: int
    epochs: int
    images_per_class: tuple[int, ...]


def _full_sizes(config: TableConfig, facts: DataFacts, cache: Path | None) -> _Sizes:
    filled, settings = config.resolved(facts, cache), config.settings(facts)
    condensations = [cell.recipe.dm_config for cell in config.table(facts, cache).cells]
    lengths = {condense.iterations for condense in condensations if condense is not None}
    lengths = lengths or {settings.condense.iterations}
    return _Sizes(
        repeats=filled.repeats or settings.repeats,
        seeds=filled.seeds or len(settings.seeds),
        iterations=min(lengths),
        most_iterations=max(lengths),
        epochs=filled.epochs or settings.protocol.epochs,
        images_per_class=tuple(sorted(filled.images_per_class)),
    )


def _smaller(config: Config, sizes: _Sizes, fields: Sequence[str]) -> Iterator[Config]:
    """The table, and ever smaller ones, by changing these fields."""
    yield config
    for name, values in (("repeats", (2, 1)), ("seeds", (3, 2, 1))):
        for value in values if name in fields else ():
            if value < getattr(sizes, name):
                config = config.model_copy(update={name: value})
                yield config
    least = {"iterations": FEWEST_ITERATIONS, "epochs": FEWEST_EPOCHS}
    lengths = {name: getattr(sizes, name) for name in least if name in fields}
    while any(lengths[name] > least[name] for name in lengths):
        lengths = {name: max(min(least[name], length), length // 2) for name, length in lengths.items()}
        config = config.model_copy(update=lengths)
        yield config
    counts = sizes.images_per_class if "images_per_class" in fields else ()
    for fewer in range(len(counts) - 1, 0, -1):
        config = config.model_copy(update={"images_per_class": counts[:fewer]})
        yield config
