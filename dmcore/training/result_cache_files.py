"""JSON file of a cached result: one network trained on one set and tested."""

import json
from dataclasses import dataclass
from pathlib import Path

from dmcore.config import NetworkSpec
from dmcore.files.atomic import storage_errors_explained, write_atomically


@dataclass(frozen=True)
class CachedResult:
    """Result of one network trained on one set and tested."""

    file: Path
    """Path in the cache."""
    network: NetworkSpec
    repeat: int
    """Index among the networks of this architecture, from 0."""
    accuracy: float
    """Percent of the real test images."""
    confusion: tuple[tuple[int, ...], ...]
    """Confusion matrix: test images by true class (row) and predicted class (column)."""
    curve: tuple[tuple[int, float], ...]
    """(epoch, percent of a fixed part of the test images) during training; empty but for the first repeat."""
    fresh: bool
    """Whether the network was trained just now, not read from the cache."""


def read_cached_result(file: Path, network: NetworkSpec, repeat: int) -> CachedResult | None:
    """Read a cached result; None if the file is missing or damaged."""
    try:
        content = json.loads(file.read_bytes())
        confusion = tuple(tuple(int(count) for count in row) for row in content["confusion"])
        curve = tuple((int(epoch), float(percent)) for epoch, percent in content["curve"])
        return CachedResult(file, network, repeat, float(content["accuracy"]), confusion, curve, fresh=False)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_cached_result(result: CachedResult) -> None:
    """Write a result to the cache.

    Raises:
        StorageError: the disk is full or refuses.
    """
    with storage_errors_explained(result.file):
        result.file.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "accuracy": result.accuracy,
        "confusion": result.confusion,
        "curve": result.curve,
        "network": result.network.model_dump(mode="json"),
        "repeat": result.repeat,
    }
    write_atomically(result.file, json.dumps(content).encode())
