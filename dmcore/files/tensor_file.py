"""Trained networks and half-trained ones on the disk: whole or not there, and known to be what was written.

One process writes at a time. Knows tensors and facts, not what they are of.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.files.atomic import storage_errors_explained, write_atomically

RETRY_SECONDS = 1.0


@contextmanager
def single_writer(folder: Path) -> Iterator[None]:
    """Be the one process that trains here while the block lasts.

    Raises:
        ValueError: another process is.
        StorageError: the folder cannot be written to.
    """
    lock = FileLock(folder / "lock", thread_local=False)
    with storage_errors_explained(folder):
        try:
            lock.acquire(timeout=RETRY_SECONDS)
        except Timeout as held:
            raise ValueError(
                "another process is training this network: wait for it, or stop it and try again"
            ) from held
    try:
        yield
    finally:
        lock.release()


def write_state(file: Path, state: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and facts in one file that knows whether it is whole.

    Raises:
        StorageError: the disk is full or refuses.
    """
    metadata = {"facts": json.dumps(facts), "sha256": _checksum(state, facts)}
    write_atomically(file, safetensors.torch.save(dict(state), metadata=metadata))


def read_state(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """What was written; None where there is nothing, or not what was written."""
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            state = {key: opened.get_tensor(key).clone() for key in opened.keys()}  # noqa: SIM118
        facts = json.loads(metadata["facts"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    return (state, facts) if _checksum(state, facts) == metadata.get("sha256") else None


def _checksum(state: Mapping[str, Tensor], facts: Mapping[str, Any]) -> str:
    hashed = hashlib.sha256(json.dumps(facts).encode())
    for key, tensor in sorted(state.items()):
        hashed.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        hashed.update(np.ascontiguousarray(tensor.numpy()).data)
    return hashed.hexdigest()
