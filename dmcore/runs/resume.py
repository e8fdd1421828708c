"""Resume of a run: newest intact checkpoint, execution plan restored, the folder rolled back to it.

Call with the lock held. `find_resume_point` only reads, and refuses where continuing would lose something.
`roll_back` creates and writes first, so that on a full disk nothing is deleted: the event log loses the lines
after the checkpoint, which are computed again, and gets the notes. Then damaged later checkpoints are set
aside, and the earlier result and error and the surplus snapshots deleted. Later images that were evaluated
are stored again when the run comes to them. After a kill the next resume does the same again.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from dmcore.config.protocols import is_quick
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.files.atomic import DAMAGED, remove_stale_temporaries, set_aside, storage_errors_explained
from dmcore.files.checked_json import DamagedFileError
from dmcore.files.listing import list_folder
from dmcore.runs.checkpoint import (
    CHECKPOINT_SECONDS,
    Checkpoint,
    NewestCheckpoint,
    checkpoint_file,
    newest_checkpoint,
)
from dmcore.runs.events import EventTail, truncate_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import RunBusyError
from dmcore.runs.loss_digest import LossDigest
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.runs_root import change_description, lock_description, update_format
from dmcore.runs.snapshots import list_iterations


class ResumePoint(NamedTuple):
    """State that `record` continues from, and what `roll_back` has to do for it."""

    checkpoint: Checkpoint | None
    """None: from the start."""
    seconds: float
    """Computing time up to there."""
    plan: Plan
    losses: LossDigest
    """Digest of the losses recorded up to there."""
    notes: tuple[str, ...] = ()
    """Deviations from an unbroken run, in sentences."""
    damaged: tuple[int, ...] = ()
    """Iterations of the later checkpoints, all damaged."""
    surplus: tuple[Path, ...] = ()
    """Snapshots that an unbroken run would not have, or has not yet."""
    evaluated: tuple[int, ...] = ()
    """Later iterations whose images were evaluated: to be stored again, whatever the schedule."""

    @property
    def iteration(self) -> int:
        """Updates done up to there."""
        return self.checkpoint.iteration if self.checkpoint else 0


def check_data(run: RunFolder, dataset: DataSet) -> None:
    """Check that a data set has the training images that the run was begun with.

    Raises:
        ValueError: the training images are not the same.
    """
    stored = run.description.data
    if dataset.class_names != stored.class_names or dataset.train_digest != stored.digest:
        raise ValueError(
            f"run {run.id} was begun on other training images than {dataset.name} has now"
            f"{dataset.version_remark}: "
            "bring the old ones back (see --data-root), or start a new run"
        )


def find_resume_point(
    run: RunFolder, dataset: DataSet, plan: Plan | None, schedule: tuple[int, ...]
) -> ResumePoint:
    """Find the newest intact checkpoint of a run and a plan to continue with; writes nothing.

    Args:
        run: the run, locked by the caller.
        dataset: its real images.
        plan: execution plan from here on; left out, the run's own.
        schedule: iterations of the scheduled snapshots.

    Raises:
        ValueError: no plan is possible on this machine, or all checkpoints are damaged or lost.
        DamagedFileError: the system refuses to list or to read something.
    """
    chosen, notes = restore_plan(run, dataset, plan)
    checkpoint, damaged = find_checkpoint(run)
    iteration = checkpoint.iteration if checkpoint else 0
    notes += [f"{sentence}: resumed from iteration {iteration}" for sentence in damaged]
    events, damaged_lines = _read_events(run)
    if damaged_lines:
        notes.append(f"{damaged_lines} damaged lines of losses before this iteration were dropped")
    losses = LossDigest(events, iteration)
    if checkpoint and not damaged_lines and checkpoint.losses not in ("", losses.hexdigest()):
        notes.append("the losses before this iteration are incomplete, or not those of this run")
    evaluated = {name: _evaluated_iterations(run, name) for name in run.recorded_sets}
    again = {later for of_set in evaluated.values() for later in of_set if later > iteration} - {*schedule}
    surplus = [
        file
        for name in run.recorded_sets
        for file in _surplus_snapshots(run, name, iteration, schedule, evaluated[name])
    ]
    if deleted := sorted(again & {int(file.stem) for file in surplus}):
        which = f"iteration{'s' * (len(deleted) > 1)} {', '.join(map(str, deleted))}"
        notes.append(f"the images of {which}, which were evaluated, are computed again")
    return ResumePoint(
        checkpoint,
        max((seconds for at, seconds in _times(events) if at <= iteration), default=0.0),
        chosen,
        losses,
        tuple(notes),
        tuple(later for later in list_iterations(run.checkpoint_folder) if later > iteration),
        tuple(surplus),
        tuple(sorted(again)),
    )


def find_checkpoint(run: RunFolder) -> NewestCheckpoint:
    """Find the newest intact checkpoint of a run; None only where the run was killed before its first.

    Raises:
        ValueError: all are damaged or lost: resuming from the start would delete the run's images.
        DamagedFileError: the system refuses to list or to read something.
    """
    newest = newest_checkpoint(run.checkpoint_folder, run)
    if newest.checkpoint is None and (newest.damaged or had_checkpoint(run)):
        raise ValueError(_no_checkpoint(run, newest.damaged))
    return newest


def had_checkpoint(run: RunFolder) -> bool:
    """Whether a run without checkpoints has files that are later than its first one."""
    set_aside_before = [entry for entry in list_folder(run.checkpoint_folder) if entry.name.endswith(DAMAGED)]
    if set_aside_before or os.path.lexists(run.path / "result.json"):
        return True
    for name in run.recorded_sets:
        stored = list_iterations(run.snapshot_folder(name))
        if stored and not os.path.lexists(run.events_file):  # it is created before the first images
            return True
        if any(iteration > 0 and iteration in stored for iteration in _evaluated_iterations(run, name)):
            return True
    times = [seconds for _, seconds in _times(_read_events(run)[0])]
    return any(seconds > CHECKPOINT_SECONDS for seconds in times[:-1])  # due at the first such event


def _read_events(run: RunFolder) -> tuple[list[dict[str, Any]], int]:
    """Events of a run, and the number of damaged lines.

    Raises:
        DamagedFileError: the system refuses to read them.
    """
    tail = EventTail(run.events_file)
    try:
        return tail.read(), len(tail.damaged)
    except OSError as refusal:
        reason = f"it cannot be read, {(refusal.strerror or str(refusal)).lower()}"
        remedy = "check the disk and its permissions, or restore it from a copy"
        raise DamagedFileError(run.events_file, reason, remedy) from refusal


def _times(events: Sequence[Mapping[str, Any]]) -> list[tuple[int, float]]:
    """(iteration, seconds) of each update, in order."""
    return sorted({event["iteration"]: event["seconds"] for event in events if "seconds" in event}.items())


def roll_back(run: RunFolder, point: ResumePoint) -> None:
    """Roll the folder back to a resume point, with a note of every deviation.

    Writing the event log needs more space than anything else here: where it fails, nothing is deleted yet.

    Raises:
        StorageError: the folder cannot be written to.
    """
    plan = point.plan.model_dump(mode="json")
    with storage_errors_explained(run.events_file):
        with suppress(RunBusyError), lock_description(run.path):  # else while the title is being changed
            remove_stale_temporaries(run.path)
        for folder in (run.checkpoint_folder, *map(run.snapshot_folder, run.recorded_sets)):
            folder.mkdir(parents=True, exist_ok=True)
        truncate_events(run.events_file, point.iteration, point.notes)
        update_format(run)
        if plan != run.description.plan:
            change_description(run.path, plan=plan)
        for iteration in point.damaged:
            set_aside(checkpoint_file(run.checkpoint_folder, iteration))
        for file in (run.path / "result.json", run.path / "error.json", *point.surplus):
            file.unlink(missing_ok=True)


def _no_checkpoint(run: RunFolder, damaged: Sequence[str]) -> str:
    """Message for a run whose checkpoints are all damaged, as told, or gone."""
    count = len(damaged)
    which = {1: "the only checkpoint", 2: "both checkpoints"}.get(count, f"all {count} checkpoints")
    sentence = f"{which} of run {run.id} {'is' if count == 1 else 'are'} damaged ({'; '.join(damaged)})"
    if not damaged:
        sentence = f"run {run.id} has no checkpoint any more in {run.checkpoint_folder}"
    stored = [iteration for name in run.recorded_sets for iteration in run.snapshots(name)]
    if not stored:
        return f"{sentence} and no images are stored: restore them from a copy, or start a new run"
    last = max(stored)
    return (
        f"{sentence}; its images up to iteration {last} are stored: "
        f"export them (dmcore export with --iteration {last}), restore a checkpoint from a copy, "
        "or start a new run"
    )


def _evaluated_iterations(run: RunFolder, name: str) -> set[int]:
    """Iterations of a set with an evaluation, the quick ones of the online evaluation left out.

    Where an evaluation cannot be read, also all that are stored: it may be of any of them.

    Raises:
        DamagedFileError: the system refuses to list the evaluations or the images.
    """
    files = [entry for entry in list_folder(run.path / "results") if entry.name.endswith(".json")]
    results = run.results()
    evaluated = {
        result.iteration
        for result in results
        if result.set == name and not is_quick(result.protocol, result.kind)
    }
    return evaluated | ({*list_iterations(run.snapshot_folder(name))} if len(results) < len(files) else set())


def _surplus_snapshots(
    run: RunFolder, name: str, iteration: int, schedule: tuple[int, ...], evaluated: Collection[int]
) -> list[Path]:
    """Snapshots after `iteration`, and earlier ones that an unbroken run would not have.

    For each scheduled iteration the nearest stored one stays, so a continued run keeps its film; images with
    an evaluation stay as well, but for those that the run will come to.
    """
    folder: Path = run.snapshot_folder(name)
    stored = list_iterations(folder)
    before = [earlier for earlier in stored if earlier <= iteration]
    kept = {
        min(before, key=lambda earlier: abs(earlier - due)) for due in schedule if before and due <= iteration
    }
    kept |= {at for at in evaluated if not iteration < at <= schedule[-1]}
    return [folder / f"{surplus:07d}.safetensors" for surplus in stored if surplus not in kept]
