"""Check of a gallery: recorded results are recomputed from their configurations and compared.

On the machine that recorded them, under the same plan, images and accuracies must be equal bit for bit. On
another, networks are trained with other roundings: then means are compared, with an allowance.
"""

import math
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from dmcore.config.formatting import mean_text
from dmcore.data.images import DataSet
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.gallery.allowance import MOST_POINTS, BySet, NetworkDeviation
from dmcore.experiments.gallery.computing import compute
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.outcome import WithOutcome
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.results import find_result
from dmcore.experiments.gallery.work import Progress
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.sets import Roots
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run

Verdict = Literal["holds, the same", "holds", "says nothing", "differs"]
MISSING = "missing"
EVERYTHING = "all rows and columns"
"""Comparison of the mean of a table's different numbers: it sees what moves all of them a little."""
Pairs = dict[str, tuple[BySet, BySet]]
"""Recorded and recomputed accuracies, by what they are of; no sets where a side is missing."""


@dataclass(frozen=True)
class Comparison:
    """A recorded value and the recomputed one."""

    entry: str
    what: str
    """Images, or row and column, or training images of an evaluation."""
    recorded: str
    recomputed: str
    difference: float | None
    """Points of percent, or of pixels' values; None where a side is missing."""
    tolerance: float | None
    """Largest difference that other roundings explain; 0 where bits must be the same, None if unknown."""

    @property
    def verdict(self) -> Verdict:
        """Whether the value is reproduced; a comparison that would allow nearly everything says nothing."""
        if self.difference is None:
            return "differs"
        if self.tolerance is None:
            return "says nothing"
        if self.difference > self.tolerance:
            return "differs"
        if self.tolerance > MOST_POINTS:
            return "says nothing"
        return "holds" if self.tolerance else "holds, the same"

    @property
    def holds(self) -> bool:
        """Whether the recorded value is reproduced."""
        return self.verdict.startswith("holds")


@dataclass(frozen=True)
class CheckProgress:
    """Event: an entry is being recomputed."""

    name: str
    progress: Progress


@dataclass(frozen=True)
class EntryCompared:
    """Event: an entry was recomputed, with all comparisons."""

    name: str
    comparisons: tuple[Comparison, ...]


def cheapest(recorded: Sequence[RecordedEntry], count: int) -> list[RecordedEntry]:
    """The entries that took the least time to compute, by their recorded seconds, cheapest first.

    Those come first of whose comparisons half or more would say something on another machine.
    """

    def order(entry: RecordedEntry) -> tuple[bool, float]:
        pairs = recorded_pairs(entry)
        known = NetworkDeviation.pooled([before for before, _ in pairs.values()])
        both = NetworkDeviation(2 * known.squares, 2 * known.freedom)  # with as many networks recomputed
        allowed = [both.allowance([pair], count * len(pairs)) for pair in pairs.values()]
        speaking = sum(points is not None and points <= MOST_POINTS for points in allowed)
        seconds = entry.provenance.seconds
        return 2 * speaking < max(len(pairs), 1), math.inf if seconds is None else seconds

    return sorted(recorded, key=order)[:count]


def check_gallery(
    pairs: Sequence[tuple[GalleryEntry, RecordedEntry]],
    load: Callable[[str], DataSet],
    device: str = "auto",
    threads: int | None = None,
) -> Generator[CheckProgress | EntryCompared, None, None]:
    """Recompute entries from their configurations in a temporary folder, and compare each.

    Args:
        pairs: configurations, each with what was recorded for it.
        load: loads a data set by its name.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; if None, all that this process may use.

    Raises:
        ValueError: an entry cannot be computed.
        StorageError: the disk is full or refuses.
    """
    identity = evaluation_plan(device, threads).machine_identity
    comparisons = sum(_count(recorded) for _, recorded in pairs)
    for entry, recorded in pairs:
        with tempfile.TemporaryDirectory(prefix="dmcore-gallery-") as folder:
            roots = Roots(Path(folder) / "runs", Path(folder) / "cache")
            with closing(compute(entry, load(entry.dataset), roots, device, threads)) as events:
                computing = WithOutcome(events)
                for progress in computing:
                    yield CheckProgress(entry.name, progress)
            computed = computing.outcome
            is_same = bool(identity) and recorded.provenance.machine_identity == identity
            if isinstance(computed, Results):
                assert recorded.results is not None
                is_same = is_same and _same_plans(recorded.results, recorded.root, computed, roots.runs)
                found = compare_tables(entry.name, recorded.results, computed, comparisons, is_same)
            else:
                assert isinstance(entry, GalleryRun)
                assert recorded.run is not None
                is_same = is_same and _is_same_plan(recorded.run, computed)
                found = compare_runs(entry, recorded.run, computed, comparisons, is_same)
        yield EntryCompared(entry.name, found)


def compare_tables(
    name: str, recorded: Results, computed: Results, comparisons: int, is_same: bool
) -> tuple[Comparison, ...]:
    """Compare each row and column of a table, and their mean.

    Args:
        name: of the entry.
        recorded: results as recorded.
        computed: results as recomputed.
        comparisons: how many the whole check makes.
        is_same: whether machine and plan are the same: then the numbers must be.
    """
    pairs = {
        f"{row}, {column}": (_sets(recorded, row, column), _sets(computed, row, column))
        for row in recorded.table.rows
        for column in recorded.table.columns
        if recorded.table.at(row, column)
    }
    return _compared(name, pairs, comparisons, is_same)


def compare_runs(
    entry: GalleryRun, recorded: RunFolder, computed: RunFolder, comparisons: int, is_same: bool
) -> tuple[Comparison, ...]:
    """Compare the final images of a run, and each evaluation; arguments as of `compare_tables`."""
    found = []
    pairs: Pairs = {}
    for name in recorded.set_names:
        what = f"final images of {name}"
        if name not in computed.set_names:
            found.append(Comparison(entry.name, what, "images", MISSING, None, None))
            continue
        images = [run.snapshot(name).pixels.astype(np.float32) for run in (recorded, computed)]
        gap = float(np.abs(images[0] - images[1]).max())
        text = "same bits" if gap == 0 else f"up to {gap:.2g} apart"
        allowed = 0.0 if is_same or gap == 0 else None
        found.append(Comparison(entry.name, what, "images", text, gap, allowed))
        of_set = f" of {name}" if len(recorded.set_names) > 1 else ""
        for evaluation in entry.evaluations:
            stored = [find_result(run, name, *evaluation) for run in (recorded, computed)]
            before, after = ([result.accuracies] if result is not None else [] for result in stored)
            at = evaluation.iteration
            if before or at is None:  # galleries of older versions have no moments
                when = "" if at is None else f" of iteration {at}"
                pairs[f"trained on {evaluation.kind.replace('_', ' ')} images{of_set}{when}"] = before, after
    return (*found, *_compared(entry.name, pairs, comparisons, is_same))


def recorded_pairs(entry: RecordedEntry) -> Pairs:
    """Recorded accuracies of an entry, each beside itself: what a check would compare."""
    if entry.results is not None:
        table = entry.results.table
        places = [(row, column) for row in table.rows for column in table.columns if table.at(row, column)]
        each = {f"{row}, {column}": _sets(entry.results, row, column) for row, column in places}
    else:
        stored = entry.run.results() if entry.run is not None else ()
        each = {f"{result.set}, {result.kind}, {result.iteration}": [result.accuracies] for result in stored}
    return {what: (sets, sets) for what, sets in each.items() if sets}


def _compared(name: str, pairs: Pairs, comparisons: int, is_same: bool = False) -> tuple[Comparison, ...]:
    """Compare means, with the deviation of the networks of all of them."""
    sides = {what: pair for what, pair in pairs.items() if all(pair)}
    deviation = NetworkDeviation.pooled([sets for pair in sides.values() for sets in pair])
    found = []
    for what, (before, after) in pairs.items():
        texts = _text(before), _text(after)
        if what not in sides:
            found.append(Comparison(name, what, *texts, None, None))
        elif is_same:
            found.append(Comparison(name, what, *texts, _largest_gap(before, after), 0.0))
        else:
            found.append(_means(name, what, [(before, after)], deviation, comparisons))
    different = list({(_frozen(before), _frozen(after)): None for before, after in sides.values()})
    if len(different) > 1 and not is_same:
        found.append(_means(name, EVERYTHING, different, deviation, comparisons))
    return tuple(found)


def _means(
    name: str,
    what: str,
    pairs: Sequence[tuple[BySet, BySet]],
    deviation: NetworkDeviation,
    comparisons: int,
) -> Comparison:
    sides = [[each for pair in pairs for each in pair[side]] for side in (0, 1)]
    means = [_mean(sets) for sets in sides]
    allowed = deviation.allowance(pairs, comparisons)
    return Comparison(name, what, _text(sides[0]), _text(sides[1]), abs(means[0] - means[1]), allowed)


def _largest_gap(before: BySet, after: BySet) -> float | None:
    """Largest difference of two networks; None where there are not as many of each set."""
    if [len(each) for each in before] != [len(each) for each in after]:
        return None
    return max(
        abs(one - other) for sets in zip(before, after, strict=True) for one, other in zip(*sets, strict=True)
    )


def _same_plans(recorded: Results, root: Path, computed: Results, computed_root: Path) -> bool:
    """Whether the sets of all cells were made under the same plan."""
    pairs = {
        (result.run, computed.cell_results[index].run)
        for index, result in recorded.cell_results.items()
        if result.run and index in computed.cell_results and computed.cell_results[index].run
    }
    return all(_is_same_plan(open_run(one, root), open_run(other, computed_root)) for one, other in pairs)


def _is_same_plan(one: RunFolder, other: RunFolder) -> bool:
    plans = [{**(run.description.plan or {}), "device_reason": ""} for run in (one, other)]
    return plans[0] == plans[1]


def _sets(results: Results, row: str, column: str) -> BySet:
    entry = entry_of(results, row, column)
    return entry.by_set if entry is not None else []


def _frozen(sets: BySet) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, sets))


def _text(sets: BySet) -> str:
    """Mean, deviation of the networks of a set, and how many of both there are."""
    if not sets:
        return MISSING
    counts = {len(each) for each in sets}
    numbers = f"{len(sets)} × {counts.pop()}" if len(counts) == 1 else f"{sum(map(len, sets))} networks"
    return f"{mean_text(_mean(sets), NetworkDeviation.pooled([sets]).points_at(_mean(sets)))} ({numbers})"


def _mean(sets: BySet) -> float:
    return float(np.mean([accuracy for each in sets for accuracy in each]))


def _count(recorded: RecordedEntry) -> int:
    """Number of means that are compared of an entry."""
    return len(_compared(recorded.name, recorded_pairs(recorded), 1))
