"""Digest of the network pool that a run draws from (`pool.txt`): written at its start, checked on resume."""

import os
import re
from pathlib import Path

from dmcore.config import CondenseConfig, MethodConfig
from dmcore.data.images import DataSet
from dmcore.embedding.pool_files import pool_digest
from dmcore.embedding.pool_index import pool_folder, read_index
from dmcore.files.atomic import write_atomically
from dmcore.files.cache_root import find_cache_root
from dmcore.files.checked_json import DamagedFileError, read_content
from dmcore.runs.folder import RunFolder

PINNED = "pool.txt"
_REMEDY = "restore it from a copy, or start a new run"


def pin_pool(run: RunFolder, dataset: DataSet, cache: Path | None) -> None:
    """Write the pool's digest into a new run, or check it; call with the lock held.

    Raises:
        ValueError: the run has drawn from other networks.
        StorageError: the folder cannot be written to.
    """
    digest = _digest(run.config, dataset, cache)
    if digest and pinned_digest(run) is None:
        write_atomically(run.path / PINNED, digest.encode())
    check_pool(run, dataset, cache)


def check_pool(run: RunFolder, dataset: DataSet, cache: Path | None) -> None:
    """Check that the pool on disk has the networks that the run draws from.

    Raises:
        ValueError: they are not.
    """
    if not pool_matches(run, dataset, cache):
        raise ValueError(
            f"run {run.id} drew from another pool of networks than the one on disk: restore the old one "
            "(see DM_CACHE), or start a new run"
        )


def pool_matches(run: RunFolder, dataset: DataSet, cache: Path | None) -> bool:
    """Whether the pool on disk is the one that the run draws from; true of runs without a pool.

    Raises:
        DamagedFileError: the run's digest cannot be read.
    """
    digest = _digest(run.config, dataset, cache)
    return not digest or pinned_digest(run) in (None, digest)


def pinned_digest(run: RunFolder) -> str | None:
    """Digest of the pool that the run has drawn from; None where it has not begun, or draws from none.

    Raises:
        DamagedFileError: it cannot be read.
    """
    file = run.path / PINNED
    if not os.path.lexists(file):
        return None
    try:
        digest = read_content(file, _REMEDY).decode("ascii", "replace")
    except FileNotFoundError as dangling:
        raise DamagedFileError(file, "it is a link to nothing", _REMEDY) from dangling
    if not re.fullmatch("[0-9a-f]{16}", digest):
        raise DamagedFileError(file, "it holds no digest", _REMEDY)
    return digest


def _digest(config: MethodConfig | None, dataset: DataSet, cache: Path | None) -> str:
    """Empty where no pool is used, or where it is not on disk: then `embedding_networks` raises the error."""
    if not isinstance(config, CondenseConfig) or not config.network_source.pooled:
        return ""
    folder = pool_folder(dataset.digest, config.pool_config(), cache or find_cache_root())
    index = read_index(folder)
    return "" if index is None else pool_digest(folder, index, config.pool_networks)
