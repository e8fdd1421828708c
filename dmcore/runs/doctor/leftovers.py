"""Leftovers in a runs root: temporary files of killed processes, files set aside, files of nobody."""

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from dmcore.files.atomic import DAMAGED, TEMPORARY, is_being_written
from dmcore.runs.complete import UNFINISHED
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.lock import active_owner
from dmcore.runs.pinned_pool import PINNED
from dmcore.runs.results import online_evaluation_time, prediction
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
    PINNED,
}
"""Files of a run beside its folders."""
UNFINISHED_SECONDS = 3600
"""Age from which a folder of an import is no longer being written."""


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
        yield Finding(owner, "stale", remedy, partial(owner.unlink, missing_ok=True), is_damage=False)


def _is_known_folder(parts: tuple[str, ...]) -> bool:
    match parts:
        case ("results" | "checkpoints" | "sets",) | ("sets", _) | ("sets", _, "snapshots"):
            return True
    return False


def _is_known_file(file: Path, parts: tuple[str, ...]) -> bool:
    if not file.is_file():  # a broken link, a device
        return False
    match parts:
        case (name,):
            return name in FILES
        case ("results", name):
            return name.endswith(".json")
        case ("checkpoints", name) | ("sets", _, "snapshots", name):
            return name.endswith(ENDING) and name.removesuffix(ENDING).isdecimal()
        case ("sets", _, name):
            return name == "set.json"
    return False


def unfinished_finding(folder: Path) -> Finding | None:
    """Finding on the hidden folder of an import that was killed; None where it may still be at work."""
    if not folder.name.startswith(UNFINISHED) or time.time() - folder.stat().st_mtime < UNFINISHED_SECONDS:
        return None
    return Finding(folder, "of an import that was killed", "delete it, and import again", is_damage=False)
