"""Checkpoints: what a run needs to go on exactly, in safetensors files that know whether they are whole.

The checksum is inside the file, over the iteration and every tensor, so that the two cannot come
apart. The last two are kept: where the newest is damaged, the one before it serves.
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

KEPT = 2
DAMAGED = ".damaged"
"""What is added to the name of a checkpoint that is not whole: nobody counts it as one any more."""


class DamagedCheckpointError(ValueError):
    """A checkpoint is truncated, or its bytes are not those that were written."""


@dataclass(frozen=True)
class Checkpoint:
    """The method's `state()` after an iteration, on the CPU."""

    iteration: int
    state: Mapping[str, Tensor]


class Newest(NamedTuple):
    """The newest checkpoint that is whole, if any, and a sentence for each newer one that is not."""

    checkpoint: Checkpoint | None
    damaged: tuple[str, ...]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole and durably, then drop all but the last two.

    Raises:
        StorageError: the disk is full or refuses; the checkpoints before are intact.
    """
    metadata = {"iteration": str(checkpoint.iteration), "sha256": _checksum(checkpoint)}
    content = safetensors.torch.save(dict(checkpoint.state), metadata=metadata)
    write_atomically(checkpoint_file(folder, checkpoint.iteration), content)
    for iteration in stored_iterations(folder)[:-KEPT]:
        checkpoint_file(folder, iteration).unlink(missing_ok=True)


def read_checkpoint(file: Path) -> Checkpoint:
    """Read a checkpoint and check it.

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


def newest_checkpoint(folder: Path) -> Newest:
    """The newest checkpoint that is whole; None when there is none."""
    damaged: list[str] = []
    for iteration in reversed(stored_iterations(folder)):
        try:
            return Newest(read_checkpoint(checkpoint_file(folder, iteration)), tuple(damaged))
        except DamagedCheckpointError as damage:
            damaged.append(str(damage))
    return Newest(None, tuple(damaged))


def set_aside(folder: Path, iteration: int) -> None:
    """Keep a damaged checkpoint, under a name that is no checkpoint's: something of it may yet be saved."""
    file = checkpoint_file(folder, iteration)
    file.replace(file.with_name(file.name + DAMAGED))


def checkpoint_file(folder: Path, iteration: int) -> Path:
    """Where the checkpoint of an iteration is."""
    return folder / f"{iteration:07d}.safetensors"


def _checksum(checkpoint: Checkpoint) -> str:
    hashed = hashlib.sha256(f"iteration {checkpoint.iteration}".encode())
    for key, tensor in sorted(checkpoint.state.items()):
        hashed.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        hashed.update(np.ascontiguousarray(tensor.numpy()).data)
    return hashed.hexdigest()
