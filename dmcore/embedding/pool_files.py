"""Reading the networks of a pool: one state at a time, of files that were found whole once."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.embedding.pool_index import PoolIndex, PoolState
from dmcore.files.tensor_file import read_state


def read_weights(folder: Path, index: PoolIndex, state: PoolState) -> Mapping[str, Tensor]:
    """The parameters and buffers of one state, float32, on the CPU. Reads that state alone.

    Raises:
        ValueError: the file is damaged or gone, with the remedy.
    """
    name = next(one.name for one in index.files if one.network == state.network)
    prefix = f"{state.step}/"
    try:
        with safe_open(folder / name, framework="pt") as opened:
            keys = [key for key in opened.keys() if key.startswith(prefix)]  # noqa: SIM118
            read = {key.removeprefix(prefix): opened.get_tensor(key) for key in keys}
    except (OSError, SafetensorError) as trouble:
        raise ValueError(_remedy(state.network)) from trouble
    return {name: one.float() if one.is_floating_point() else one for name, one in read.items()}


def check_pool_files(folder: Path, index: PoolIndex, networks: int) -> None:
    """Read the files of the first so many networks whole, once in a process, and compare their checksums.

    Raises:
        ValueError: one is damaged or gone: a run without it would draw other networks than it says.
    """
    for one in index.files:
        if one.network < networks and not is_intact(folder / one.name):
            raise ValueError(_remedy(one.network))


def pool_digest(folder: Path, index: PoolIndex, networks: int) -> str:
    """16 hexadecimal digits that differ when a weight or an accuracy of the first so many networks does."""
    content = hashlib.sha256()
    for one in index.files:
        if one.network < networks:
            content.update(f"{one.network} {one.states} {_checksum(folder / one.name)}".encode())
    return content.hexdigest()[:16]


def _checksum(file: Path) -> str:
    """What a file says of its contents; empty where it is gone or damaged, which is refused elsewhere."""
    try:
        with safe_open(file, framework="pt") as opened:
            return str((opened.metadata() or {}).get("sha256", ""))
    except (OSError, SafetensorError):
        return ""


def is_intact(file: Path) -> bool:
    """Whether a file of the pool is there and holds what was written."""
    try:
        found = file.stat()
    except OSError:
        return False
    return _is_intact(file, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4096)
def _is_intact(file: Path, changed: int, size: int) -> bool:
    del changed, size
    return read_state(file) is not None


def _remedy(network: int) -> str:
    return (
        f"network {network} of the pool is damaged or gone: build the pool again, which trains that network "
        "anew and leaves the others as they are"
    )
