"""Checksummed tensor files (safetensors with JSON metadata) and a lock for a single writer.

Stores trained networks and checkpoints of their training.
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
    """Context manager: lock a folder, so that only this process trains in it.

    Raises:
        ValueError: another process holds the lock.
        StorageError: the folder cannot be written to.
    """
    lock = FileLock(folder / "lock", thread_local=False)
    with storage_errors_explained(folder):
        try:
            lock.acquire(timeout=RETRY_SECONDS)
        except Timeout as timeout:
            raise ValueError(
                "another process is training this network: wait for it, or stop it and try again"
            ) from timeout
    try:
        yield
    finally:
        lock.release()


def write_state(file: Path, state: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON metadata atomically, with a SHA-256 over both.

    Raises:
        StorageError: the disk is full or writing failed.
    """
    metadata = {"facts": json.dumps(facts), "sha256": _checksum(state, facts)}
    write_atomically(file, safetensors.torch.save(dict(state), metadata=metadata))


def read_state(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Read tensors and metadata; None where the file is missing, damaged or its checksum is wrong."""
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            state = {key: opened.get_tensor(key).clone() for key in opened.keys()}  # noqa: SIM118
        facts = json.loads(metadata["facts"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    return (state, facts) if _checksum(state, facts) == metadata.get("sha256") else None


def tensor_checksum(header: str, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of a text and of tensors on the CPU with their names, types and shapes: 64 digits."""
    digest = hashlib.sha256(header.encode())
    for key, tensor in sorted(tensors.items()):
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(np.ascontiguousarray(tensor.numpy()).data)
    return digest.hexdigest()


def _checksum(state: Mapping[str, Tensor], facts: Mapping[str, Any]) -> str:
    return tensor_checksum(json.dumps(facts), state)
