"""Runs root: find the folder of all runs, list and open runs, create, change and delete them.

Ids are generated: date, data set, four random characters, valid as file names on every system. A user's title
is a field of the run, never a path.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from dmcore.config import MethodConfig
from dmcore.files.atomic import fsync_folder, storage_errors_explained
from dmcore.files.checked_json import write_record
from dmcore.runs.description import (
    DataDescription,
    MadeFor,
    NewerFormatError,
    Origin,
    RunDescription,
    SetDescription,
    format_of_new,
)
from dmcore.runs.folder import RunFolder, read_description
from dmcore.runs.lock import RunBusyError, active_owner, is_used, refuse_packed
from dmcore.runs.snapshots import stored_iterations

DELETED = ".deleted-"
"""Prefix of the folder of a run that is being deleted; only a killed process leaves one behind."""
CHANGE_SECONDS = 5.0
"""Timeout of the lock of `run.json`."""
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class UnreadableRun(NamedTuple):
    """A run folder that cannot be read, with the reason."""

    path: Path
    sentence: str


def find_runs_root(option: Path | str | None = None) -> Path:
    """Runs root: the option, else `DM_RUNS`, else `./runs` if it exists, else a folder at home."""
    if option is not None:
        return Path(option).expanduser()
    if named := os.environ.get("DM_RUNS"):
        return Path(named).expanduser()
    here = Path("runs")
    return here.absolute() if here.is_dir() else Path.home() / "dm-explorer-runs"


def list_runs(root: Path) -> list[RunFolder]:
    """List the readable runs below `root`, newest first; none without it. Others: `unreadable_runs`."""
    return read_runs(root)[0]


def own_runs(root: Path) -> list[RunFolder]:
    """List the runs that somebody started, imported or selected, newest first: without those of tables.

    Condensations that older versions made for tables are among them: they do not tell.
    """
    return [run for run in list_runs(root) if not run.description.is_of_table]


def unreadable_runs(root: Path) -> list[UnreadableRun]:
    """List the runs that `list_runs` leaves out: of a later version, or damaged."""
    return read_runs(root)[1]


def read_runs(root: Path) -> tuple[list[RunFolder], list[UnreadableRun]]:
    """Readable and unreadable runs in one pass over the folder."""
    readable, unreadable = [], []
    for run in map(RunFolder, _run_folders(root)):
        try:
            run.description  # noqa: B018 - reading is the test
        except (NewerFormatError, ValueError) as problem:
            unreadable.append(UnreadableRun(run.path, str(problem)))
        else:
            readable.append(run)
    readable.sort(key=lambda run: (run.description.created, run.id), reverse=True)
    return readable, unreadable


def open_run(id_or_path: str | Path, root: Path | None = None) -> RunFolder:
    """Open a run by its id below the runs root, or by its path.

    Raises:
        NewerFormatError: written by a later version of this program.
        ValueError: no such run; the message names the nearest id.
    """
    run = RunFolder(find_run_path(id_or_path, find_runs_root() if root is None else root))
    run.description  # noqa: B018 - a damaged or newer run raises now, not at its first use
    return run


def find_run_path(id_or_path: str | Path, root: Path) -> Path:
    """Folder of a run, or link to one, by its id below the runs root or by its path; the run may be damaged.

    Raises:
        ValueError: no such run; the message names the nearest id.
    """
    requested = str(id_or_path)
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", requested) and _is_run(root / requested):
        return root / requested
    if requested and _is_run(named_path := Path(os.path.expanduser(requested))):  # noqa: PTH111 - unknown ~name stays
        if named_path.name in ("", ".."):
            return named_path.resolve()
        return named_path.parent.resolve() / named_path.name
    raise ValueError(_unknown(requested, root))


def create_run_folder(
    root: Path,
    *,
    title: str,
    origin: Origin,
    config: MethodConfig | None,
    plan: dict[str, Any] | None,
    data: DataDescription,
    sets: Sequence[SetDescription],
    notes: Sequence[str] = (),
    made_for: MadeFor = "",
) -> RunFolder:
    """Create the folder of a new run, with everything but images; usually called by `create_run`.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    now = datetime.now(UTC)
    with storage_errors_explained(root / "run"):
        root.mkdir(parents=True, exist_ok=True)
        path = _new_folder(root, now, data.name)
        description = RunDescription(
            format=format_of_new(sets),
            id=path.name,
            title=title.strip() or data.title,
            created=now.isoformat(timespec="microseconds"),
            origin=origin,
            config=config,
            plan=plan,
            data=data,
            notes=tuple(notes),
            made_for=made_for,
        )
        try:
            for described in sets:
                (path / "sets" / described.name / "snapshots").mkdir(parents=True)
                write_record(path / "sets" / described.name / "set.json", described)
            (path / "checkpoints").mkdir()
            (path / "results").mkdir()
            write_description(path, description)  # last: a folder without run.json is no run yet
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
    return RunFolder(path)


def write_description(path: Path, description: RunDescription) -> None:
    """Write `run.json` of a new run, in the newest format; later changes go through `change_description`."""
    write_record(path / "run.json", description.model_copy(update={"format": description.newest_format}))


def change_description(path: Path, **changes: object) -> RunDescription:
    """Change fields of `run.json` under its lock, leaving the others as they are on disk.

    Raises:
        RunBusyError: another process holds the lock of the description.
        ValueError: the run is gone or damaged.
        StorageError: the folder cannot be written to.
    """
    read_description(path)  # a lock would bring the folder of a deleted run back
    with lock_description(path):
        changed = read_description(path).model_copy(update=changes)
        write_description(path, changed)
    return changed


def update_format(run: RunFolder) -> None:
    """Give a run of an older format the newest one; call before files are written into it.

    Without it, an older version of this program would take the new files for damaged ones.

    Raises:
        RunBusyError: another process holds the lock of the description.
        StorageError: the folder cannot be written to.
    """
    if run.description.format < run.description.newest_format:
        change_description(run.path)


@contextmanager
def lock_description(path: Path) -> Iterator[None]:
    """Hold the lock of `run.json`. It is not the run's lock: titles are changed while a run is running.

    Raises:
        PackedRunError: the run is packed.
        RunBusyError: another process holds it.
        StorageError: the folder cannot be written to.
    """
    refuse_packed(path)
    lock = FileLock(path / "run.json.lock", timeout=CHANGE_SECONDS)
    with storage_errors_explained(path / "run.json"):
        try:
            lock.acquire()
        except Timeout as timeout:
            raise RunBusyError(f"run {path.name} is being changed by another process: try again") from timeout
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):
            if {file.name for file in path.iterdir()} <= {"run.json.lock"}:  # it was deleted while we waited
                (path / "run.json.lock").unlink(missing_ok=True)
                path.rmdir()


def delete_run(run: RunFolder) -> None:
    """Delete a run and everything in it; of a link, the link alone.

    It is renamed first: what a kill leaves is hidden, nothing takes it for a run, and the doctor names it.

    Raises:
        PackedRunError: it is packed.
        RunBusyError: a process is working on it.
        StorageError: the folder cannot be changed.
    """
    check_deletable(run)
    hidden = run.path.with_name(f"{DELETED}{run.path.name}-{secrets.token_hex(3)}")
    with storage_errors_explained(run.path / "run.json"):
        run.path.rename(hidden)
        fsync_folder(run.path.parent)
        if hidden.is_symlink():
            hidden.unlink()  # the folder elsewhere stays
        else:
            with suppress(FileNotFoundError):  # another process deletes it as well
                shutil.rmtree(hidden)


def check_deletable(run: RunFolder) -> None:
    """Check that nothing speaks against deleting a run.

    Raises:
        PackedRunError: it is packed.
        RunBusyError: a process is working on it, or needs it.
    """
    refuse_packed(run.path)
    owner = active_owner(run.path)
    if owner is not None:
        raise RunBusyError(
            f"run {run.id} is being worked on by process {owner.pid} on {owner.host}: stop it first"
        )
    if is_used(run.path):
        raise RunBusyError(f"run {run.id} is being tested, or is needed by a table at work: stop that first")


def _run_folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as entries:
            paths = [Path(entry.path) for entry in entries if not entry.name.startswith(DELETED)]
            return [path for path in paths if _is_run(path)]
    except OSError:  # no root yet, or none that may be read
        return []


def _is_run(path: Path) -> bool:
    """Whether a folder is or was a run: one with images and without `run.json` is damaged."""
    if os.path.lexists(path / "run.json"):  # False for impossible file names; reading tells what it is
        return True
    images = path / "checkpoints"
    return not path.name.startswith(".") and os.path.isdir(images) and bool(stored_iterations(images))  # noqa: PTH112


def _new_folder(root: Path, now: datetime, dataset: str) -> Path:
    slug = re.sub(r"[^a-z0-9]+", "-", Path(dataset).stem.lower()).strip("-")[:24].strip("-") or "images"
    while True:
        ending = "".join(secrets.choice(_LETTERS) for _ in range(4))
        path = root / f"{now:%Y%m%d-%H%M%S}-{slug}-{ending}"
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _unknown(requested: str, root: Path) -> str:
    ids = [run.id for run in list_runs(root)]
    nearest = get_close_matches(requested, ids, n=1, cutoff=0.4)
    hint = f"did you mean {nearest[0]}?" if nearest else "`dmcore runs` lists the runs"
    return f"no run {requested!r} in {root}: {hint}"
