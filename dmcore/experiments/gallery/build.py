"""Build of the gallery: computes what is missing in a work folder and packs each finished entry.

It can be stopped at any moment and goes on where it was. An entry that fails does not stop the others.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dmcore.data.images import DataSet
from dmcore.execution.machine import machine_name
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.gallery.computing import Computed, compute
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRun
from dmcore.experiments.gallery.fitting import difference, untested
from dmcore.experiments.gallery.origin import begun_part, provenance_of
from dmcore.experiments.gallery.outcome import WithOutcome
from dmcore.experiments.gallery.packing import GalleryWriter
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import read_gallery
from dmcore.experiments.gallery.results import protocol_results
from dmcore.experiments.gallery.work import Progress, WorkFolder
from dmcore.experiments.results import Results
from dmcore.files.atomic import StorageError

EVENT_SECONDS = 0.2


@dataclass(frozen=True)
class EntryProgress:
    """Event: an entry is being computed."""

    name: str
    progress: Progress


@dataclass(frozen=True)
class EntryPacked:
    """Event: an entry is in the gallery."""

    name: str
    provenance: Provenance
    is_new: bool
    """False where it was in the gallery before."""


@dataclass(frozen=True)
class EntryFailed:
    """Event: an entry could not be computed or packed."""

    name: str
    sentence: str


BuildEvent = EntryProgress | EntryPacked | EntryFailed


def build_gallery(
    entries: Sequence[GalleryEntry],
    work: WorkFolder,
    out: Path,
    load: Callable[[str], DataSet],
    device: str = "auto",
    threads: int | None = None,
    note: str = "",
) -> Generator[BuildEvent, None, None]:
    """Compute and pack the entries that a gallery lacks; those that fit their configuration stay.

    Args:
        entries: which entries.
        work: folder to compute in.
        out: folder of the gallery.
        load: loads a data set by its name.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; if None, all that this process may use.
        note: what a reader should know about how it was computed.

    Raises:
        ValueError: `out` is no gallery, or the device does not work here.
        StorageError: the disk is full or refuses; what was written before is intact.
    """
    gallery, plan = GalleryWriter(out), evaluation_plan(device, threads)
    machine = machine_name(plan.device, plan.workers * plan.threads)
    with work.locked(), gallery.locked():
        present = {recorded.name: recorded for recorded in read_gallery(out)[0]}
        for entry in entries:
            recorded = present.get(entry.name)
            if recorded is not None and not (difference(entry, recorded) or untested(entry, recorded)):
                yield EntryPacked(entry.name, recorded.provenance, is_new=False)
                continue
            try:
                dataset = load(entry.dataset)
                events = compute(entry, dataset, work.roots, device, threads)
                begun = begun_part(machine, plan.machine_identity, note)
                computed = yield from _named(entry.name, work.measured(entry, begun, events))
                provenance = provenance_of(entry, computed, work.parts(entry))
                _pack(entry, computed, provenance, gallery, work, dataset)
            except StorageError:
                raise
            except ValueError as refusal:
                yield EntryFailed(entry.name, str(refusal))
            else:
                yield EntryPacked(entry.name, provenance, is_new=True)
        gallery.remove_unused()


def _pack(
    entry: GalleryEntry,
    computed: Computed,
    provenance: Provenance,
    gallery: GalleryWriter,
    work: WorkFolder,
    dataset: DataSet,
) -> None:
    if isinstance(computed, Results):
        gallery.add_table(computed, work.roots.runs, provenance)
        return
    if isinstance(computed, RaceResults):
        gallery.add_race(computed, work.roots.runs, provenance)
        return
    assert isinstance(entry, GalleryRun)
    packed = gallery.add_run(computed, protocol_results(entry, computed), entry.most_snapshots)
    if entry.scenes:
        from dmcore.runs.recompute.scene_file import write_scenes

        write_scenes(packed, dataset)
    if entry.map:
        from dmcore.runs.recompute.map_file import write_map

        write_map(packed, dataset, work.roots.cache)
    gallery.finish(provenance)


def _named(
    name: str, events: Generator[Progress, None, Computed]
) -> Generator[EntryProgress, None, Computed]:
    """Events of an entry with its name, at display rate."""
    shown_at = 0.0
    computing = WithOutcome(events)
    with closing(events):
        for progress in computing:
            if progress.trained or time.monotonic() - shown_at > EVENT_SECONDS:
                shown_at = time.monotonic()
                yield EntryProgress(name, progress)
    return computing.outcome
