"""Verification of a run's checkpoints and snapshots: which are damaged, and what the others can replace."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from dmcore.files.atomic import set_aside
from dmcore.files.checked_json import DamagedFileError, parse_record
from dmcore.runs.checkpoint import (
    Checkpoint,
    DamagedCheckpointError,
    SetShapes,
    checkpoint_file,
    read_checkpoint,
)
from dmcore.runs.description import RunDescription
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import Snapshot, read_snapshot, snapshot_file, stored_iterations, write_snapshot


def read_checkpoints(
    folder: Path, run_id: str | None = None, shapes: SetShapes | None = None
) -> tuple[dict[int, Checkpoint], dict[int, DamagedFileError]]:
    """Intact and damaged checkpoints of a folder, by iteration.

    Args:
        folder: the `checkpoints` folder of a run.
        run_id: the run's id, where it is known: a checkpoint of another run counts as damaged.
        shapes: shape of the images of each set, where it is known.
    """
    intact: dict[int, Checkpoint] = {}
    damaged: dict[int, DamagedFileError] = {}
    for iteration in stored_iterations(folder):
        file = checkpoint_file(folder, iteration)
        try:
            checkpoint = read_checkpoint(file, shapes)
            described = stored_description(checkpoint, file)
            if run_id is not None and described is not None and described.id != run_id:
                damaged[iteration] = DamagedCheckpointError(file, f"it is of run {described.id}")
            else:
                intact[iteration] = checkpoint
        except FileNotFoundError:  # a run at work deletes old ones
            continue
        except DamagedFileError as damage:
            damaged[iteration] = damage
    return intact, damaged


def stored_description(checkpoint: Checkpoint, file: Path) -> RunDescription | None:
    """The run's description inside a checkpoint; None in one of an older version.

    Raises:
        DamagedFileError: it is no such record.
    """
    if not checkpoint.description:
        return None
    return parse_record(RunDescription, checkpoint.description.encode(), file)


def checkpoint_findings(
    run: RunFolder, intact: Mapping[int, Checkpoint], damaged: Mapping[int, DamagedFileError]
) -> Iterator[Finding]:
    """Findings on the damaged checkpoints of a run, with what resuming it will do."""
    newest = max([*intact, *damaged], default=0)
    resumable = run.description.origin == "condense"
    for iteration, damage in damaged.items():
        if not isinstance(damage, DamagedCheckpointError):  # it cannot be read, so nobody knows
            yield Finding.of(damage)
        elif resumable and not intact:  # set aside, the run would begin anew and delete its images
            remedy = (
                "the run cannot be resumed: restore a checkpoint from a copy, or export the stored images"
            )
            yield Finding(damage.file, damage.reason, remedy)
        else:
            costs = [f"the images of iteration {iteration} have float16 only"]
            if resumable and iteration == newest:
                costs.append(f"resuming begins at {max(intact)} instead of {iteration}")
            elif resumable and iteration < min(intact):
                costs.append("there is none to fall back on")
            remedy = f"{', and '.join(costs)}: --repair sets it aside, its bytes stay"
            yield Finding(damage.file, damage.reason, remedy, partial(set_aside, damage.file))


def snapshot_findings(
    run: RunFolder, name: str, shape: tuple[int, ...] | None, checkpoints: Mapping[int, Checkpoint]
) -> Iterator[Finding]:
    """Verify every snapshot of a set.

    Args:
        run: the run.
        name: the set.
        shape: shape of its images, where it is known.
        checkpoints: intact checkpoints by iteration: a snapshot can be written again from one.
    """
    folder = run.path / "sets" / name / "snapshots"
    for iteration in stored_iterations(folder):
        try:
            read_snapshot(folder, iteration, shape)
        except DamagedFileError as damage:
            checkpoint = checkpoints.get(iteration)
            cost = f"the film and the time machine lack iteration {iteration} of set {name}"
            repair: Callable[[], None] = partial(set_aside, damage.file)
            mends = "--repair sets it aside, its bytes stay"
            if checkpoint is not None and f"{name}/pixels" in checkpoint.state:
                repair = partial(_rewrite, folder, name, checkpoint)
                mends = "--repair writes it again from the checkpoint of that iteration"
            yield Finding(damage.file, damage.reason, f"{cost}: {mends}", repair)
        except ValueError:  # a run that is being resumed deletes some
            continue


def _rewrite(folder: Path, name: str, checkpoint: Checkpoint) -> None:
    """Write a damaged snapshot again, from a checkpoint of the same iteration."""
    set_aside(snapshot_file(folder, checkpoint.iteration))
    pixels, momentum = (
        checkpoint.state[f"{name}/{tensor}"].half().numpy() for tensor in ("pixels", "momentum")
    )
    write_snapshot(folder, Snapshot(checkpoint.iteration, pixels, momentum))
