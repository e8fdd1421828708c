"""Whether a recorded entry is what its configuration asks for today. Never imports torch."""

from pathlib import Path

from dmcore.config.formatting import joined
from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.report import failure_sentences
from dmcore.experiments.figure4.results import RaceResults, race_folder, read_images
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRace, GalleryRun, GalleryTable
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.gallery.results import find_result
from dmcore.experiments.results import Results
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import read_packed
from dmcore.runs.runs_root import open_run


def difference(entry: GalleryEntry, recorded: RecordedEntry) -> str:
    """What a recorded entry lacks, or in what it differs from its configuration; empty where it fits."""
    run, results, race = recorded.run, recorded.results, recorded.race
    if isinstance(entry, GalleryRun) and run is not None:
        return _run_difference(entry, run)
    if isinstance(entry, GalleryTable) and results is not None:
        return _table_difference(entry, results, recorded.root)
    if isinstance(entry, GalleryRace) and race is not None:
        return _race_difference(entry, race, recorded.root)
    return recorded.problem or f"it is recorded as a {recorded.provenance.kind}"


def _run_difference(entry: GalleryRun, run: RunFolder) -> str:
    if run.config != entry.config:
        return "the run was condensed with another configuration"
    for name in run.set_names:
        for kind, protocol in entry.protocols.items():
            if find_result(run, name, kind, protocol) is None:
                return f"the evaluation of {kind.replace('_', ' ')} images by its protocol is missing"
    scenes = len(list(run.path.glob("scenes/*.npz")))
    if entry.scenes and scenes != len(run.set_names) * len(run.class_names):
        return f"{scenes or 'no'} scenes of its first updates are there, not one for each set and class"
    if entry.map and not any(run.path.glob("maps/*.npz")):
        return "the map of its images is missing"
    return lack(run)


def _table_difference(entry: GalleryTable, results: Results, root: Path) -> str:
    if results.table.key != entry.table().key:
        return f"the table has the key {results.table.key}, its configuration {entry.table().key}"
    missing = len(results.table.cells) - results.complete_cells
    if missing:
        return f"{missing} of its cells have no result"
    for run_id in dict.fromkeys(result.run for result in results.cell_results.values() if result.run):
        try:
            lacking = lack(open_run(run_id, root))
        except ValueError as damage:
            return str(damage)
        if lacking:
            return f"run {run_id}: {lacking}"
    return ""


def _race_difference(entry: GalleryRace, race: RaceResults, root: Path) -> str:
    if race.config.key != entry.key:
        return f"the race has the key {race.config.key}, its configuration {entry.key}"
    done, tests = race.tests
    if not race.complete:
        return f"{tests - done} of its tests are missing"
    if race.failures:
        return failure_sentences(race)[0]
    folder = race_folder(root, race.config)
    lacking = [NAMES[point.method] for point in race.pictured if read_images(folder, point) is None]
    return f"the last images of {joined(lacking)} are missing" if lacking else ""


def untested(entry: GalleryEntry, recorded: RecordedEntry) -> tuple[int, ...]:
    """Iterations whose images the configuration has tested and a recorded run has not.

    Such an entry fits all the same, as those of older versions do: a build adds what is missing.
    """
    run = recorded.run
    if not isinstance(entry, GalleryRun) or run is None:
        return ()
    return tuple(
        at
        for at in entry.tested_at
        if any(find_result(run, name, "condensed", entry.protocol, at) is None for name in run.set_names)
    )


def lack(run: RunFolder) -> str:
    """Which file a packed run lacks, of those that its record names; empty where all are there."""
    try:
        packed = read_packed(run.path)
    except DamagedFileError as damage:
        return str(damage)
    if packed is None:
        return "the record of what it holds is missing"
    for name, iterations in packed.snapshots.items():
        missing = set(iterations) - set(run.snapshots(name))
        if missing:
            return f"images of {name} are missing, of iteration {min(missing)} first"
    if run.config is not None and not run.events_file.is_file():
        return "its losses are missing"
    return ""
