"""Verification of a run's records and event log, among each other too."""

import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from dmcore.files.atomic import fsync_file, replacing_damaged, storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, write_record
from dmcore.runs.checkpoint import Checkpoint
from dmcore.runs.description import SetDescription
from dmcore.runs.doctor.finding import Finding, Repair, mended_by_lock
from dmcore.runs.doctor.images import is_unlistable
from dmcore.runs.events import parse_event
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import active_owner
from dmcore.runs.loss_digest import LossDigest
from dmcore.runs.pinned_pool import pinned_digest
from dmcore.runs.problems import find_damage
from dmcore.runs.program import check_programs
from dmcore.runs.set_files import described_by

_RESULT_NAME = re.compile(
    r"[0-9]{8}-[0-9]{6}-(?P<set>.+)-(?P<network>[a-z0-9_]+)-(?P<kind>condensed|random_real|all_real)-"
    r"[0-9a-f]{6}\.json"
)
"""Name of the file of an evaluation, as `ResultFile` makes it."""


def record_findings(run: RunFolder) -> Iterator[Finding]:
    """Findings on the small files of a run, and on what they say of each other."""
    expected = described_by(run.config) if run.config is not None else {}
    for damage in find_damage(run, events=False):
        repair: Repair | None = None
        of_images = "snapshots" in (damage.file.name, damage.file.parent.name)
        if of_images and not is_unlistable(damage.file):
            continue  # `missing_snapshot_findings` knows what mends it
        if damage.file.name == "set.json":
            imported = _imported_set(run, damage.file)
            described = expected.get(damage.file.parent.name) or imported
            repair = None if described is None else partial(_write_set, damage.file, described)
            if imported is not None:
                remedy = "nothing is lost, its images are counted: --repair writes it again"
                damage = DamagedFileError(damage.file, damage.reason, remedy)
        elif damage.file == run.path / "owner.json" and active_owner(run.path) is None:
            repair = mended_by_lock
        named = _RESULT_NAME.fullmatch(damage.file.name)
        if named is None:
            yield Finding.of(damage, repair)
        else:  # what it held is still in its name
            images = (
                "set" if named["kind"] == "condensed" else f"{named['kind'].replace('_', ' ')} images beside"
            )
            remedy = f"the accuracy of {named['network']} on {images} {named['set']} is lost"
            yield Finding(damage.file, damage.reason, f"{remedy}: delete the file and evaluate again")
    for name in run.set_names if expected else ():
        if name not in expected:
            remedy = (
                "resuming leaves it as it is, evaluating and exporting take it for a set of the run, and "
                "films show only iterations that it has too: move it away, or restore run.json from a copy"
            )
            yield Finding(run.path / "sets" / name, "run.json has no such set", remedy, is_damage=False)
    for check in (pinned_digest, check_programs):
        try:
            check(run)
        except DamagedFileError as damage:
            yield Finding.of(damage)
    result = run.result()
    if result is None or run.config is None:
        return
    if result.iteration > run.config.iterations:
        reason = f"iteration {result.iteration} of {run.config.iterations}"
        remedy = "the run counts as finished: restore run.json or this file from a copy"
        yield Finding(run.path / "result.json", reason, remedy)


def _imported_set(run: RunFolder, file: Path) -> SetDescription | None:
    """Description of an imported set, which is all in its images; a selection has more to say."""
    if run.description.origin != "import":
        return None
    return next((described for described in run.sets if described.name == file.parent.name), None)


def _write_set(file: Path, described: SetDescription) -> None:
    """Write a `set.json` again; a damaged one is set aside."""
    with storage_errors_explained(file):
        (file.parent / "snapshots").mkdir(parents=True, exist_ok=True)
    with replacing_damaged(file):
        write_record(file, described)


def event_findings(
    file: Path, newest_images: int, checkpoint: Checkpoint | None = None, *, is_at_work: bool
) -> Iterator[Finding]:
    """Verify the event log: every line, their order, the end, and whether it reaches the stored images.

    Args:
        file: `events.jsonl`.
        newest_images: iteration of the newest snapshot or checkpoint; 0 without one.
        checkpoint: the newest, which has a digest of the losses before it.
        is_at_work: whether a process is writing: then the last line may be incomplete.
    """
    remedy = "the losses are left out: check it, or restore it from a copy"
    try:
        if os.path.lexists(file) and not file.is_file():
            yield Finding(file, "it is no file", remedy)
            return
        content = file.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as refusal:
        yield Finding(file, f"it cannot be read, {(refusal.strerror or str(refusal)).lower()}", remedy)
        return
    *lines, tail = content.split(b"\n")
    damaged, misplaced, events, last = [], [], [], 0
    for number, line in enumerate(lines, start=1):
        event = parse_event(line)
        if event is None or not isinstance(event.get("iteration"), int):
            damaged.append(number)
        elif "loss" in event:
            if event["iteration"] <= last:
                misplaced.append(number)
            last = max(last, event["iteration"])
            events.append(event)
    if damaged:
        remedy = "their losses are left out: restore the file from a copy; resuming the run drops the lines"
        yield Finding(file, _line_numbers(damaged), remedy)
    if misplaced:
        reason = f"{_line_numbers(misplaced)}, of an iteration that an earlier line has or is beyond"
        remedy = "the curves go back there: restore the file from a copy"
        yield Finding(file, reason, remedy)
    if tail and not is_at_work:
        remedy = "readers leave it out and resuming computes it again: --repair cuts it"
        yield Finding(file, "the last line is incomplete", remedy, partial(_end_last_line, file))
    if last < newest_images and not is_at_work:
        reason = f"it ends at iteration {last}, the images at {newest_images}"
        remedy = "the losses between are lost: restore the file from a copy"
        yield Finding(file, reason, remedy)
    elif checkpoint is not None and not damaged:
        losses = LossDigest(events, checkpoint.iteration).hexdigest()
        if checkpoint.losses not in ("", losses):
            reason = f"losses before iteration {checkpoint.iteration} are missing, or are another run's"
            yield Finding(file, reason, "resuming goes on without them: restore the file from a copy")


def _end_last_line(file: Path) -> None:
    """Complete the last line where only its line feed is missing, else cut it."""
    with storage_errors_explained(file), file.open("rb+") as stream:
        content = stream.read()
        tail = content.rpartition(b"\n")[2]
        if parse_event(tail) is not None:
            stream.write(b"\n")
        else:
            stream.truncate(len(content) - len(tail))
    fsync_file(file)


def _line_numbers(numbers: Iterable[int]) -> str:
    first, *others = numbers
    return f"line {first}" if not others else f"{len(others) + 1} lines, the first is line {first}"
