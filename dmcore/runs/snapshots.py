"""Snapshots of a synthetic set at a few iterations, for display and evaluation.

They hold the learned values: normalised pixels, unclamped, with their momentum, as float16. Read as NumPy
arrays, so that pages can show a run without torch.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from jaxtyping import Float16
from safetensors import SafetensorError, safe_open

from dmcore.files.atomic import write_atomically

ENDING = ".safetensors"
MOST_SNAPSHOTS = 200
MOST_BYTES = 256 * 10**6


@dataclass(frozen=True)
class Snapshot:
    """Normalised images of one set at one iteration, with the momentum buffer of their SGD."""

    iteration: int
    pixels: Float16[np.ndarray, "class image channel height width"]
    momentum: Float16[np.ndarray, "class image channel height width"]


def schedule_snapshots(iterations: int, snapshot_bytes: int) -> tuple[int, ...]:
    """Schedule of snapshot iterations: evenly in log time, with the start and the end.

    One of the budget stays free for the images of a run that is stopped in between. The last iteration is
    always stored, however large the sets are.

    Args:
        iterations: the run's last iteration.
        snapshot_bytes: size of one snapshot of all sets together.
    """
    budget = min(MOST_SNAPSHOTS, MOST_BYTES // max(snapshot_bytes, 1)) - 1
    if budget < 2 or iterations == 0:
        return (iterations,)
    if budget > iterations:
        return tuple(range(iterations + 1))
    # Early log-spaced points round to the same iteration: try more points until the budget is used.
    chosen: tuple[int, ...] = (0, iterations)
    for points in range(budget, 4 * budget):
        spaced = np.expm1(np.linspace(0, np.log1p(iterations), points)).round().astype(int)
        distinct = np.unique(spaced)
        if len(distinct) > budget:
            break
        chosen = tuple(int(iteration) for iteration in distinct)
    return chosen


def write_snapshot(folder: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot atomically into the `snapshots` folder of its set and return the file.

    Raises:
        StorageError: the disk is full or refuses.
    """
    file = folder / f"{snapshot.iteration:07d}.safetensors"
    content = safetensors.numpy.save(
        {"pixels": snapshot.pixels, "momentum": snapshot.momentum},
        metadata={"iteration": str(snapshot.iteration)},
    )
    write_atomically(file, content, durable=False)
    return file


def read_snapshot(folder: Path, iteration: int) -> Snapshot:
    """Read the snapshot of a stored iteration.

    Raises:
        ValueError: there is no such snapshot, or its file is damaged.
    """
    file = snapshot_file(folder, iteration)
    try:
        tensors = safetensors.numpy.load(file.read_bytes())
        return Snapshot(iteration, tensors["pixels"], tensors["momentum"])
    except (SafetensorError, KeyError) as damage:
        raise _damaged(file, damage) from damage


def read_image(
    folder: Path, iteration: int, label: int, image: int
) -> Float16[np.ndarray, "channel height width"]:
    """Read the pixels of a single image, without loading the rest of the file.

    Raises:
        ValueError: there is no such snapshot or image, or the file is damaged.
    """
    file = snapshot_file(folder, iteration)
    try:
        with safe_open(file, framework="numpy") as tensors:
            pixels = tensors.get_slice("pixels")
            classes, images = pixels.get_shape()[:2]
            if 0 <= label < classes and 0 <= image < images:
                return np.asarray(pixels[label, image])
    except (SafetensorError, ValueError) as damage:
        raise _damaged(file, damage) from damage
    raise ValueError(f"there is no image {image} of class {label}: the set has {images} of {classes} classes")


def stored_iterations(folder: Path) -> list[int]:
    """Iterations of the snapshots or checkpoints in a folder, in order; empty where it is missing."""
    try:
        with os.scandir(folder) as entries:  # pages list them at every refresh: ten times as fast as globbing
            names = [entry.name.removesuffix(ENDING) for entry in entries if entry.name.endswith(ENDING)]
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdecimal())


def snapshot_file(folder: Path, iteration: int) -> Path:
    """Path of the snapshot of an iteration.

    Raises:
        ValueError: that iteration is not stored.
    """
    file = folder / f"{iteration:07d}.safetensors"
    if not file.is_file():
        raise ValueError(
            f"no snapshot at iteration {iteration}: choose one of {_abbreviated(stored_iterations(folder))}"
        )
    return file


def _damaged(file: Path, damage: Exception) -> ValueError:
    return ValueError(f"the snapshot {file} is damaged ({damage}): choose another iteration")


def _abbreviated(iterations: list[int]) -> str:
    if len(iterations) > 8:
        return f"{', '.join(map(str, iterations[:4]))} … {', '.join(map(str, iterations[-3:]))}"
    return ", ".join(map(str, iterations)) or "none so far"
