"""Checkpoints of a run: float32 state for an exact resume, in safetensors files with a checksum.

The checksum is inside the file, over the iteration and every tensor, so that the two cannot come apart. The
last two are kept: where the newest is damaged, the previous one is used. Each has a copy of the run's
description: a damaged `run.json` can be restored from it, and no other run's checkpoint is taken for its own.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.files.atomic import write_atomically
from dmcore.files.checked_json import DamagedFileError, parse_record
from dmcore.files.tensor_file import tensor_checksum
from dmcore.runs.description import RunDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import list_iterations, stored_iterations

CHECKPOINTS_KEPT = 2
CHECKPOINT_SECONDS = 10.0
"""Least time between two checkpoints, and from the start to the first."""
_REMEDY = "resume the run from the one before, or choose another iteration"
_OTHER_RUN = "choose another iteration, or bring back the run.json and the checkpoints of one run"


class DamagedCheckpointError(DamagedFileError):
    """A checkpoint is truncated, its checksum differs, or it is not the one of this name and run."""


@dataclass(frozen=True)
class Checkpoint:
    """`Step.state()` after an iteration, on the CPU."""

    iteration: int
    state: Mapping[str, Tensor]
    description: str = ""
    """Content of `run.json` when it was written; older checkpoints have none."""
    losses: str = ""
    """Digest of the losses recorded up to there (`LossDigest`); older checkpoints have none."""


class NewestCheckpoint(NamedTuple):
    """Newest intact checkpoint, if any, and a message for each newer damaged one."""

    checkpoint: Checkpoint | None
    damaged: tuple[str, ...]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint atomically and durably, then delete all but the last two.

    Raises:
        StorageError: the disk is full or refuses; earlier checkpoints are intact.
    """
    metadata = {"iteration": str(checkpoint.iteration), "sha256": _checksum(checkpoint)}
    if checkpoint.description:
        metadata["run"] = checkpoint.description
    if checkpoint.losses:
        metadata["losses"] = checkpoint.losses
    content = safetensors.torch.save(dict(checkpoint.state), metadata=metadata)
    write_atomically(checkpoint_file(folder, checkpoint.iteration), content)
    for iteration in stored_iterations(folder)[:-CHECKPOINTS_KEPT]:
        with suppress(OSError):  # the next checkpoint deletes it
            checkpoint_file(folder, iteration).unlink(missing_ok=True)


def read_checkpoint(file: Path, run: RunFolder | None = None) -> Checkpoint:
    """Read a checkpoint and verify it: checksum, iteration, and that it is of the run.

    Args:
        file: of the name that its iteration has.
        run: the run whose description, sets and shapes it must have; None where `run.json` is damaged.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        DamagedCheckpointError: it is truncated, its checksum differs, or it is of another iteration or run.
        DamagedFileError: the system refuses to read it.
    """
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            state = {key: opened.get_tensor(key).clone() for key in opened.keys()}  # noqa: SIM118
        texts = metadata.get("run", ""), metadata.get("losses", "")
        checkpoint = Checkpoint(int(metadata["iteration"]), state, *texts)
    except FileNotFoundError:
        raise
    except OSError as refusal:
        reason = f"it cannot be read, {(refusal.strerror or str(refusal)).lower()}"
        raise DamagedFileError(file, reason, "check the disk and its permissions, or delete it") from refusal
    except (SafetensorError, KeyError, ValueError) as damage:
        raise DamagedCheckpointError(file, "it is truncated, or not a checkpoint", _REMEDY) from damage
    if _checksum(checkpoint) != metadata.get("sha256"):
        raise DamagedCheckpointError(file, "its checksum differs", _REMEDY)
    if file != checkpoint_file(file.parent, checkpoint.iteration):
        raise DamagedCheckpointError(file, f"it holds iteration {checkpoint.iteration}", _REMEDY)
    if run is not None:
        _check_run(checkpoint, file, run)
    return checkpoint


def newest_checkpoint(folder: Path, run: RunFolder | None = None) -> NewestCheckpoint:
    """Read the newest intact checkpoint of a folder, of that run where it is given; None without one.

    Raises:
        DamagedFileError: the system refuses to list the folder or to read one.
    """
    damaged: list[str] = []
    for iteration in reversed(list_iterations(folder)):
        try:
            checkpoint = read_checkpoint(checkpoint_file(folder, iteration), run)
            return NewestCheckpoint(checkpoint, tuple(damaged))
        except DamagedCheckpointError as damage:
            damaged.append(f"checkpoint {iteration:07d} is damaged ({damage.reason})")
    return NewestCheckpoint(None, tuple(damaged))


def stored_description(checkpoint: Checkpoint, file: Path) -> RunDescription | None:
    """The run's description inside a checkpoint; None in one of an older version.

    Raises:
        DamagedFileError: it is no such record, or of a later version.
    """
    if not checkpoint.description:
        return None
    return parse_record(RunDescription, checkpoint.description.encode(), file)


def checkpoint_file(folder: Path, iteration: int) -> Path:
    """Path of the checkpoint of an iteration."""
    return folder / f"{iteration:07d}.safetensors"


def _check_run(checkpoint: Checkpoint, file: Path, run: RunFolder) -> None:
    """Compare the sets and the copy of the description with those of the run.

    Raises:
        DamagedCheckpointError: they are of another run.
    """
    try:
        copied = stored_description(checkpoint, file)
    except DamagedFileError as damage:
        reason = f"its copy of run.json cannot be read, {damage.reason}"
        raise DamagedCheckpointError(file, reason, _REMEDY) from damage
    if copied is not None and copied.id != run.description.id:
        raise DamagedCheckpointError(
            file, f"it is of another run, {copied.id} instead of {run.description.id}", _OTHER_RUN
        )
    if copied is not None and not copied.is_of_same_run(run.description):
        reason = "it is of another configuration or other data than run.json describes"
        raise DamagedCheckpointError(file, reason, _OTHER_RUN)
    stored = {key: tuple(tensor.shape) for key, tensor in checkpoint.state.items()}
    if stored != {
        f"{name}/{tensor}": shape for name, shape in run.shapes.items() for tensor in ("pixels", "momentum")
    }:
        raise DamagedCheckpointError(file, "it holds other sets or shapes than this run", _REMEDY)


def _checksum(checkpoint: Checkpoint) -> str:
    header = f"iteration {checkpoint.iteration}{checkpoint.description}{checkpoint.losses}"
    return tensor_checksum(header, checkpoint.state)
