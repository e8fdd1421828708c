"""Fills a table: makes its sets, trains networks on them, and writes down what each place holds as it comes.

What is known is not computed again, so a table that was broken off goes on where it stopped. A place that
cannot be filled says why in a sentence, and the others go on.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from dmcore.data.images import DataSet
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
from dmcore.training.result_cache import TrainingEpoch, evaluate_cached
from dmcore.training.result_cache_files import CachedResult
from dmcore.training.whole_set import load_trained, train_whole

LOCK_SECONDS = 1.0
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class CellTraining:
    """An epoch of a network that is being trained for a place."""

    cell: int
    training: TrainingEpoch


@dataclass(frozen=True)
class CellUpdate:
    """A place has a new number, or a reason why it has none; with all that is there now."""

    cell: int
    results: Results
    fresh: bool
    """Whether a network was trained for it just now."""


TableEvent = SetProgress | CellTraining | CellUpdate


def run_table(
    table: Table, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[TableEvent, None, None]:
    """Fill every place, independent sets in turn: after the first seed each cell has a number.

    Closing the generator loses nothing that has arrived.

    Args:
        table: what to fill.
        dataset: its data set.
        roots: where runs and cells are kept.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; all that this process may use if left out.

    Raises:
        ValueError: another process fills this table, or the device does not work here.
        StorageError: the disk is full or refuses.
    """
    file = results_file(roots.runs, table)
    lock = FileLock(file.with_suffix(".lock"), thread_local=False)
    with storage_errors_explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as held:
            raise ValueError("another process fills this table: watch it there, or stop it first") from held
    try:
        yield from _Filling(table, dataset, roots, device, threads).events()
    finally:
        lock.release()


class _Filling:
    """The one owner of the results while they grow."""

    def __init__(
        self, table: Table, dataset: DataSet, roots: Roots, device: str, threads: int | None
    ) -> None:
        self._table, self._dataset, self._roots = table, dataset, roots
        self._device, self._threads = device, threads
        self._plan = evaluation_plan(device, threads)
        known = read_results(roots.runs, table, dataset.digest)
        self._results = known.model_copy(update={"data": dataset.digest})

    def events(self) -> Iterator[TableEvent]:
        """Recipes by seed, then as the rows are; each with all places that it fills."""
        groups: dict[str, tuple[Recipe, list[int]]] = {}
        least, smallest = self._dataset.train.smallest_class
        for index, place in enumerate(self._table.cells):
            recipe = place.recipe.within(least)
            if recipe is None:
                yield self._failed(
                    index,
                    self._results.cell_results.get(index, CellResult()),
                    f"class {smallest!r} has {least} real image{'s' * (least != 1)}, fewer than "
                    f"{place.recipe.images_per_class}: ask for at most {least} images per class, "
                    "or leave that class out",
                )
            else:
                groups.setdefault(recipe.group_key, (recipe, []))[1].append(index)
        for recipe, group in sorted(groups.values(), key=lambda one: one[0].seed):
            if self._settled(group):
                yield from (CellUpdate(index, self._results, fresh=False) for index in group)
                continue
            try:
                if recipe.method == "whole":
                    yield from self._whole(recipe, group)
                    continue
                making = prepare_sets(recipe, self._dataset, self._roots, self._device, self._threads)
                sets = yield from _done_for(group, making)
            except StorageError:
                raise
            except ValueError as refusal:
                for index in group:
                    earlier = self._results.cell_results.get(index, CellResult())
                    yield self._failed(index, earlier, str(refusal))
                continue
            for index in group:
                yield from self._judged(index, sets[self._table.cells[index].recipe.images_per_class])

    def _settled(self, group: list[int]) -> bool:
        """Whether nothing is left to do for places that are made together."""
        recipe = self._table.cells[group[0]].recipe
        pinned = recipe.method != "run" or recipe.iteration is not None
        return pinned and all(
            complete(self._table.cells[index], self._results.cell_results.get(index)) for index in group
        )

    def _whole(self, recipe: Recipe, group: list[int]) -> Generator[TableEvent, None, None]:
        """The reference: the cached network that was trained on all real images."""
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
            filled = CellResult(
                digest=self._dataset.digest,
                images=len(self._dataset.train),
                description=network.sentence,
                network_results=(NetworkResult(repeat=recipe.training.seed, accuracy=network.accuracy),),
            )
            yield self._arrived(index, filled, fresh and index == group[0])

    def _judged(self, index: int, made_set: PreparedSet) -> Generator[TableEvent, None, None]:
        place = self._table.cells[index]
        filled = CellResult(
            digest=made_set.judged.digest,
            run=made_set.run.id,
            set=made_set.set,
            iteration=made_set.iteration,
            images=len(made_set.judged.images),
            description=made_set.description,
        )
        earlier = self._results.cell_results.get(index)
        cells = (
            {one.repeat: one for one in earlier.network_results if earlier.digest == filled.digest}
            if earlier
            else {}
        )
        try:
            for event in self._cells(place, made_set):
                if isinstance(event, TrainingEpoch):
                    yield CellTraining(index, event)
                    continue
                cells[event.repeat] = self._kept(event)
                ordered = tuple(cells[one] for one in sorted(cells))
                yield self._arrived(
                    index, filled.model_copy(update={"network_results": ordered}), event.fresh
                )
                if event.fresh:
                    _refuse_if_gone(made_set.run)
        except StorageError:
            raise
        except ValueError as refusal:
            kept = tuple(cells[one] for one in sorted(cells))
            yield self._failed(index, filled.model_copy(update={"network_results": kept}), str(refusal))

    def _cells(self, place: Cell, made_set: PreparedSet) -> Iterator[CachedResult | TrainingEpoch]:
        return evaluate_cached(
            made_set.judged,
            self._dataset,
            place.network,
            range(place.repeats),
            self._table.protocol,
            self._roots.cache,
            self._plan,
        )

    def _kept(self, cell: CachedResult) -> NetworkResult:
        where = str(cell.file.relative_to(self._roots.cache))
        return NetworkResult(repeat=cell.repeat, accuracy=cell.accuracy, curve=cell.curve, file=where)

    def _failed(self, index: int, filled: CellResult, sentence: str) -> CellUpdate:
        """With what arrived before: a number that is there stays."""
        return self._arrived(index, filled.model_copy(update={"failure": sentence}), fresh=False)

    def _arrived(self, index: int, filled: CellResult, fresh: bool) -> CellUpdate:
        if self._results.cell_results.get(index) != filled:
            everything = {**self._results.cell_results, index: filled}
            self._results = self._results.model_copy(update={"cell_results": everything})
            write_results(self._roots.runs, self._results)
        return CellUpdate(index, self._results, fresh)


def _done_for(
    group: list[int], making: Generator[SetProgress, None, Outcome]
) -> Generator[SetProgress, None, Outcome]:
    """The same events, each naming the places that it is done for."""
    with closing(making):
        while True:
            try:
                event = next(making)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            yield replace(event, cells=tuple(group))


def _refuse_if_gone(run: RunFolder) -> None:
    if not Path(run.path / "run.json").is_file():
        raise ValueError(f"run {run.id} was deleted meanwhile: make it again, or take it out of the table")
