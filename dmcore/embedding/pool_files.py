"""Weights of a pool's networks: loading one state, checking files by their checksum."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.embedding.pool_index import PoolIndex, PoolState
from dmcore.files.tensor_file import read_state


def read_weights(folder: Path, index: PoolIndex, state: PoolState) -> Mapping[str, Tensor]:
    """Load parameters and buffers of one state, float32, on the CPU, without reading other states.

    Raises:
        ValueError: the file is damaged or missing; with the remedy.
    """
    name = next(file.name for file in index.files if file.network == state.network)
    prefix = f"{state.step}/"
    try:
        with safe_open(folder / name, framework="pt") as opened:
            keys = [key for key in opened.keys() if key.startswith(prefix)]  # noqa: SIM118
            weights = {key.removeprefix(prefix): opened.get_tensor(key) for key in keys}
    except (OSError, SafetensorError) as error:
        raise ValueError(_remedy(state.network)) from error
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in weights.items()
    }


def check_pool_files(folder: Path, index: PoolIndex, networks: int) -> None:
    """Verify the checksums of the first so many networks, each file once per process.

    Raises:
        ValueError: one is damaged or missing: a run without it would draw other networks than recorded.
    """
    for file in index.files:
        if file.network < networks and not is_intact(folder / file.name):
            raise ValueError(_remedy(file.network))


def pool_digest(folder: Path, index: PoolIndex, networks: int) -> str:
    """Fingerprint of weights and accuracies of the first so many networks: 16 hexadecimal digits."""
    content = hashlib.sha256()
    for file in index.files:
        if file.network < networks:
            content.update(f"{file.network} {file.states} {_checksum(folder / file.name)}".encode())
    return content.hexdigest()[:16]


def _checksum(file: Path) -> str:
    """Checksum stored in a file; empty where it is missing or damaged, which `check_pool_files` refuses."""
    try:
        with safe_open(file, framework="pt") as opened:
            return str((opened.metadata() or {}).get("sha256", ""))
    except (OSError, SafetensorError):
        return ""


def is_intact(file: Path) -> bool:
    """Whether a file of the pool exists and its checksum is right."""
    try:
        stat = file.stat()
    except OSError:
        return False
    return _is_intact(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _is_intact(file: Path, changed: int, size: int) -> bool:
    del changed, size
    return read_state(file) is not None


def _remedy(network: int) -> str:
    return (
        f"network {network} of the pool is damaged or missing: build the pool again, which trains that "
        "network anew and leaves the others as they are"
    )
