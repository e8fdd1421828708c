"""Comparison of recorded results with recomputed ones: bit for bit, or of means with an allowance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dmcore.config.formatting import counted, mean_text
from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.gallery.allowance import MOST_POINTS, BySet, NetworkDeviation
from dmcore.experiments.gallery.entries import GalleryRun
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.results import find_result
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.results import Results
from dmcore.runs.folder import RunFolder

Verdict = Literal["holds, the same", "holds", "says nothing", "differs"]
MISSING, BY_SPEED = "missing", "not recomputed: depends on speed"
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
    """Points of percent, or of pixels' values; None where a side is missing or not recomputed."""
    tolerance: float | None
    """Largest difference that other roundings explain; 0 where bits must be the same, None if unknown."""

    @property
    def verdict(self) -> Verdict:
        """Whether the value is reproduced; a comparison that would allow nearly everything says nothing."""
        if self.recomputed == BY_SPEED:
            return "says nothing"
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


def compare_races(
    name: str, recorded: RaceResults, computed: RaceResults, comparisons: int, is_same: bool
) -> tuple[Comparison, ...]:
    """Compare the starts of each method, and name what depends on speed; arguments as of `compare_tables`."""
    again = _starts(computed)
    pairs = {what: (sets, again.get(what, [])) for what, sets in _starts(recorded).items()}
    found = list(_compared(name, pairs, comparisons, is_same))
    for method in recorded.config.lanes:
        tests = sum(point.method == method and point.moment > 0 for point in recorded.points)
        found.append(
            Comparison(name, f"{NAMES[method]}, later", counted(tests, "test"), BY_SPEED, None, None)
        )
    return tuple(found)


def recorded_pairs(entry: RecordedEntry) -> Pairs:
    """Recorded accuracies of an entry, each beside itself: what a check would compare."""
    if entry.results is not None:
        table = entry.results.table
        places = [(row, column) for row in table.rows for column in table.columns if table.at(row, column)]
        each = {f"{row}, {column}": _sets(entry.results, row, column) for row, column in places}
    elif entry.race is not None:
        each = _starts(entry.race)
    else:
        stored = entry.run.results() if entry.run is not None else ()
        each = {f"{result.set}, {result.kind}, {result.iteration}": [result.accuracies] for result in stored}
    return {what: (sets, sets) for what, sets in each.items() if sets}


def comparison_count(recorded: RecordedEntry) -> int:
    """Number of means that are compared of an entry."""
    return len(_compared(recorded.name, recorded_pairs(recorded), 1))


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


def _sets(results: Results, row: str, column: str) -> BySet:
    entry = entry_of(results, row, column)
    return entry.by_set if entry is not None else []


def _starts(race: RaceResults) -> dict[str, BySet]:
    """Accuracies of each method before any update, of each race."""
    return {
        f"{NAMES[method]}, at the start": [
            list(point.accuracies)
            for point in sorted(race.points, key=lambda each: each.seed)
            if point.method == method and point.moment == 0
        ]
        for method in race.config.lanes
    }


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
