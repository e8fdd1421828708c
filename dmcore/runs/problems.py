"""Damage of a run's small files, as sentences for the run's card and for the list of runs.

Readers leave out what is damaged; here is what they left out. Cheap enough for every page: a file is read
again only when it changed, and of the events only new lines. Images and checkpoints: see `dmcore doctor`.
"""

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from dmcore.files.checked_json import DamagedFileError, Record, read_record
from dmcore.runs.collection import tags
from dmcore.runs.description import RunError, RunResult
from dmcore.runs.events import EventTail
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import Owner
from dmcore.runs.results.online_evaluation_time import FILE as TIME_FILE
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime
from dmcore.runs.results.prediction import FILE as PREDICTION_FILE
from dmcore.runs.results.prediction import AccuracyPrediction
from dmcore.runs.results.stored_result import read_result
from dmcore.runs.set_files import read_sets
from dmcore.runs.snapshots import ENDING, stored_iterations

CACHED_FILES, CACHED_LOGS = 4096, 64
_RECORDS: tuple[tuple[str, type[Record], str], ...] = (
    ("result.json", RunResult, "the run counts as stopped: resume it, which writes the file again"),
    ("error.json", RunError, "why the run failed is not known any more: resume it, or delete the file"),
    (PREDICTION_FILE, AccuracyPrediction, "no result depends on it: delete it"),
    (TIME_FILE, OnlineEvaluationTime, "no result depends on it: delete it"),
    (tags.FILE, tags.Tags, tags.REMEDY),
    ("owner.json", Owner, "which process works on the run is not known: delete the file if none does"),
)
_FOLDERS = ("results", "checkpoints")

_lock = threading.Lock()
_verified: dict[Path, tuple[tuple[int, int, int], DamagedFileError | None]] = {}
_logs: dict[Path, tuple[tuple[int, int], EventTail]] = {}


def find_damage(run: RunFolder, *, events: bool = True) -> tuple[DamagedFileError, ...]:
    """Damaged or missing small files of a run, each with what it costs and the remedy; empty for a sound run.

    Args:
        run: a run whose description can be read.
        events: whether the event log is verified as well, which takes 10 ms for 20,000 iterations at first.
    """
    with _lock:
        damaged = [*read_sets(run.path, run.config).damaged, *_damaged_folders(run), *_damaged_records(run)]
        return (*damaged, *(_damaged_events(run.events_file) if events else ()))


def _damaged_folders(run: RunFolder) -> Iterator[DamagedFileError]:
    of_images = [run.path / "sets" / name / "snapshots" for name in run.set_names]
    for folder in (*of_images, *map(run.path.joinpath, _FOLDERS)):
        try:
            os.scandir(folder).close()
        except FileNotFoundError:
            pass
        except OSError as refusal:
            reason = f"it cannot be listed, {(refusal.strerror or str(refusal)).lower()}"
            yield DamagedFileError(folder, reason, "check its permissions, or restore it from a copy")
            continue
        if folder in of_images:
            yield from _damaged_images(run, folder)


def _damaged_images(run: RunFolder, folder: Path) -> Iterator[DamagedFileError]:
    """Images of a set that are gone, which are stored before a checkpoint; a newest file that is none."""
    stored, result = stored_iterations(folder), run.result()
    remedy = f"`dmcore doctor {run.id} --repair` writes again what a checkpoint has"
    if not stored and stored_iterations(run.checkpoint_folder):
        yield DamagedFileError(folder, "its images are gone", remedy)
    elif stored and result is not None and result.iteration not in stored:
        file = folder / f"{result.iteration:07d}{ENDING}"
        yield DamagedFileError(file, "it is missing", f"earlier images are shown: {remedy}")
    if stored:  # its name says how far the run is
        newest = folder / f"{stored[-1]:07d}{ENDING}"
        damage = _verify(newest, partial(run.image, folder.parent.name, stored[-1], 0, 0))
        if damage is not None:
            yield damage


def _damaged_records(run: RunFolder) -> Iterator[DamagedFileError]:
    records: list[tuple[Path, Callable[[], object]]] = [
        (run.path / name, partial(read_record, model, run.path / name, remedy))
        for name, model, remedy in _RECORDS
    ]
    records += [(file, partial(read_result, file, run.description.id)) for file in run.result_files()]
    for file, read in records:
        damage = _verify(file, read)
        if damage is not None:
            yield damage


def _verify(file: Path, read: Callable[[], object]) -> DamagedFileError | None:
    """Verify a record by reading it; the outcome is cached until the file changes."""
    try:
        status = file.stat()
        version = status.st_mtime_ns, status.st_size, status.st_ino
        if file in _verified and _verified[file][0] == version:
            return _verified[file][1]
    except OSError:  # reading it says why
        version = (0, 0, 0)
    damage = None
    try:
        read()
    except DamagedFileError as problem:
        damage = problem
    except (FileNotFoundError, ValueError):  # removed meanwhile
        return None
    while len(_verified) >= CACHED_FILES:
        del _verified[next(iter(_verified))]
    _verified[file] = version, damage
    return damage


def _damaged_events(file: Path) -> tuple[DamagedFileError, ...]:
    try:
        if not os.path.lexists(file):
            return ()
        if not file.is_file():
            return (DamagedFileError(file, "it is no file", "the losses are left out: move it away"),)
        status = file.stat()
        version = status.st_mtime_ns, status.st_size
        before, log = _logs.pop(file, (version, EventTail(file)))
        changed_within = before != version and before[1] >= version[1]
        if changed_within or not log.still_follows():
            log = EventTail(file)
        log.verify()
    except OSError as refusal:
        reason = f"it cannot be read, {(refusal.strerror or str(refusal)).lower()}"
        return (DamagedFileError(file, reason, "the losses are left out: check it"),)
    while len(_logs) >= CACHED_LOGS:
        del _logs[next(iter(_logs))]
    _logs[file] = version, log
    if not log.damaged:
        return ()
    first, count = log.damaged[0], len(log.damaged)
    reason = f"line {first}" if count == 1 else f"{count} lines, the first is line {first}"
    return (DamagedFileError(file, reason, "their losses are left out; resuming the run drops them"),)
