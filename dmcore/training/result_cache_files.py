"""The file of a cell: one network trained on one set and tested, as JSON. Must not import torch."""

import json
from dataclasses import dataclass
from pathlib import Path

from dmcore.config import NetworkSpec
from dmcore.files.atomic import storage_errors_explained, write_atomically


@dataclass(frozen=True)
class CachedResult:
    """One network trained on one set, and what became of it."""

    file: Path
    """Where it is kept."""
    network: NetworkSpec
    repeat: int
    """Which of the networks of this architecture, from 0."""
    accuracy: float
    """Percent of the real test images."""
    confusion: tuple[tuple[int, ...], ...]
    """Test images of each class (row) that were named as each (column)."""
    curve: tuple[tuple[int, float], ...]
    """(epoch, percent of a fixed part of the test images) on the way; empty but for the first repeat."""
    fresh: bool
    """Whether it was trained just now."""


def read_cached_result(file: Path, network: NetworkSpec, repeat: int) -> CachedResult | None:
    """What was written; None where there is nothing whole."""
    try:
        kept = json.loads(file.read_bytes())
        confusion = tuple(tuple(int(count) for count in row) for row in kept["confusion"])
        curve = tuple((int(epoch), float(percent)) for epoch, percent in kept["curve"])
        return CachedResult(file, network, repeat, float(kept["accuracy"]), confusion, curve, fresh=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_cached_result(cell: CachedResult) -> None:
    """Keep it.

    Raises:
        StorageError: the disk is full or refuses.
    """
    with storage_errors_explained(cell.file):
        cell.file.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "accuracy": cell.accuracy,
        "confusion": cell.confusion,
        "curve": cell.curve,
        "network": cell.network.model_dump(mode="json"),
        "repeat": cell.repeat,
    }
    write_atomically(cell.file, json.dumps(kept).encode())
