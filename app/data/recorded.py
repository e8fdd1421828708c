"""Recorded results that came with the program, as pages offer them: all, unless a person has hidden them.

That they are hidden is stored in a small file in the runs root; a run and a table are found without it too.
"""

from pathlib import Path

from app.data.folders import runs_root
from dmcore.experiments.gallery.recorded import RecordedEntry, nearest_recorded, recorded_entries
from dmcore.experiments.table import Table
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record

FILE = "recorded.json"


class RecordedSettings(Record):
    """`recorded.json` in the runs root: whether the pages show recorded results."""

    hidden: bool = False


def recorded_hidden() -> bool:
    """Whether a person has hidden the recorded results; a damaged file hides nothing."""
    try:
        return read_record(RecordedSettings, _file()).hidden
    except (FileNotFoundError, DamagedFileError):
        return False


def set_recorded_hidden(hidden: bool) -> None:
    """Hide the recorded results on all pages, or show them again.

    Raises:
        StorageError: the runs root cannot be written to.
    """
    file = _file()
    with storage_errors_explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_record(file, RecordedSettings(hidden=hidden))


def shown_entries() -> tuple[RecordedEntry, ...]:
    """All recorded results; none where they are hidden."""
    return () if recorded_hidden() else recorded_entries()


def recorded_runs() -> list[RecordedEntry]:
    """Recorded runs, in the gallery's order; none where they are hidden."""
    return [entry for entry in shown_entries() if entry.run is not None]


def recorded_table(table: Table) -> RecordedEntry | None:
    """Recorded results of a table, else the nearest of its experiment; None where they are hidden."""
    return None if recorded_hidden() else nearest_recorded(table)


def _file() -> Path:
    return runs_root() / FILE
