"""Packing of finished entries into a gallery: what is kept of a run, of a table's runs, and of a race."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.results import FOLDER as RACES
from dmcore.experiments.figure4.results import RaceResults, race_folder, read_images, write_images, write_race
from dmcore.experiments.gallery.fitting import lack
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import PROVENANCE, RUNS, read_gallery
from dmcore.experiments.results import FOLDER, Results, write_results
from dmcore.files.atomic import StorageError, storage_errors_explained, temporary_ending
from dmcore.files.checked_json import write_record
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.pack import pack_run, thinned
from dmcore.runs.runs_root import open_run

MOST_RUN_BYTES = 2 * 10**6
"""Images of a recorded run: where they would take more, fewer iterations are kept."""
MOMENTUM_BYTES = 2 * 10**6
"""Up to this size the images are kept with their momentum, so that a step can be computed again."""
MOST_CELL_EVENTS = 40
"""Lines of losses of a run that a table's cells name."""
LOCK, LOCK_SECONDS = "lock", 1.0
LARGEST_CELL_BYTES = 40_000
"""Images of a set that a cell names: larger ones are kept of the first independent set only."""


class GalleryWriter:
    """Writer of a gallery: a folder as `dmcore.experiments.gallery.recorded` reads it."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is a gallery, is empty, or does not exist.

        Raises:
            ValueError: other files are in it.
            StorageError: it cannot be written to.
        """
        self._folder, self._runs, self._provenance = folder, folder / RUNS, folder / PROVENANCE
        try:
            if folder.is_dir() and not self._provenance.is_dir() and any(folder.iterdir()):
                raise ValueError(
                    f"{folder} is no gallery, and other files are in it: name an empty or a new folder"
                )
            make_writable(self._runs / FOLDER, self._provenance)
        except OSError as refusal:
            reason = (refusal.strerror or str(refusal)).lower()
            raise StorageError(
                f"the gallery {folder} cannot be written to ({reason}): name another folder with --out"
            ) from refusal

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the folder: one build at a time packs into it.

        Raises:
            ValueError: another process holds it.
        """
        lock = FileLock(self._folder / LOCK, thread_local=False)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as timeout:
            raise ValueError(
                f"another build packs into {self._folder}: wait until it ends, or name another folder "
                "with --out"
            ) from timeout
        try:
            yield
        finally:
            lock.release()

    def add_run(self, run: RunFolder, results: Sequence[Path], most_snapshots: int) -> RunFolder:
        """Pack a finished run with these files of evaluations, and return the packed one.

        Its provenance is written when all that belongs to it is there, by `finish`.

        Args:
            run: the run.
            results: files of its evaluations.
            most_snapshots: iterations whose images are kept, where they are not too large.

        Raises:
            ValueError: its images are damaged.
            StorageError: the disk is full or refuses.
        """
        image = 2 * run.description.data.channels * run.description.data.height * run.description.data.width
        size = image * len(run.class_names) * sum(described.images_per_class for described in run.sets)
        with_momentum = 2 * most_snapshots * size <= MOMENTUM_BYTES
        most = min(most_snapshots, MOST_RUN_BYTES // size)
        kept = {name: thinned(run.snapshots(), max(most, 2)) for name in run.set_names}
        return pack_run(run, self._runs, kept, results=results, momentum=with_momentum)

    def finish(self, provenance: Provenance) -> None:
        """Write the record that makes an entry one.

        Raises:
            StorageError: the disk is full or refuses.
        """
        write_record(self._provenance / f"{provenance.name}.json", provenance)

    def add_table(self, results: Results, root: Path, provenance: Provenance) -> None:
        """Pack the results of a table, and of the sets that its cells name the final images.

        Args:
            results: complete results.
            root: runs root of the runs that the cells name.
            provenance: of the table.

        Raises:
            ValueError: a run that a cell names is gone, or its images are damaged.
            StorageError: the disk is full or refuses.
        """
        for run_id, kept in self._kept_images(results, root).items():
            target = self._runs / run_id
            if not _holds(target, kept):  # one of another entry may keep more of it
                pack_run(open_run(run_id, root), self._runs, kept, most_events=MOST_CELL_EVENTS)
        write_results(self._runs, results)
        self.finish(provenance)

    def add_race(self, race: RaceResults, root: Path, provenance: Provenance) -> None:
        """Pack the results of a race, and of its images those that a page shows.

        Args:
            race: complete results.
            root: runs root that the race is in.
            provenance: of the race.

        Raises:
            ValueError: images are missing or damaged.
            StorageError: the disk is full or refuses.
        """
        source, target = race_folder(root, race.config), race_folder(self._runs, race.config)
        write_race(target, race)
        for point in race.pictured:
            images = read_images(source, point)
            if images is None:
                raise ValueError(
                    f"the last images of {NAMES[point.method]} in {source} are missing or damaged"
                )
            write_images(target, point, images)
        self.finish(provenance)

    def remove_unused(self) -> None:
        """Remove runs, tables and races that no entry names, such as those of an earlier build.

        Where an entry cannot be read, nothing is removed: nobody knows what it names.

        Raises:
            StorageError: the folder refuses.
        """
        entries, problems = read_gallery(self._folder)
        if problems or any(entry.problem for entry in entries):
            return
        used = {FOLDER, RACES, *(entry.provenance.source for entry in entries)}
        for entry in entries:
            cells = entry.results.cell_results.values() if entry.results is not None else ()
            used |= {result.run for result in cells}
        with storage_errors_explained(self._runs / FOLDER):
            for path in (
                *self._runs.iterdir(),
                *(self._runs / FOLDER).iterdir(),
                *(self._runs / RACES).glob("*"),
            ):
                if path.name not in used:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    @staticmethod
    def _kept_images(results: Results, root: Path) -> dict[str, dict[str, list[int]]]:
        """Iterations to keep, by run and set: the tested ones, of large sets only of the first seed."""
        kept: dict[str, dict[str, list[int]]] = {}
        for index, cell in enumerate(results.table.cells):
            result = results.cell_results[index]
            if not result.run:  # all real images
                continue
            of_run = kept.setdefault(result.run, {})
            is_first = results.table.at(cell.row, cell.column)[0] == index
            data = open_run(result.run, root).description.data
            size = 2 * result.images * data.channels * data.height * data.width
            if is_first or size <= LARGEST_CELL_BYTES:
                of_run[result.set] = [result.iteration]
        return kept


def _holds(packed: Path, kept: Mapping[str, Sequence[int]]) -> bool:
    """Whether a packed run is whole and has these images."""
    if not (packed / "run.json").is_file():
        return False
    run = RunFolder(packed)
    return not lack(run) and all(set(kept[name]) <= set(run.snapshots(name)) for name in kept)


def make_writable(*folders: Path) -> None:
    """Create folders and verify that files can be created in them.

    Raises:
        OSError: the system refuses.
    """
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / f".trial{temporary_ending()}"
        trial.touch()
        trial.unlink()


def folder_bytes(folder: Path) -> int:
    """Size of a folder on the disk in bytes, in blocks of 4 KiB as most file systems have."""
    return sum(
        -(-path.stat().st_size // 4096) * 4096 if path.is_file() else 4096 for path in folder.rglob("*")
    )
