"""Restoration of a missing or damaged `run.json` from the copies that checkpoints have of it."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic_core import from_json

from dmcore.files.atomic import DAMAGED, replacing_damaged
from dmcore.files.checked_json import CHECKSUM, DamagedFileError, parse_fields, read_content, record_content
from dmcore.runs.checkpoint import Checkpoint, stored_description
from dmcore.runs.description import RunDescription
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.events import last_iteration
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import lock_description, write_description

MOST_ITERATIONS = 10**9
"""Iterations of a configuration: a larger number is damage as well."""
_TEXT = {
    name: re.compile(rf'"{name}"\s*:\s*("(?:[^"\\]|\\.)*")\s*[,}}]') for name in ("id", "title", CHECKSUM)
}
_ITERATIONS = re.compile(r'"iterations"\s*:\s*([0-9]{1,9})\s*[,}]')


@dataclass(frozen=True)
class _Remains:
    """What can be read of a damaged `run.json`; None where it cannot."""

    id: str | None = None
    title: str | None = None
    iterations: int | None = None
    checksum: str | None = None


def description_finding(
    run: Path, reason: str, checkpoints: Mapping[int, Checkpoint], cost: str = "the run is not listed"
) -> Finding:
    """Finding on a missing or damaged `run.json`, with its restoration where a checkpoint has a copy.

    Args:
        run: the run's folder.
        reason: what is wrong with the file.
        checkpoints: intact checkpoints by iteration.
        cost: what that costs.
    """
    file, remains = run / "run.json", _read_remains(run)
    copies = _read_copies(run, checkpoints)
    if not copies:
        remedy = f"{cost}, and no checkpoint has a copy: restore it from a copy, or delete the run"
        return Finding(file, reason, remedy)
    # of the folder's name if there is such a copy, then the newest
    iteration, copy = max(copies.items(), key=lambda each: (each[1].id == run.name, each[0]))
    if remains.id not in (None, copy.id):  # another run's
        remains = _Remains()
    iterations, said_by = _iterations(run, copy, remains)
    restored = copy
    if copy.config is not None and iterations is not None:
        config = copy.config.model_copy(update={"iterations": iterations})
        restored = copy.model_copy(update={"config": config})
    if remains.title is not None:
        restored = restored.model_copy(update={"title": remains.title})
    unknown = [] if remains.title is not None else ["a later title"]
    if copy.config is not None and remains.iterations is None:
        unknown.append("an extension since then")
    remedy = f"{cost}: --repair restores it from checkpoint {iteration:07d}{said_by}"
    if unknown:
        remedy += f"; {' or '.join(unknown)} cannot be known"
    return Finding(file, reason, remedy, partial(_restore, run, restored))


def is_of_another_run(run: Path, checkpoints: Mapping[int, Checkpoint]) -> bool:
    """Whether a readable `run.json` is another run's: the folder and all its checkpoints have one other id.

    Args:
        run: the run's folder, whose name differs from the id in the file.
        checkpoints: all intact checkpoints by iteration, whatever run they are of.
    """
    copies = _read_copies(run, checkpoints)
    return bool(copies) and all(copy.id == run.name for copy in copies.values())


def _read_copies(run: Path, checkpoints: Mapping[int, Checkpoint]) -> dict[int, RunDescription]:
    """Read the copies of `run.json` in checkpoints, by iteration; some may have none."""
    copies = {}
    for iteration, checkpoint in checkpoints.items():
        with suppress(DamagedFileError):  # of a later version
            description = stored_description(checkpoint, run / "run.json")
            if description is not None:
                copies[iteration] = description
    return copies


def _iterations(run: Path, copy: RunDescription, remains: _Remains) -> tuple[int | None, str]:
    """Number of iterations to restore, which an extension may have made larger than the copy's, and why."""
    if copy.config is None:
        return None, ""
    of_copy, of_file = copy.config.iterations, remains.iterations
    result = RunFolder(run).result()
    done = max(last_iteration(run / "events.jsonl"), 0 if result is None else result.iteration)
    done = done if done < MOST_ITERATIONS else 0
    if done > max(of_copy, of_file or 0):
        return done, f", with {done} iterations, as many as are done"
    if of_file is None or of_file <= of_copy:
        return of_copy, ""
    if remains.checksum is not None and parse_fields(record_content(copy), run)[CHECKSUM] == remains.checksum:
        return of_copy, ""  # it was this number that was damaged
    return of_file, f", with the {of_file} iterations of the damaged file instead of {of_copy}"


def _read_remains(run: Path) -> _Remains:
    """Read what is left of a `run.json`, or of the newest that was set aside where it is missing."""
    file = run / "run.json"
    aside = sorted(run.glob(f"run.json*{DAMAGED}"), key=lambda each: each.lstat().st_mtime_ns)
    if not os.path.lexists(file) and aside:
        file = aside[-1]
    try:
        text = read_content(file).decode(errors="replace")
    except (OSError, DamagedFileError):
        return _Remains()
    before_data = text.partition('"data"')[0]  # it has a title too
    texts = {name: _text(text if name == CHECKSUM else before_data, name) for name in _TEXT}
    number = _ITERATIONS.search(text)
    iterations = int(number[1]) if number is not None else None
    return _Remains(texts["id"], texts["title"], iterations, texts[CHECKSUM])


def _text(text: str, name: str) -> str | None:
    match = _TEXT[name].search(text)
    try:
        value = None if match is None else from_json(match[1])
    except ValueError:
        return None
    return value if isinstance(value, str) and "\ufffd" not in value else None


def _restore(run: Path, description: RunDescription) -> None:
    with lock_description(run), replacing_damaged(run / "run.json"):
        write_description(run, description)
