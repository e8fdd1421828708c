"""Resume of a run: newest intact checkpoint, execution plan restored, later files removed.

Call with the lock held. Everything that can fail comes first and only reads or adds; files are deleted last,
so that neither a full disk nor a kill loses any. After a kill the next resume does the same again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import ValidationError

from dmcore.config import PRECISIONS, CondenseConfig
from dmcore.config.protocols import is_quick
from dmcore.data.images import DataSet
from dmcore.execution.fused_network import VERSION
from dmcore.execution.plan import Plan, choose_device, make_plan
from dmcore.files.atomic import remove_stale_temporaries, set_aside, storage_errors_explained
from dmcore.runs.checkpoint import Checkpoint, checkpoint_file, newest_checkpoint
from dmcore.runs.events import EventTail, truncate_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.loss_digest import LossDigest
from dmcore.runs.runs_root import change_description, lock_description
from dmcore.runs.snapshots import stored_iterations

_WITHOUT_EFFECT = ("device_reason", "workers")
"""Fields of a plan that change no result."""


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
    """Snapshots that an unbroken run would not have."""

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
            f"run {run.id} was begun on other training images than {dataset.name} has now: "
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
        ValueError: no plan is possible on this machine, or all checkpoints are damaged.
    """
    chosen, notes = restore_plan(run, dataset, plan)
    checkpoint, damaged = newest_checkpoint(run.checkpoint_folder, run.shapes)
    if checkpoint is None and damaged:
        raise ValueError(_all_damaged(run, len(damaged)))
    iteration = checkpoint.iteration if checkpoint else 0
    notes += [f"{sentence}: resumed from iteration {iteration}" for sentence in damaged]
    tail = EventTail(run.events_file)
    events = tail.read()
    if tail.damaged:
        notes.append(f"{len(tail.damaged)} damaged lines of losses before this iteration were dropped")
    losses = LossDigest(events, iteration)
    if checkpoint and not tail.damaged and checkpoint.losses not in ("", losses.hexdigest()):
        notes.append("the losses before this iteration are incomplete, or not those of this run")
    timed = [event["seconds"] for event in events if "seconds" in event and event["iteration"] <= iteration]
    return ResumePoint(
        checkpoint,
        timed[-1] if timed else 0.0,
        chosen,
        losses,
        tuple(notes),
        tuple(later for later in stored_iterations(run.checkpoint_folder) if later > iteration),
        tuple(file for name in run.set_names for file in _surplus_snapshots(run, name, iteration, schedule)),
    )


def roll_back(run: RunFolder, point: ResumePoint) -> None:
    """Roll the folder back to a resume point, with a note of every deviation.

    The first write needs more space than any other of a resume: where it fails, nothing is deleted yet.

    Raises:
        StorageError: the folder cannot be written to.
    """
    plan = point.plan.model_dump(mode="json")
    with storage_errors_explained(run.events_file):
        truncate_events(run.events_file, point.iteration, point.notes)
        if plan != run.description.plan:
            change_description(run.path, plan=plan)
        for iteration in point.damaged:
            set_aside(checkpoint_file(run.checkpoint_folder, iteration))
        for file in (run.path / "result.json", run.path / "error.json", *point.surplus):
            file.unlink(missing_ok=True)
        with lock_description(run.path):  # the title may be in the middle of a change
            remove_stale_temporaries(run.path)


def _all_damaged(run: RunFolder, count: int) -> str:
    """Message for a run without an intact checkpoint: resuming from the start would delete its images."""
    which = {1: "the only checkpoint", 2: "both checkpoints"}.get(count, f"all {count} checkpoints")
    sentence = f"{which} of run {run.id} {'is' if count == 1 else 'are'} damaged"
    stored = [iteration for name in run.set_names for iteration in run.snapshots(name)]
    if not stored:
        return f"{sentence} and no images are stored: start a new run"
    last = max(stored)
    return (
        f"{sentence}; its images up to iteration {last} are stored: "
        f"export them (dmcore export with --iteration {last}), or start a new run"
    )


_OTHER_COMPUTATION = "networks are computed another way now"


def restore_plan(run: RunFolder, dataset: DataSet, requested: Plan | None) -> tuple[Plan, list[str]]:
    """Stored execution plan where this machine can honour it, else another plan and a note of the changes."""
    assert run.config is not None
    reason, before = "requested", run.description.plan or {}
    try:
        stored = Plan.model_validate(run.description.plan)
        before = stored.model_dump(mode="json")  # what an older version did not write has its old default
        if requested is None:
            reason = _refusal(stored)
    except ValidationError:
        if requested is None:
            reason = "the stored one is of another version"
    if requested is not None:
        chosen = requested
    elif reason == _OTHER_COMPUTATION:  # all other fields stay as chosen
        chosen = stored.model_copy(update={"quick": VERSION})
    elif reason:
        chosen = _similar_plan(before, run.config, dataset)
    else:
        chosen = stored
    after = chosen.model_dump(mode="json")
    changes = [
        f"{name.replace('_', ' ')} {after[name]} instead of {before.get(name, 'unknown')}"
        for name in after
        if name not in _WITHOUT_EFFECT and after[name] != before.get(name)
    ]
    if not changes:
        return chosen, []
    return chosen, [
        f"the execution plan changed ({reason}): {', '.join(changes)}; "
        "from here on equal to an unbroken run only within rounding"
    ]


def _similar_plan(before: Mapping[str, Any], config: CondenseConfig, dataset: DataSet) -> Plan:
    """Plan for this machine, with the earlier precision where it can honour it."""
    shape, classes = dataset.shape, len(dataset.class_names)
    precision = before.get("precision")
    if precision in PRECISIONS:
        try:
            return make_plan(config, shape, classes, precision=precision)
        except ValueError:  # a precision of another device: the note names the change
            pass
    return make_plan(config, shape, classes)


def _refusal(plan: Plan) -> str:
    """Reason why this machine cannot honour a plan; empty when it can."""
    if plan.torch_version != str(torch.__version__):
        return f"this is torch {torch.__version__}"
    try:
        choose_device(plan.device)
    except ValueError as refusal:
        return str(refusal).partition(":")[0]
    return "" if plan.quick in (0, VERSION) else _OTHER_COMPUTATION


def _surplus_snapshots(run: RunFolder, name: str, iteration: int, schedule: tuple[int, ...]) -> list[Path]:
    """Snapshots after `iteration`, and earlier ones that an unbroken run would not have.

    For each scheduled iteration the nearest stored one stays, so a continued run keeps its film; images with
    an evaluation stay as well, those with a quick online evaluation do not. Where an evaluation cannot be
    read, all earlier ones stay: it may be of any of them.
    """
    folder: Path = run.snapshot_folder(name)
    stored, results = stored_iterations(folder), run.results()
    before = [earlier for earlier in stored if earlier <= iteration]
    kept = {
        min(before, key=lambda earlier: abs(earlier - due)) for due in schedule if before and due <= iteration
    }
    kept |= {
        result.iteration
        for result in results
        if result.set == name and result.iteration <= iteration and not is_quick(result.protocol, result.kind)
    }
    if len(results) < len(run.result_files()):
        kept |= set(before)
    return [folder / f"{surplus:07d}.safetensors" for surplus in stored if surplus not in kept]
