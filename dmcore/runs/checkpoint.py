"""Checkpoints of a run: float32 state for an exact resume, in safetensors files with a checksum.

The checksum is inside the file, over the iteration and every tensor, so that the two cannot come apart. The
last two are kept: where the newest is damaged, the previous one is used.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import safetensors.torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.files.atomic import write_atomically
from dmcore.runs.snapshots import stored_iterations

CHECKPOINTS_KEPT = 2
DAMAGED = ".damaged"
"""Suffix of a damaged checkpoint, which is no longer read as one."""


class DamagedCheckpointError(ValueError):
    """A checkpoint is truncated, or its checksum differs."""


@dataclass(frozen=True)
class Checkpoint:
    """`Step.state()` after an iteration, on the CPU."""

    iteration: int
    state: Mapping[str, Tensor]


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
    content = safetensors.torch.save(dict(checkpoint.state), metadata=metadata)
    write_atomically(checkpoint_file(folder, checkpoint.iteration), content)
    for iteration in stored_iterations(folder)[:-CHECKPOINTS_KEPT]:
        checkpoint_file(folder, iteration).unlink(missing_ok=True)


def read_checkpoint(file: Path) -> Checkpoint:
    """Read a checkpoint and verify its checksum.

    Raises:
        DamagedCheckpointError: it is truncated, or its checksum differs.
    """
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            state = {key: opened.get_tensor(key).clone() for key in opened.keys()}  # noqa: SIM118
        checkpoint = Checkpoint(int(metadata["iteration"]), state)
    except (SafetensorError, KeyError, ValueError) as damage:
        raise DamagedCheckpointError(f"checkpoint {file.stem} is truncated or damaged") from damage
    if _checksum(checkpoint) != metadata.get("sha256"):
        raise DamagedCheckpointError(f"checkpoint {file.stem} is damaged: its checksum differs")
    return checkpoint


def newest_checkpoint(folder: Path) -> NewestCheckpoint:
    """Read the newest intact checkpoint of a folder; None without one."""
    damaged: list[str] = []
    for iteration in reversed(stored_iterations(folder)):
        try:
            return NewestCheckpoint(read_checkpoint(checkpoint_file(folder, iteration)), tuple(damaged))
        except DamagedCheckpointError as damage:
            damaged.append(str(damage))
    return NewestCheckpoint(None, tuple(damaged))


def mark_damaged(folder: Path, iteration: int) -> None:
    """Rename a damaged checkpoint so that it is not read again; its bytes may still be of use."""
    file = checkpoint_file(folder, iteration)
    file.replace(file.with_name(file.name + DAMAGED))


def checkpoint_file(folder: Path, iteration: int) -> Path:
    """Path of the checkpoint of an iteration."""
    return folder / f"{iteration:07d}.safetensors"


def _checksum(checkpoint: Checkpoint) -> str:
    hashed = hashlib.sha256(f"iteration {checkpoint.iteration}".encode())
    for key, tensor in sorted(checkpoint.state.items()):
        hashed.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        hashed.update(np.ascontiguousarray(tensor.numpy()).data)
    return hashed.hexdigest()
