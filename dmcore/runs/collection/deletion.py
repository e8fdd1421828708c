"""Deletion of several runs: what of them can go, what that frees, and what stays, each with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.collection.facts import size_on_disk
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import check_deletable, delete_run, find_run_path

SKELETON = ("sets", "checkpoints")
"""Folders that every run has: a folder with a `run.json` of another program has not."""


@dataclass(frozen=True)
class SizedRun:
    """Run that was deleted, or would be."""

    run: RunFolder
    title: str
    """Empty where it cannot be read."""
    bytes: int


@dataclass(frozen=True)
class KeptRun:
    """Run that stays, and why."""

    run: RunFolder
    reason: str


@dataclass(frozen=True)
class Deletion:
    """Runs that were deleted, or would be, and those that stay."""

    runs: tuple[SizedRun, ...]
    kept: tuple[KeptRun, ...] = ()

    @property
    def bytes(self) -> int:
        """What it frees on the disk."""
        return sum(sized.bytes for sized in self.runs)


def plan_deletion(runs: Iterable[RunFolder]) -> Deletion:
    """What deleting these runs would do; changes nothing."""
    deletable, kept = list[SizedRun](), list[KeptRun]()
    for run in runs:
        try:
            check_deletable(run)
        except (ValueError, OSError) as refusal:
            kept.append(KeptRun(run, str(refusal)))
        else:
            deletable.append(SizedRun(run, _title(run), size_on_disk(run.path)))
    return Deletion(tuple(deletable), tuple(kept))


def delete_runs(planned: Deletion) -> Deletion:
    """Delete what was planned, with everything in it; what cannot go any more stays, and the others go."""
    deleted, kept = list[SizedRun](), [*planned.kept]
    for sized in planned.runs:
        try:
            delete_run(sized.run)
        except FileNotFoundError:
            kept.append(KeptRun(sized.run, f"run {sized.run.id} was deleted by somebody else just now"))
        except (ValueError, OSError) as refusal:
            kept.append(KeptRun(sized.run, str(refusal)))
        else:
            deleted.append(sized)
    return Deletion(tuple(deleted), tuple(kept))


def find_deletable(id_or_path: str, root: Path) -> RunFolder:
    """Run by its id below the runs root, or by its path; a damaged one too, as long as it is surely a run.

    Raises:
        NewerFormatError: written by a later version of this program, which knows what it is about.
        ValueError: no such run.
    """
    run = RunFolder(find_run_path(id_or_path, root))
    try:
        run.description  # noqa: B018 - reading is the test
    except DamagedFileError as damage:
        if not all((run.path / name).is_dir() for name in SKELETON):
            raise ValueError(f"{run.path} is no run, or little is left of one: delete it by hand") from damage
    return run


def _title(run: RunFolder) -> str:
    try:
        return run.description.title
    except (ValueError, OSError):
        return ""
