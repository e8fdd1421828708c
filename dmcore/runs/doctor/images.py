"""Verification of a run's checkpoints and snapshots: which are damaged or gone, and what can replace them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from dmcore.config.protocols import is_quick
from dmcore.files.atomic import DAMAGED, replacing_damaged, set_aside, storage_errors_explained
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import Checkpoint, DamagedCheckpointError, checkpoint_file, read_checkpoint
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.events import last_iteration
from dmcore.runs.folder import RunFolder
from dmcore.runs.resume import had_checkpoint
from dmcore.runs.set_files import described_by
from dmcore.runs.snapshots import (
    Snapshot,
    read_snapshot,
    schedule_snapshots,
    stored_iterations,
    write_snapshot,
)


def read_checkpoints(
    folder: Path, run: RunFolder | None = None
) -> tuple[dict[int, Checkpoint], dict[int, DamagedFileError]]:
    """Intact and damaged checkpoints of a folder, by iteration.

    Args:
        folder: the `checkpoints` folder of a run.
        run: the run, where its description can be read: a checkpoint of another one counts as damaged.
    """
    intact: dict[int, Checkpoint] = {}
    damaged: dict[int, DamagedFileError] = {}
    for iteration in stored_iterations(folder):
        file = checkpoint_file(folder, iteration)
        try:
            intact[iteration] = read_checkpoint(file, run)
        except FileNotFoundError:  # a run at work deletes old ones
            continue
        except DamagedFileError as damage:
            damaged[iteration] = damage
    return intact, damaged


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


def missing_checkpoint_findings(run: RunFolder, intact: Mapping[int, Checkpoint]) -> Iterator[Finding]:
    """Findings on checkpoints that a run had and that are gone, and on their folder."""
    folder, result = run.checkpoint_folder, run.result()
    resumable = run.description.origin == "condense"
    try:
        # before they are listed: the first may be written just now
        had_some = not resumable or had_checkpoint(run)
    except DamagedFileError:
        return  # what cannot be listed is a finding of its own
    stored, aside = stored_iterations(folder), _set_aside(folder)
    if not stored and not (aside and not resumable):
        reason = "it holds no checkpoint" if folder.is_dir() else "it is missing"
        if not resumable:
            remedy = "the images have float16 only: restore it from a copy, or make the run again"
            yield Finding(folder, reason, remedy)
        elif had_some:
            cost = "the run cannot be resumed, and its images have float16 only"
            yield Finding(folder, reason, f"{cost}: restore it from a copy, or export the stored images")
        elif not folder.is_dir():
            repair = partial(_make_folder, folder)
            yield Finding(folder, reason, "nothing is lost: --repair creates it", repair)
    elif result is not None and resumable and result.iteration not in {*stored, *aside}:
        costs = f"the images of iteration {result.iteration} have float16 only"
        if intact:
            costs += f", and resuming begins at {max(intact)} instead of {result.iteration}"
        file = checkpoint_file(folder, result.iteration)
        yield Finding(file, "it is missing", f"{costs}: restore it from a copy")


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
    damages: list[DamagedFileError] = []
    stored = stored_iterations(folder)
    for iteration in stored:
        try:
            read_snapshot(folder, iteration, shape, run.description.id)
        except DamagedFileError as damage:
            damages.append(damage)
        except ValueError:  # a run that is being resumed deletes some
            continue
    for damaged in damages:
        checkpoint = checkpoints.get(int(damaged.file.stem))
        remedy = f"the film and the time machine lack iteration {int(damaged.file.stem)} of set {name}"
        if checkpoint is not None and f"{name}/pixels" in checkpoint.state:
            remedy += ": --repair writes it again from the checkpoint of that iteration"
            repair = partial(_rewrite, run, name, [checkpoint])
            yield Finding(damaged.file, damaged.reason, remedy, repair)
        elif len(damages) < len(stored):
            remedy += ": --repair sets it aside, its bytes stay"
            yield Finding(damaged.file, damaged.reason, remedy, partial(set_aside, damaged.file))
        else:  # none is as expected: perhaps it is run.json that is another run's
            remedy += ", and no other is intact: restore them, or run.json, from a copy"
            yield Finding(damaged.file, damaged.reason, remedy)


def missing_snapshot_findings(
    run: RunFolder, name: str, checkpoints: Mapping[int, Checkpoint], *, is_at_work: bool
) -> Iterator[Finding]:
    """Findings on the snapshots that a set had and that are gone or were set aside.

    Args:
        run: the run.
        name: the set.
        checkpoints: intact checkpoints by iteration.
        is_at_work: whether a process is writing the run, and its files come and go.
    """
    folder = run.path / "sets" / name / "snapshots"
    if is_unlistable(folder):
        return  # that is a finding of its own
    restorable = {at: each for at, each in checkpoints.items() if f"{name}/pixels" in each.state}
    due, stored, result = _due_iterations(run, name), stored_iterations(folder), run.result()
    if not stored and not is_at_work:
        reason = "it holds no images" if folder.is_dir() else "it is missing"
        if (0 in due and (checkpoints or last_iteration(run.events_file))) or result or run.config is None:
            cost = f"the images of set {name} are gone"
            if restorable:
                which = " and ".join(map(str, sorted(restorable)))
                remedy = f"{cost}: --repair writes those of iteration {which} again from checkpoints"
                repair = partial(_rewrite, run, name, list(restorable.values()))
                yield Finding(folder, reason, remedy, repair)
            else:
                yield Finding(folder, reason, f"{cost}: restore it from a copy, or delete the run")
        elif not folder.is_dir():
            repair = partial(_make_folder, folder)
            yield Finding(folder, reason, "nothing is lost: --repair creates it", repair)
        return
    for iteration in sorted(due & restorable.keys() - set(stored)) if not is_at_work else ():
        cost = f"the film and the time machine lack iteration {iteration} of set {name}"
        remedy = f"{cost}: --repair writes it again from the checkpoint of that iteration"
        repair = partial(_rewrite, run, name, [restorable[iteration]])
        yield Finding(checkpoint_file(folder, iteration), "it is missing", remedy, repair)
    if result is not None and stored and result.iteration not in {*stored, *restorable}:
        reason = f"there are no images of its last iteration, {result.iteration}"
        remedy = "the run shows earlier images as its result: restore them from a copy"
        yield Finding(folder, reason, remedy)


def _due_iterations(run: RunFolder, name: str) -> set[int]:
    """Iterations of which a set must have images: the schedule's, those evaluated, those set aside."""
    evaluated = {
        result.iteration
        for result in run.results()
        if result.set == name and not is_quick(result.protocol, result.kind)
    }
    due = evaluated | _set_aside(run.path / "sets" / name / "snapshots")
    if run.config is None:  # of an import or a selection there is only one
        return due | set(stored_iterations(run.checkpoint_folder))
    result = run.result()
    images = sum(described.images_per_class for described in described_by(run.config).values())
    data = run.description.data
    size = 4 * images * len(run.class_names) * data.channels * data.height * data.width
    scheduled = schedule_snapshots(run.config.iterations, size)
    return due | set(scheduled) | ({result.iteration} if result is not None else set())


def _set_aside(folder: Path) -> set[int]:
    """Iterations of the snapshots or checkpoints of a folder that were set aside as damaged."""
    names = [file.name.partition(".")[0] for file in folder.glob(f"*{DAMAGED}")]
    return {int(name) for name in names if name.isdecimal()}


def is_unlistable(folder: Path) -> bool:
    """Whether there is such a folder, or a file in its place, whose content cannot be read."""
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _make_folder(folder: Path) -> None:
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _rewrite(run: RunFolder, name: str, checkpoints: Sequence[Checkpoint]) -> None:
    """Write the snapshots of the iterations of checkpoints again; a damaged one is set aside."""
    folder = run.path / "sets" / name / "snapshots"
    _make_folder(folder)
    for checkpoint in checkpoints:
        pixels, momentum = (
            checkpoint.state[f"{name}/{tensor}"].half().numpy() for tensor in ("pixels", "momentum")
        )
        snapshot = Snapshot(checkpoint.iteration, pixels, momentum)
        with replacing_damaged(checkpoint_file(folder, checkpoint.iteration)):
            write_snapshot(folder, snapshot, run.description.id)
