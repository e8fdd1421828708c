"""Snapshots of a synthetic set at a few iterations, for display and evaluation.

They hold the learned values: normalised pixels, unclamped, with their momentum, as float16. Read as NumPy
arrays, so that pages can show a run without torch. Each image has a checksum of its own, over its place too
(run, set, iteration, class, number): a reader of one image verifies that one, and no other image of this or
another run passes for it. Older snapshots have no checksums: only their values and their shape are verified.
"""

import json
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from jaxtyping import Float16, UInt32
from safetensors import SafetensorError, safe_open

from dmcore.files.atomic import write_atomically
from dmcore.files.checked_json import DamagedFileError
from dmcore.files.listing import list_folder

ENDING = ".safetensors"
ALIGNED = 8
"""The header of a safetensors file is padded to a multiple of so many bytes."""
MOST_SNAPSHOTS = 200
MOST_BYTES = 256 * 10**6
_TENSORS = ("pixels", "momentum")
_CHECKSUM = "_crc32"
"""Suffix of the tensor of a tensor's checksums; older snapshots have none."""
_ALL_IMAGES = slice(None), slice(None)


@dataclass(frozen=True)
class Snapshot:
    """Normalised images of one set at one iteration, with the momentum buffer of their SGD."""

    iteration: int
    pixels: Float16[np.ndarray, "class image channel height width"]
    momentum: Float16[np.ndarray, "class image channel height width"] | None
    """None in a packed run (`dmcore.runs.packing.packed`), which has pixels only."""


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


def write_snapshot(folder: Path, snapshot: Snapshot, run_id: str) -> Path:
    """Write a snapshot atomically into the `snapshots` folder of its set and return the file.

    Args:
        folder: the `snapshots` folder of its set.
        snapshot: the images.
        run_id: id of the run (`RunDescription.id`), which is not always the name of its folder.

    Raises:
        StorageError: the disk is full or refuses.
    """
    file = folder / f"{snapshot.iteration:07d}{ENDING}"
    tensors: dict[str, Any] = {"pixels": snapshot.pixels}
    if snapshot.momentum is not None:
        tensors["momentum"] = snapshot.momentum
    for name in tuple(tensors):
        place = _place(name, folder, snapshot.iteration, run_id)
        tensors[name + _CHECKSUM] = _checksums(place, tensors[name])
    metadata = {"iteration": str(snapshot.iteration), "set": folder.parent.name, "run": run_id}
    write_atomically(file, _sorted_header(safetensors.numpy.save(tensors, metadata)), durable=False)
    return file


def _sorted_header(content: bytes) -> bytes:
    """The content of a file with its header sorted: it is in any order, and equal images are equal bytes."""
    start, size = 8, int.from_bytes(content[:8], "little")
    header = json.loads(content[start : start + size])
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text = text.ljust(math.ceil(len(text) / ALIGNED) * ALIGNED)
    return len(text).to_bytes(start, "little") + text + content[start + size :]


def read_snapshot(
    folder: Path, iteration: int, shape: tuple[int, ...] | None = None, run_id: str | None = None
) -> Snapshot:
    """Read and verify the snapshot of a stored iteration.

    Args:
        folder: the `snapshots` folder of its set.
        iteration: a stored iteration.
        shape: (classes, images per class, channels, height, width) of the set, where it is known.
        run_id: id of the run, where it is known.

    Raises:
        DamagedFileError: the file is damaged, or holds images of another run, set or iteration.
        ValueError: there is no such snapshot.
    """
    file = snapshot_file(folder, iteration)
    with _opened(file, iteration, shape, run_id) as opened:
        pixels = _verified(opened, "pixels", file, iteration)
        has_momentum = "momentum" in opened.keys()  # noqa: SIM118 - it is no dict
        momentum = _verified(opened, "momentum", file, iteration) if has_momentum else None
    return Snapshot(iteration, pixels, momentum)


def read_image(
    folder: Path,
    iteration: int,
    label: int,
    image: int,
    shape: tuple[int, ...] | None = None,
    run_id: str | None = None,
) -> Float16[np.ndarray, "channel height width"]:
    """Read and verify the pixels of a single image, without loading the rest of the file.

    Raises:
        DamagedFileError: the file is damaged, or holds images of another run, set or iteration.
        ValueError: there is no such snapshot or image.
    """
    file = snapshot_file(folder, iteration)
    with _opened(file, iteration, shape, run_id) as opened:
        stored = opened.get_slice("pixels")
        classes, images = stored.get_shape()[:2]
        if 0 <= label < classes and 0 <= image < images:
            chosen = slice(label, label + 1), slice(image, image + 1)
            pixels: np.ndarray = _verified(opened, "pixels", file, iteration, chosen)[0, 0]
            return pixels
    raise ValueError(f"there is no image {image} of class {label}: the set has {images} of {classes} classes")


def stored_iterations(folder: Path) -> list[int]:
    """Iterations of the snapshots or checkpoints in a folder, in order; none where it cannot be listed."""
    try:
        return list_iterations(folder)
    except DamagedFileError:
        return []


def list_iterations(folder: Path) -> list[int]:
    """Iterations of the snapshots or checkpoints in a folder, in order; none where it is missing.

    Raises:
        DamagedFileError: the folder cannot be listed: nobody knows what is stored.
    """
    names = [
        entry.name.removesuffix(ENDING)
        for entry in list_folder(folder)  # pages list them at every refresh: ten times as fast as globbing
        if entry.name.endswith(ENDING) and _is_file(entry)
    ]
    return sorted(int(name) for name in names if name.isdecimal() and name == f"{int(name):07d}")


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a loop of links
        return False


def snapshot_file(folder: Path, iteration: int) -> Path:
    """Path of the snapshot of an iteration.

    Raises:
        ValueError: that iteration is not stored.
    """
    file = folder / f"{iteration:07d}{ENDING}"
    if not file.is_file():
        raise ValueError(
            f"no snapshot at iteration {iteration}: choose one of {abbreviated(stored_iterations(folder))}"
        )
    return file


@contextmanager
def _opened(file: Path, iteration: int, shape: tuple[int, ...] | None, run_id: str | None) -> Iterator[Any]:
    """Context manager: the file, opened and its header verified; whatever is wrong becomes one error.

    Raises:
        DamagedFileError: the file is damaged, or holds images of another run, set or iteration.
    """
    try:
        with safe_open(file, framework="numpy") as opened:
            _check_place(opened, file, iteration, run_id)
            _check_tensors(opened, shape)
            yield opened
    except (SafetensorError, OSError, _MismatchError) as damage:
        raise DamagedFileError(file, str(damage), "choose another iteration") from damage


class _MismatchError(Exception):
    """A file is not what it should be; becomes the reason of a `DamagedFileError`."""


def _check_place(opened: Any, file: Path, iteration: int, run_id: str | None) -> None:
    """Compare the place that the file was written for with where it is."""
    metadata = opened.metadata() or {}
    if metadata.get("iteration", str(iteration)) != str(iteration):
        raise _MismatchError(f"it holds the images of iteration {metadata['iteration']}")
    if metadata.get("set", file.parent.parent.name) != file.parent.parent.name:
        raise _MismatchError(f"it holds the images of set {metadata['set']}")
    if run_id is not None and metadata.get("run", run_id) != run_id:
        raise _MismatchError(f"it holds the images of another run, {metadata['run']} instead of {run_id}")


def _check_tensors(opened: Any, shape: tuple[int, ...] | None) -> None:
    """Compare the names, types and shapes of the tensors with what they should be."""
    names = set(opened.keys())
    of_images = [name for name in _TENSORS if name in names]
    checked = {name + _CHECKSUM for name in of_images}
    # without momentum only where there are checksums: older snapshots have both tensors
    complete = len(of_images) == len(_TENSORS) or ("pixels" in names and names >= checked)
    if names - checked != set(of_images) or names & checked not in (set(), checked) or not complete:
        raise _MismatchError(f"it holds the tensors {', '.join(sorted(names)) or 'of nothing'}")
    expected = tuple(opened.get_slice("pixels").get_shape()) if shape is None else shape
    for name in (*of_images, *sorted(names & checked)):
        tensor = opened.get_slice(name)
        is_checksum = name in checked
        stored, due = tuple(tensor.get_shape()), expected[:2] if is_checksum else expected
        if stored != due or len(expected) != 5:
            raise _MismatchError(f"its {name} has the shape {_times(stored)} instead of {_times(due)}")
        if tensor.get_dtype() != ("U32" if is_checksum else "F16"):
            raise _MismatchError(f"its {name} is {tensor.get_dtype()}")


def _verified(
    opened: Any, name: str, file: Path, iteration: int, chosen: tuple[slice, slice] = _ALL_IMAGES
) -> Float16[np.ndarray, "class image channel height width"]:
    """Read the chosen images of a tensor and verify that each is the one that was written there."""
    images: np.ndarray = opened.get_slice(name)[chosen]
    if name + _CHECKSUM in opened.keys():  # noqa: SIM118 - it is no dict
        first = chosen[0].start or 0, chosen[1].start or 0
        place = _place(name, file.parent, iteration, opened.metadata().get("run", ""))
        computed = _checksums(place, images, first)
        if not np.array_equal(computed, opened.get_slice(name + _CHECKSUM)[chosen]):
            raise _MismatchError("a checksum differs")
    # All bits of the exponent set is infinity or NaN: six times as fast as isfinite on float16.
    if (images.view(np.uint16) & 0x7C00 == 0x7C00).any():
        raise _MismatchError("a value is not a finite number")
    return images


def _place(tensor: str, folder: Path, iteration: int, run_id: str) -> str:
    """Place of the images of a tensor, as it goes into their checksums; some older ones have no run's id."""
    return f"{tensor} {folder.parent.name} {iteration} {run_id}".rstrip()


def _checksums(
    place: str,
    images: Float16[np.ndarray, "class image channel height width"],
    first: tuple[int, int] = (0, 0),
) -> UInt32[np.ndarray, "class image"]:
    """CRC-32 of each image and its place, so that another one is not taken for it; from image `first` on."""
    classes, per_class = images.shape[:2]
    seed = zlib.crc32(f"{place} {images.dtype} {images.shape[2:]}".encode())
    rows = np.ascontiguousarray(images).reshape(classes * per_class, -1)
    places = [
        f"{label} {image}".encode()
        for label in range(first[0], first[0] + classes)
        for image in range(first[1], first[1] + per_class)
    ]
    checksums = [zlib.crc32(row.data, zlib.crc32(at, seed)) for row, at in zip(rows, places, strict=True)]
    return np.array(checksums, np.uint32).reshape(classes, per_class)


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a number"


def abbreviated(iterations: list[int]) -> str:
    """Iterations as a list for people, the middle of a long one left out."""
    if len(iterations) > 8:
        return f"{', '.join(map(str, iterations[:4]))} … {', '.join(map(str, iterations[-3:]))}"
    return ", ".join(map(str, iterations)) or "none so far"
