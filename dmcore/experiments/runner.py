"""Run a table: create its sets, train classifiers on them, and store the result of each cell as it arrives.

Stored results are not computed again, so an interrupted table is resumed. A cell that cannot be computed gets
a reason in a sentence, and the others go on.
"""

import math
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from dmcore.data.images import DataSet
from dmcore.execution.operation_count import image_operations
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.results import (
    CellResult,
    NetworkResult,
    Results,
    complete,
    read_results,
    results_file,
    write_results,
)
from dmcore.experiments.sets import PreparedSet, Roots, SetProgress, prepare_sets
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.files.atomic import StorageError, storage_errors_explained
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import used
from dmcore.training.result_cache import TrainingEpoch, evaluate_cached
from dmcore.training.result_cache_files import CachedResult
from dmcore.training.whole_set import load_trained, train_whole

LOCK_SECONDS = 1.0
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class CellTraining:
    """Event: an epoch of a network that is trained for a cell."""

    cell: int
    """Index of the cell in the table."""
    training: TrainingEpoch


@dataclass(frozen=True)
class CellUpdate:
    """Event: a cell has a new result, or a reason why it has none; with all results so far."""

    cell: int
    """Index of the cell in the table."""
    results: Results
    fresh: bool
    """Whether a network was trained for it just now, not read from the cache."""


TableEvent = SetProgress | CellTraining | CellUpdate


def run_table(
    table: Table, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[TableEvent, None, None]:
    """Compute all cells, one seed after the other: after the first seed each row and column has a number.

    Closing the generator loses no result that was yielded.

    Args:
        table: the table.
        dataset: its data set.
        roots: folders of runs and cached results.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; if None, all that this process may use.

    Raises:
        ValueError: another process runs this table, or the device does not work here.
        StorageError: the disk is full or refuses.
    """
    file = results_file(roots.runs, table)
    lock = FileLock(file.with_suffix(".lock"), thread_local=False)
    with storage_errors_explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as timeout:
            raise ValueError("another process runs this table: watch it there, or stop it first") from timeout
    try:
        yield from _TableRun(table, dataset, roots, device, threads).events()
    finally:
        lock.release()


class _TableRun:
    """Owner of the results while a table is run."""

    def __init__(
        self, table: Table, dataset: DataSet, roots: Roots, device: str, threads: int | None
    ) -> None:
        self._table, self._dataset, self._roots = table, dataset, roots
        self._device, self._threads = device, threads
        self._plan = evaluation_plan(device, threads)
        stored = read_results(roots.runs, table, dataset.digest)
        self._results = stored.model_copy(update={"data": dataset.digest, "notes": ()})

    def events(self) -> Iterator[TableEvent]:
        """Run the recipes by seed, learned sets first, then in the order of the rows; each for all its cells.

        The cells of a recipe are tested in the order of what that costs, so that numbers come soon.
        """
        groups: dict[str, tuple[Recipe, list[int]]] = {}
        least, smallest = self._dataset.train.smallest_class
        for index, cell in enumerate(self._table.cells):
            recipe = cell.recipe.within(least)
            if recipe is None:
                yield self._failed(
                    index,
                    self._results.cell_results.get(index, CellResult()),
                    f"class {smallest!r} has {least} real image{'s' * (least != 1)}, fewer than "
                    f"{cell.recipe.images_per_class}: ask for at most {least} images per class, "
                    "or leave that class out",
                )
            else:
                groups.setdefault(recipe.group_key, (recipe, []))[1].append(index)
        in_turn = sorted(groups.values(), key=lambda pair: (pair[0].seed, pair[0].dm_config is None))
        for recipe, group in in_turn:
            if self._is_complete(group):
                yield from (CellUpdate(index, self._results, fresh=False) for index in group)
                continue
            try:
                if recipe.method == "whole":
                    yield from self._whole(recipe, group)
                    continue
                events = prepare_sets(recipe, self._dataset, self._roots, self._device, self._threads)
                sets = yield from _with_cells(group, events)
            except StorageError:
                raise
            except ValueError as refusal:
                for index in group:
                    earlier = self._results.cell_results.get(index, CellResult())
                    yield self._failed(index, earlier, str(refusal))
                continue
            with ExitStack() as until_tested:
                for run in {prepared.run.path for prepared in sets.values()}:
                    until_tested.enter_context(used(run))
                for index in sorted(group, key=self._test_operations):
                    yield from self._evaluate(index, sets[self._table.cells[index].recipe.images_per_class])

    def _test_operations(self, index: int) -> float:
        """Operations, but for a factor, of training the network of a cell."""
        cell, data = self._table.cells[index], self._dataset
        try:
            each = image_operations(cell.network, data.shape, len(data.class_names))
        except ValueError:  # its evaluation says why it cannot be built
            return math.inf
        return float(cell.recipe.images_per_class * each)

    def _is_complete(self, group: list[int]) -> bool:
        """Whether nothing is left to do for cells whose sets are created together."""
        recipe = self._table.cells[group[0]].recipe
        pinned = recipe.method != "run" or recipe.iteration is not None
        return pinned and all(
            complete(self._table.cells[index], self._results.cell_results.get(index)) for index in group
        )

    def _whole(self, recipe: Recipe, group: list[int]) -> Generator[TableEvent, None, None]:
        """The reference: the cached network trained on all real images."""
        assert recipe.training is not None
        network = load_trained(self._dataset, recipe.training, self._roots.cache)
        fresh = network is None
        if network is None:
            for event in train_whole(self._dataset, recipe.training, self._roots.cache, self._plan):
                what = f"training a network on all real images, seed {recipe.training.seed}"
                yield SetProgress(what, event.fraction, cells=tuple(group))
            network = load_trained(self._dataset, recipe.training, self._roots.cache)
        if network is None:
            raise ValueError("the trained network's file is damaged: run it again")
        for index in group:
            result = CellResult(
                digest=self._dataset.digest,
                images=len(self._dataset.train),
                description=network.sentence,
                network_results=(NetworkResult(repeat=recipe.training.seed, accuracy=network.accuracy),),
            )
            yield self._update(index, result, fresh and index == group[0])

    def _evaluate(self, index: int, prepared: PreparedSet) -> Generator[TableEvent, None, None]:
        cell = self._table.cells[index]
        result = CellResult(
            digest=prepared.images.digest,
            run=prepared.run.id,
            set=prepared.set,
            iteration=prepared.iteration,
            images=len(prepared.images.images),
            description=prepared.description,
        )
        earlier = self._results.cell_results.get(index)
        networks: dict[int, NetworkResult] = {}
        if earlier and earlier.digest == result.digest:
            networks = {network.repeat: network for network in earlier.network_results}

        def with_networks() -> CellResult:
            ordered = tuple(networks[repeat] for repeat in sorted(networks))
            return result.model_copy(update={"network_results": ordered})

        try:
            for event in self._cached_results(cell, prepared):
                if isinstance(event, TrainingEpoch):
                    yield CellTraining(index, event)
                    continue
                networks[event.repeat] = self._network_result(event)
                yield self._update(index, with_networks(), event.fresh)
                if event.fresh:
                    _refuse_if_gone(prepared.run)
        except StorageError:
            raise
        except ValueError as refusal:
            yield self._failed(index, with_networks(), str(refusal))

    def _cached_results(self, cell: Cell, prepared: PreparedSet) -> Iterator[CachedResult | TrainingEpoch]:
        return evaluate_cached(
            prepared.images,
            self._dataset,
            cell.network,
            range(cell.repeats),
            self._table.protocol,
            self._roots.cache,
            self._plan,
        )

    def _network_result(self, cached: CachedResult) -> NetworkResult:
        file = str(cached.file.relative_to(self._roots.cache))
        return NetworkResult(repeat=cached.repeat, accuracy=cached.accuracy, curve=cached.curve, file=file)

    def _failed(self, index: int, result: CellResult, sentence: str) -> CellUpdate:
        """Store the reason of a failure; networks that were tested before stay in the result."""
        return self._update(index, result.model_copy(update={"failure": sentence}), fresh=False)

    def _update(self, index: int, result: CellResult, fresh: bool) -> CellUpdate:
        if self._results.cell_results.get(index) != result:
            cell_results = {**self._results.cell_results, index: result}
            self._results = self._results.model_copy(update={"cell_results": cell_results})
            write_results(self._roots.runs, self._results)
        return CellUpdate(index, self._results, fresh)


def _with_cells(
    group: list[int], events: Generator[SetProgress, None, Outcome]
) -> Generator[SetProgress, None, Outcome]:
    """Pass on the events, each with the indices of the cells that use the sets."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            yield replace(event, cells=tuple(group))


def _refuse_if_gone(run: RunFolder) -> None:
    if not Path(run.path / "run.json").is_file():
        raise ValueError(f"run {run.id} was deleted meanwhile: make it again, or take it out of the table")
