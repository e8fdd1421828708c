"""Check of a gallery: recorded results are recomputed from their configurations and compared.

On the machine that recorded them, under the same plan, images and accuracies must be equal bit for bit. On
another, networks are trained with other roundings: then means are compared, with an allowance. Of a race only
the starts can be the same: later accuracies depend on the machine's speed, and are not recomputed.
"""

import math
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dmcore.data.images import DataSet
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.gallery.allowance import MOST_POINTS, NetworkDeviation
from dmcore.experiments.gallery.comparison import (
    Comparison,
    compare_races,
    compare_runs,
    compare_tables,
    comparison_count,
    recorded_pairs,
)
from dmcore.experiments.gallery.computing import Computed, compute, compute_starts
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRace, GalleryRun
from dmcore.experiments.gallery.outcome import WithOutcome
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.work import Progress
from dmcore.experiments.results import Results
from dmcore.experiments.sets import Roots
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run


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

    Those come first of whose comparisons half or more would say something on another machine, races last: of
    them only the starts are compared.
    """

    def order(entry: RecordedEntry) -> tuple[bool, bool, float]:
        pairs = recorded_pairs(entry)
        known = NetworkDeviation.pooled([before for before, _ in pairs.values()])
        both = NetworkDeviation(2 * known.squares, 2 * known.freedom)  # with as many networks recomputed
        allowed = [both.allowance([pair], count * len(pairs)) for pair in pairs.values()]
        speaking = sum(points is not None and points <= MOST_POINTS for points in allowed)
        seconds = entry.provenance.seconds
        is_silent = 2 * speaking < max(len(pairs), 1)
        return entry.race is not None, is_silent, math.inf if seconds is None else seconds

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
    comparisons = sum(comparison_count(recorded) for _, recorded in pairs)
    for entry, recorded in pairs:
        with tempfile.TemporaryDirectory(prefix="dmcore-gallery-") as folder:
            roots = Roots(Path(folder) / "runs", Path(folder) / "cache")
            with closing(_recompute(entry, load(entry.dataset), roots, device, threads)) as events:
                computing = WithOutcome(events)
                for progress in computing:
                    yield CheckProgress(entry.name, progress)
            computed = computing.outcome
            is_same = bool(identity) and recorded.provenance.machine_identity == identity
            if isinstance(computed, Results):
                assert recorded.results is not None
                is_same = is_same and _same_plans(recorded.results, recorded.root, computed, roots.runs)
                found = compare_tables(entry.name, recorded.results, computed, comparisons, is_same)
            elif isinstance(computed, RaceResults):
                assert recorded.race is not None
                is_same = is_same and recorded.race.machine == computed.machine
                found = compare_races(entry.name, recorded.race, computed, comparisons, is_same)
            else:
                assert isinstance(entry, GalleryRun)
                assert recorded.run is not None
                is_same = is_same and _is_same_plan(recorded.run, computed)
                found = compare_runs(entry, recorded.run, computed, comparisons, is_same)
        yield EntryCompared(entry.name, found)


def _recompute(
    entry: GalleryEntry, dataset: DataSet, roots: Roots, device: str, threads: int | None
) -> Generator[Progress, None, Computed]:
    if isinstance(entry, GalleryRace):
        return compute_starts(entry, dataset, roots, device, threads)
    return compute(entry, dataset, roots, device, threads)


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
