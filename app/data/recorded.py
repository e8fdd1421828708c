"""Recorded results that came with the program, as pages offer them: all, unless a person has hidden them.

That they are hidden is stored in a small file in the runs root; a run and a table are found without it too.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from app.data.folders import runs_root
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.config.formatting import counted, sentence
from dmcore.config.models import DEFAULT_DATASET
from dmcore.experiments.gallery.recorded import (
    RecordedEntry,
    gallery_folder,
    is_recorded,
    nearest_recorded,
    recorded_entries,
    recorded_problems,
)
from dmcore.experiments.table import Table
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.runs.display.titles import run_titles
from dmcore.runs.folder import RunFolder

FILE = "recorded.json"
OPENING_RUN = "fashion-from-noise"
"""Recorded run that the front page and the chapters of How it works show."""


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
    """Hide the recorded results on all pages but the front page and How it works, or show them again.

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


def recorded_runs() -> list[RunFolder]:
    """Recorded runs that are entries of their own; none where they are hidden.

    Of the usual data set first, then those with the usual augmentation, then by name.
    """
    runs = [entry.run for entry in shown_entries() if entry.run is not None]
    return sorted(runs, key=_is_unusual)


def _is_unusual(run: RunFolder) -> tuple[bool, bool]:
    """Whether a run is of other data than the usual ones, and whether of another augmentation."""
    augment = run.config.augment if isinstance(run.config, CondenseConfig) else None
    return run.description.data.name != DEFAULT_DATASET, augment != CondenseConfig().augment


def recorded_entry_of(run: RunFolder) -> RecordedEntry | None:
    """Recorded entry that a run is; None for a run of somebody here, and for one of a recorded table."""
    if not is_recorded(run):
        return None
    entries = (entry for entry in recorded_entries() if entry.run is not None)
    return next((entry for entry in entries if entry.provenance.source == run.id), None)


def nearest_recorded_run(config: MethodConfig) -> RunFolder | None:
    """Recorded run of the same data and method that differs in the fewest settings; None without one."""
    chosen = config.model_dump(exclude={"seed"})

    def differences(run: RunFolder) -> int:
        other = run.config.model_dump() if run.config is not None else {}
        return sum(other.get(name) != value for name, value in chosen.items())

    return min(
        (
            run
            for run in recorded_runs()
            if run.description.data.name == config.dataset
            and (run.config is None or run.config.method == config.method)
        ),
        key=differences,
        default=None,
    )


def has_recorded_run(dataset: str) -> bool:
    """Whether there is a recorded run of this data set, hidden or not."""
    runs = (entry.run for entry in recorded_entries())
    return any(run is not None and run.description.data.name == dataset for run in runs)


def title_of(run: RunFolder) -> str:
    """Title of a run for people: of a recorded entry that of its provenance."""
    entry = recorded_entry_of(run)
    return run.description.title if entry is None else entry.provenance.title


def offered_titles(runs: Sequence[RunFolder]) -> dict[str, str]:
    """Unique titles of runs in a list, by id; recorded ones are named so."""
    recorded = [run for run in runs if is_recorded(run)]
    own = run_titles([run for run in runs if run not in recorded])
    return own | {run.id: f"{title_of(run)}, recorded" for run in recorded}


def gallery_problem() -> str:
    """Sentence on recorded results that are missing or cannot be read; empty where all can. Read once."""
    folder = gallery_folder()
    if not folder.is_dir():
        return (
            f"The recorded results that come with the program are missing ({folder} does not exist): "
            "install the program again, or set DM_GALLERY to their folder."
        )
    return _problem_of(folder)


@lru_cache(maxsize=4)
def _problem_of(folder: Path) -> str:
    problems = recorded_problems()
    if not problems:
        return ""
    more = f" {counted(len(problems) - 1, 'more file')} cannot be read." if len(problems) > 1 else ""
    return f"Some recorded results cannot be shown: {sentence(problems[0])}{more}"


def recorded_table(table: Table) -> RecordedEntry | None:
    """Recorded results of a table, else the nearest of its experiment; None where they are hidden."""
    return None if recorded_hidden() else nearest_recorded(table)


def _file() -> Path:
    return runs_root() / FILE
