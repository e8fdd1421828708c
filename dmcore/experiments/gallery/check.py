"""Check of a gallery: recorded results are recomputed from their configurations and compared.

On the machine that recorded them, images and accuracies come out equal bit for bit. On another, networks are
trained with other roundings: then means are compared. A mean may differ by as much as the deviation of the
networks of a set explains: by Student's t-test, such that a sound gallery fails one check in a hundred.
"""

import math
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dmcore.config.formatting import mean_text
from dmcore.data.images import DataSet
from dmcore.execution.machine import machine_name
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.gallery.computing import compute
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.results import find_result
from dmcore.experiments.gallery.work import Progress
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.sets import Roots
from dmcore.runs.folder import RunFolder

FALSE_ALARMS = 0.01
"""Share of the checks of a sound gallery, on another machine, in which some comparison does not hold."""
By_set = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Comparison:
    """A recorded value and the recomputed one."""

    entry: str
    what: str
    """Images, or row and column, or training images of an evaluation."""
    recorded: str
    recomputed: str
    difference: float
    tolerance: float | None
    """Largest difference that is explained; None where the difference is only told."""

    @property
    def holds(self) -> bool:
        """Whether the recorded value is reproduced."""
        return self.tolerance is None or self.difference <= self.tolerance


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
    """The entries that took the least time to compute, by their recorded seconds, cheapest first."""
    return sorted(recorded, key=lambda entry: _seconds(entry))[:count]


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
    plan = evaluation_plan(device, threads)
    machine = machine_name(plan.device, plan.workers * plan.threads)
    comparisons = sum(_count(recorded) for _, recorded in pairs)
    for entry, recorded in pairs:
        with tempfile.TemporaryDirectory(prefix="dmcore-gallery-") as folder:
            roots = Roots(Path(folder) / "runs", Path(folder) / "cache")
            events = compute(entry, load(entry.dataset), roots, device, threads)
            with closing(events):
                while True:
                    try:
                        yield CheckProgress(entry.name, next(events))
                    except StopIteration as end:
                        computed = end.value
                        break
            is_same_machine = recorded.provenance.machine == machine
            if isinstance(computed, Results):
                found = compare_tables(entry.name, recorded.results, computed, comparisons)
            else:
                assert isinstance(entry, GalleryRun)
                found = compare_runs(entry, recorded.run, computed, comparisons, is_same_machine)
        yield EntryCompared(entry.name, found)


def compare_tables(
    name: str, recorded: Results | None, computed: Results, comparisons: int
) -> tuple[Comparison, ...]:
    """Compare each row and column of a table."""
    assert recorded is not None
    found = []
    for row in recorded.table.rows:
        for column in recorded.table.columns:
            before, after = entry_of(recorded, row, column), entry_of(computed, row, column)
            if before is not None and after is not None:
                sets = before.by_set, after.by_set
                found.append(_compared(name, f"{row}, {column}", *sets, comparisons))
    return tuple(found)


def compare_runs(
    entry: GalleryRun,
    recorded: RunFolder | None,
    computed: RunFolder,
    comparisons: int,
    is_same_machine: bool,
) -> tuple[Comparison, ...]:
    """Compare the final images of a run, and each evaluation."""
    assert recorded is not None
    found = []
    is_same_plan = recorded.description.plan == computed.description.plan
    for name in recorded.set_names:
        before, after = (run.snapshot(name).pixels.astype(np.float32) for run in (recorded, computed))
        gap = float(np.abs(before - after).max())
        bound = 0.0 if is_same_machine and is_same_plan else None
        text = "same bits" if gap == 0 else f"up to {gap:.2g} apart"
        found.append(Comparison(entry.name, f"final images of {name}", "images", text, gap, bound))
        for kind, protocol in entry.protocols.items():
            stored = [find_result(run, name, kind, protocol) for run in (recorded, computed)]
            if stored[0] is not None and stored[1] is not None:
                sets = [stored[0].accuracies], [stored[1].accuracies]
                what = f"trained on {kind.replace('_', ' ')} images"
                found.append(_compared(entry.name, what, *sets, comparisons))
    return tuple(found)


def _compared(name: str, what: str, before: By_set, after: By_set, comparisons: int) -> Comparison:
    means = [_mean(sets) for sets in (before, after)]
    texts = [
        f"{mean_text(_mean(sets), _deviation(sets) if _deviation(sets) else None)} "
        f"({len(sets)} × {len(sets[0])})"
        for sets in (before, after)
    ]
    return Comparison(
        name, what, texts[0], texts[1], abs(means[0] - means[1]), tolerance(before, after, comparisons)
    )


def tolerance(before: By_set, after: By_set, comparisons: int) -> float:
    """Largest difference of two means, in points of percent, that the deviation of the networks explains.

    The quantile of Student's t times the standard error of the difference of the means. The deviation is
    that of the networks of a set, because the sets themselves are the same: they have the same seeds. Where
    each set has a single network it is that of the sets.

    Args:
        before: percent of each network, by set.
        after: the same, recomputed.
        comparisons: how many are made: with many, some differ more by chance.
    """
    from scipy.special import stdtrit

    freedom = sum(_freedom(sets) for sets in (before, after))
    if not freedom:
        return 0.0
    squares = sum(_squares(sets) for sets in (before, after))
    counts = [sum(map(len, sets)) for sets in (before, after)]
    error = math.sqrt(squares / freedom * sum(1 / count for count in counts))
    return float(stdtrit(freedom, 1 - FALSE_ALARMS / (2 * max(comparisons, 1)))) * error


def _groups(sets: By_set) -> By_set:
    """Accuracies whose deviation counts: by set, or all together where each set has a single network."""
    return sets if any(len(each) > 1 for each in sets) else [[each[0] for each in sets]]


def _freedom(sets: By_set) -> int:
    return sum(len(group) - 1 for group in _groups(sets))


def _squares(sets: By_set) -> float:
    return sum(float(np.var(group)) * len(group) for group in _groups(sets))


def _deviation(sets: By_set) -> float:
    freedom = _freedom(sets)
    return math.sqrt(_squares(sets) / freedom) if freedom else 0.0


def _mean(sets: By_set) -> float:
    return float(np.mean([accuracy for each in sets for accuracy in each]))


def _seconds(entry: RecordedEntry) -> float:
    seconds = entry.provenance.seconds
    return math.inf if seconds is None else seconds


def _count(recorded: RecordedEntry) -> int:
    """Number of means that are compared of an entry."""
    if recorded.results is not None:
        return len(recorded.results.table.rows) * len(recorded.results.table.columns)
    return len(recorded.run.results()) if recorded.run is not None else 0
