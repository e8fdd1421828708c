"""Leftovers in a runs root: temporary files of killed processes, files set aside, files of nobody."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from dmcore.files.atomic import DAMAGED, TEMPORARY, is_being_written, storage_errors_explained
from dmcore.files.heartbeat import FUTURE_SECONDS, file_system_time
from dmcore.runs import program
from dmcore.runs.collection import tags
from dmcore.runs.complete import UNFINISHED
from dmcore.runs.doctor.finding import Finding, mended_by_lock
from dmcore.runs.lock import USE_FILES, active_owner
from dmcore.runs.packing.packed import FILE as PACKED
from dmcore.runs.pinned_pool import PINNED
from dmcore.runs.results import online_evaluation_time, prediction, test_wish
from dmcore.runs.runs_root import DELETED
from dmcore.runs.snapshots import ENDING

FILES = {
    "run.json",
    "events.jsonl",
    "result.json",
    "error.json",
    "owner.json",
    "lock",
    "run.json.lock",
    prediction.FILE,
    online_evaluation_time.FILE,
    test_wish.FILE,
    test_wish.NETWORKS_FILE,
    program.FILE,
    tags.FILE,
    PINNED,
    PACKED,
}
"""Files of a run beside its folders."""
UNFINISHED_SECONDS = 3600.0
"""Age from which a folder of an import is no longer being written."""
YOUNG_SECONDS = 60.0
"""Age up to which a folder may be a run that is being created, or deleted, just now."""


def leftover_findings(run: Path) -> Iterator[Finding]:
    """Files of a run's folder that no reader takes notice of, and those of a process that is gone."""
    for folder, folders, names in os.walk(run):
        inside = Path(folder).relative_to(run).parts
        unknown = [name for name in folders if not _is_known_folder((*inside, name))]
        folders[:] = [name for name in folders if name not in unknown]  # no others are walked
        unknown += [name for name in names if not _is_known_file(Path(folder, name), (*inside, name))]
        for file in (Path(folder, name) for name in unknown):
            if file.name.startswith(".") and file.name.endswith(TEMPORARY):
                if not is_being_written(file):
                    remedy = "a process was killed while it wrote: --repair deletes it"
                    repair = partial(file.unlink, missing_ok=True)
                    yield Finding(file, "temporary", remedy, repair, is_damage=False)
            elif not file.name.startswith(".") and not file.name.endswith(DAMAGED) and os.path.lexists(file):
                yield Finding(file, "unknown", "no reader takes notice of it: move it away", is_damage=False)
    owner = run / "owner.json"
    if owner.is_file() and active_owner(run) is None:
        remedy = "the process that worked on the run is gone: --repair deletes it, and so does resuming"
        yield Finding(owner, "stale", remedy, mended_by_lock, is_damage=False)


def _is_known_folder(parts: tuple[str, ...]) -> bool:
    match parts:
        case (
            ("results" | "checkpoints" | "sets" | "scenes" | "maps",) | ("sets", _) | ("sets", _, "snapshots")
        ):
            return True
    return False


def _is_known_file(file: Path, parts: tuple[str, ...]) -> bool:
    if not file.is_file():  # a broken link, a device
        return False
    match parts:
        case (name,):
            return name in FILES or file.match(USE_FILES)
        case ("results", name):
            return name.endswith(".json")
        case ("checkpoints", name) | ("sets", _, "snapshots", name):
            return name.endswith(ENDING) and name.removesuffix(ENDING).isdecimal()
        case ("sets", _, name):
            return name == "set.json"
        case ("scenes" | "maps", name):
            return name.endswith(".npz")
    return False


def hidden_folder_finding(folder: Path) -> Finding | None:
    """Finding on a hidden folder of a root, of an import or a deletion that was killed.

    None where it is neither of them, or where a process may still be at work on it.
    """
    if folder.name.startswith(UNFINISHED) and not is_younger(folder, UNFINISHED_SECONDS):
        return Finding(folder, "of an import that was killed", "delete it, and import again", is_damage=False)
    if folder.name.startswith(DELETED) and not is_younger(folder, YOUNG_SECONDS):
        remedy = "a process was killed while it deleted the run: --repair deletes the rest"
        repair = partial(_delete, folder)
        return Finding(folder, "of a run that was deleted", remedy, repair, is_damage=False)
    return None


def _delete(folder: Path) -> None:
    with storage_errors_explained(folder), suppress(FileNotFoundError):  # somebody else deletes it as well
        shutil.rmtree(folder)


def is_younger(folder: Path, seconds: float) -> bool:
    """Whether something appeared or vanished in a folder within some seconds, or the folder itself is gone.

    Both times are of the clock that stamps the files, which on a network folder is not this machine's.
    """
    try:
        folders = [Path(inside) for inside, _, _ in os.walk(folder)]
        changed = max(inside.stat().st_mtime for inside in (folder, *folders))
    except FileNotFoundError:
        return True
    return -FUTURE_SECONDS < file_system_time(folder.parent) - changed < seconds
