"""What there is beside the published numbers: tables that were recorded, and those that ran here."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.data.folders import runs_root
from app.data.recorded import shown_entries
from dmcore.experiments.figure4.report import time_to_accuracy
from dmcore.experiments.figure4.results import FILE as RACE_FILE
from dmcore.experiments.figure4.results import FOLDER as RACES
from dmcore.experiments.figure4.results import RaceResults, read_race_file
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import RecordedEntry, recorded_entries
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import TableEntry, entry_of, known_entries
from dmcore.experiments.results import FOLDER, Results, read_results_file
from dmcore.experiments.table import Table
from dmcore.files.checked_json import DamagedFileError

CACHED_TABLES, MOST_TABLES = 64, 20
FIRST_DATA = ("cifar10", "fashion")
"""Data sets whose results a card shows before others."""


@dataclass(frozen=True)
class Evidence:
    """Results of one table that a person's machine computed, or a recorded one."""

    results: Results
    provenance: Provenance | None = None
    """Of recorded results; None for what ran here."""

    @property
    def yours(self) -> bool:
        """Whether it ran here."""
        return self.provenance is None

    @property
    def table(self) -> Table:
        """The table."""
        return self.results.table

    @property
    def name(self) -> str:
        """Who has it: 'yours' or 'recorded'."""
        return "yours" if self.yours else "recorded"

    @property
    def column(self) -> str | None:
        """The last column in which the learned row has a number, else the last with any.

        Of a matrix the column of the architecture that the first row was learned on.
        """
        learned = self.table.learned_row
        if (
            experiment_of(self.table).figure == "matrix"
            and learned
            and entry_of(self.results, learned, learned)
        ):
            return learned
        columns = [entry.column for entry in known_entries(self.results)]
        best = [entry.column for entry in known_entries(self.results, [learned] if learned else [])]
        return next(reversed(best or columns), None)

    @property
    def learned(self) -> TableEntry | None:
        """Mean of the row of learned images in `column`."""
        row = experiment_of(self.table).compared_row
        row = row if row in self.table.rows else self.table.learned_row
        return None if row is None or self.column is None else entry_of(self.results, row, self.column)


@dataclass(frozen=True)
class RaceEvidence:
    """A race that ran here, or a recorded one."""

    results: RaceResults
    yours: bool
    """Whether it ran here."""

    @property
    def sentence(self) -> str:
        """What it shows: the time until an accuracy."""
        reached = time_to_accuracy(self.results)
        of = f"{self.results.data_title}, {self.results.config.images_per_class} per class"
        return of if reached is None else f"{of}: {reached.sentence}"


def races() -> list[RaceEvidence]:
    """The newest race that ran here and has something to compare, then the recorded one."""
    found = []
    for file, written, size in _newest_first(runs_root() / RACES, f"*/{RACE_FILE}")[:MOST_TABLES]:
        try:
            results = _read_race(file, written, size)
        except (FileNotFoundError, DamagedFileError):
            continue  # the page Race says so
        if time_to_accuracy(results) is not None:
            found.append(RaceEvidence(results, True))
            break
    recorded = [RaceEvidence(entry.race, False) for entry in shown_entries() if entry.race is not None]
    return found + recorded[:1]


def recorded_evidence(experiment: str) -> list[Evidence]:
    """Recorded results of an experiment, those of `FIRST_DATA` first; none where they are hidden."""
    evidence = [
        Evidence(entry.results, entry.provenance)
        for entry in shown_entries()
        if entry.results is not None and _is_of(entry, experiment)
    ]
    return sorted(evidence, key=lambda each: _rank(each.table.dataset))


def has_recorded(experiment: str) -> bool:
    """Whether there are recorded results of an experiment, hidden or not."""
    return any(_is_of(entry, experiment) for entry in recorded_entries())


def _is_of(entry: RecordedEntry, experiment: str) -> bool:
    return entry.provenance.source.startswith(f"{experiment}-")


def your_evidence(experiment: str) -> tuple[Evidence | None, str]:
    """The newest table of an experiment that ran here and has a number, and what cannot be read of them.

    Returns:
        It, and a sentence on a newer file that is damaged; empty where there is none.
    """
    damage = ""
    for file, written, size in _files(experiment):
        try:
            results = _read(file, written, size)
        except FileNotFoundError:  # deleted just now
            continue
        except DamagedFileError as error:
            damage = damage or str(error)
            continue
        if results.tested_networks:
            return Evidence(results), damage
    return None, damage


def all_results(experiment: str) -> list[Results]:
    """Recorded and one's own results of an experiment, of one's own the newest `MOST_TABLES`."""
    found = [each.results for each in recorded_evidence(experiment)]
    for file, written, size in _files(experiment)[:MOST_TABLES]:
        try:
            found.append(_read(file, written, size))
        except (FileNotFoundError, DamagedFileError):  # `your_evidence` says it
            continue
    return found


def _files(experiment: str) -> list[tuple[Path, int, int]]:
    """Results files of an experiment, newest first, with time of change and size."""
    return _newest_first(runs_root() / FOLDER, f"{experiment}-*.json")


def _newest_first(folder: Path, pattern: str) -> list[tuple[Path, int, int]]:
    files = []
    for file in folder.glob(pattern):
        try:
            stat = file.stat()
        except OSError:  # deleted just now, or a loop of links
            continue
        files.append((file, stat.st_mtime_ns, stat.st_size))
    return sorted(files, key=lambda each: each[1], reverse=True)


@lru_cache(maxsize=CACHED_TABLES)
def _read_race(file: Path, written: int, size: int) -> RaceResults:
    return read_race_file(file)


@lru_cache(maxsize=CACHED_TABLES)
def _read(file: Path, written: int, size: int) -> Results:
    return read_results_file(file)


def _rank(dataset: str) -> int:
    return FIRST_DATA.index(dataset) if dataset in FIRST_DATA else len(FIRST_DATA)
