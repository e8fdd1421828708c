"""Reading of a gallery: recorded runs, tables and races that come with the package. Never imports torch.

A gallery is a folder with an ordinary runs root, `runs`, and one provenance record for each entry,
`provenance/NAME.json`. An entry that is damaged is left out: `recorded_problems` says why.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

from dmcore.experiments.cell_settings import differing_settings
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.results import FILE as RACE
from dmcore.experiments.figure4.results import FOLDER as RACES
from dmcore.experiments.figure4.results import RaceResults, read_race_file
from dmcore.experiments.gallery.provenance import EntryKind, Provenance
from dmcore.experiments.results import FOLDER, Results, read_results_file
from dmcore.experiments.table import Table
from dmcore.files.checked_json import DamagedFileError, read_record
from dmcore.files.listing import list_folder
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run

RUNS, PROVENANCE = "runs", "provenance"
REMEDY = "it is left out: install the program again, or build it with `dmcore gallery build`"


@dataclass(frozen=True)
class RecordedEntry:
    """A recorded run, table or race with its provenance; files are read when used."""

    name: str
    provenance: Provenance
    root: Path
    """Runs root of the gallery."""

    @cached_property
    def run(self) -> RunFolder | None:
        """The run; None for other kinds, and where the run is damaged or missing."""
        if self.provenance.kind != "run":
            return None
        try:
            return self._read_run()
        except ValueError:  # `problem` says it
            return None

    @cached_property
    def results(self) -> Results | None:
        """Results of the table; None for other kinds, and where the file is damaged or missing."""
        if self.provenance.kind != "table":
            return None
        try:
            return self._read_results()
        except (FileNotFoundError, DamagedFileError):  # `problem` says it
            return None

    @cached_property
    def race(self) -> RaceResults | None:
        """Results of the race; None for other kinds, and where the file is damaged or missing."""
        if self.provenance.kind != "race":
            return None
        try:
            return self._read_race()
        except (FileNotFoundError, DamagedFileError):  # `problem` says it
            return None

    @property
    def problem(self) -> str:
        """Sentence on why what it is of cannot be read, with the remedy; empty where it can."""
        reading: dict[EntryKind, Callable[[], object]] = {
            "run": self._read_run,
            "table": self._read_results,
            "race": self._read_race,
        }
        try:
            reading[self.provenance.kind]()
        except FileNotFoundError as missing:
            return f"{missing.filename} is missing: {REMEDY}"
        except ValueError as damage:
            return str(damage)
        return ""

    def _read_run(self) -> RunFolder:
        return open_run(self.provenance.source, self.root)

    def _read_results(self) -> Results:
        return read_results_file(self.root / FOLDER / self.provenance.source)

    def _read_race(self) -> RaceResults:
        return read_race_file(self.root / RACES / self.provenance.source / RACE)


def gallery_folder() -> Path:
    """Folder of the gallery: `DM_GALLERY`, else that of the package."""
    named = os.environ.get("DM_GALLERY")
    return Path(named).expanduser() if named else Path(__file__).with_name("recorded")


def recorded_root() -> Path:
    """Runs root of the gallery: read only, an ordinary one but for its packed runs."""
    return gallery_folder() / RUNS


def recorded_entries() -> tuple[RecordedEntry, ...]:
    """All entries in the order of their names; none without a gallery. Read once."""
    return _read_once(gallery_folder())[0]


def recorded_problems() -> tuple[str, ...]:
    """Sentences on what of the gallery cannot be read, each with its remedy; reads every record."""
    entries, problems = _read_once(gallery_folder())
    return (*problems, *(entry.problem for entry in entries if entry.problem))


def find_recorded(name: str) -> RecordedEntry:
    """Find an entry by its name.

    Raises:
        ValueError: no such entry; the message names the nearest.
    """
    entries = {entry.name: entry for entry in recorded_entries()}
    if name not in entries:
        near = get_close_matches(name, entries, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(entries) or 'none'}"
        raise ValueError(f"there is no recorded entry {name!r}: {hint}")
    return entries[name]


def nearest_recorded(table: Table) -> RecordedEntry | None:
    """Recorded results of the same experiment that fit a table best; None where there are none.

    One with the same key first, then those of the same data set, then by how many rows, columns and settings
    differ.
    """

    def distance(candidate: tuple[RecordedEntry, Table]) -> tuple[bool, bool, int]:
        other = candidate[1]
        return other.key != table.key, other.dataset != table.dataset, _differences(other, table)

    candidates = [
        (entry, entry.results.table)
        for entry in recorded_entries()
        if entry.provenance.source.startswith(f"{table.name}-") and entry.results is not None
    ]
    return min(candidates, key=distance)[0] if candidates else None


def nearest_race(config: Figure4Config) -> RecordedEntry | None:
    """Recorded race of the same data and images per class that differs in the fewest settings, if any."""

    def differences(race: RaceResults) -> int:
        return sum(value != getattr(config, name) for name, value in race.config)

    found = [
        (differences(entry.race), entry)
        for entry in recorded_entries()
        if entry.race is not None
        and entry.race.config.dataset_name == config.dataset_name
        and entry.race.config.images_per_class == config.images_per_class
    ]
    return min(found, key=lambda each: each[0], default=(0, None))[1]


def is_recorded(run: RunFolder) -> bool:
    """Whether a run is of the gallery."""
    return run.path.parent.resolve() == recorded_root().resolve()


def _differences(one: Table, other: Table) -> int:
    """Number of rows, columns and settings in which two tables differ."""
    names = len({*one.rows} ^ {*other.rows}) + len({*one.columns} ^ {*other.columns})
    return names + len(differing_settings(one, other))


def read_gallery(folder: Path) -> tuple[tuple[RecordedEntry, ...], tuple[str, ...]]:
    """Entries of a gallery, and sentences on provenance records that cannot be read."""
    entries, problems = [], []
    try:
        names = sorted(each.name for each in list_folder(folder / PROVENANCE) if each.name.endswith(".json"))
    except DamagedFileError as damage:
        return (), (str(damage),)
    for name in names:
        file = folder / PROVENANCE / name
        try:
            provenance = read_record(Provenance, file, REMEDY)
        except FileNotFoundError:
            continue
        except DamagedFileError as damage:
            problems.append(str(damage))
        else:
            entries.append(RecordedEntry(provenance.name, provenance, folder / RUNS))
    return tuple(entries), tuple(problems)


_read_once = lru_cache(maxsize=4)(read_gallery)
