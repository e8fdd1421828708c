"""Snapshots are verified: neither damage nor another file under the name gives other images silently."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.snapshots import (
    Snapshot,
    read_image,
    read_snapshot,
    snapshot_file,
    stored_iterations,
    write_snapshot,
)

RUN, SHAPE = "20260101-120000-digits-abcd", (3, 2, 1, 4, 4)


def images(seed: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Snapshots of a set at iterations 5 and 6."""
    folder = tmp_path / "sets" / "real-2" / "snapshots"
    folder.mkdir(parents=True)
    for iteration in (5, 6):
        write_snapshot(folder, Snapshot(iteration, images(iteration), images(iteration + 10)), RUN)
    return folder


def write_older(folder: Path, iteration: int, pixels: np.ndarray, momentum: np.ndarray) -> None:
    """Write a snapshot as older versions did: without checksums."""
    content = safetensors.numpy.save({"pixels": pixels, "momentum": momentum}, {"iteration": str(iteration)})
    (folder / f"{iteration:07d}.safetensors").write_bytes(content)


@pytest.mark.parametrize(("name", "run"), [("größe-2", RUN), ("real-2", "20260101-文字"), ('a"b', RUN)])
def test_names_in_any_script_are_stored_with_a_sorted_header(tmp_path: Path, name: str, run: str) -> None:
    folder = tmp_path / "sets" / name / "snapshots"
    folder.mkdir(parents=True)
    contents = {write_snapshot(folder, Snapshot(5, images(5), None), run).read_bytes() for _ in range(10)}
    assert len(contents) == 1
    np.testing.assert_array_equal(read_snapshot(folder, 5, SHAPE, run).pixels, images(5))
    size = int.from_bytes(contents.pop()[:8], "little")
    assert size % 8 == 0, "as the format has it"


def assert_damaged(folder: Path, iteration: int, reason: str) -> None:
    for read in (
        lambda: read_snapshot(folder, iteration, SHAPE, RUN),
        lambda: read_image(folder, iteration, 0, 0, SHAPE, RUN),
    ):
        with pytest.raises(DamagedFileError, match=f"{iteration:07d}.safetensors is damaged .*{reason}"):
            read()


def test_no_flipped_bit_gives_other_images(folder: Path) -> None:
    file = snapshot_file(folder, 5)
    intact, true = file.read_bytes(), read_snapshot(folder, 5)
    noticed = 0
    for position in range(0, len(intact), 7):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << position % 8
        file.write_bytes(damaged)
        try:
            read = read_snapshot(folder, 5)
        except DamagedFileError:
            noticed += 1
        else:  # a byte that holds nothing of the images
            np.testing.assert_array_equal(read.pixels, true.pixels)
            np.testing.assert_array_equal(read.momentum, true.momentum)
        for label, number in np.ndindex(SHAPE[:2]):
            try:
                image = read_image(folder, 5, label, number)
            except DamagedFileError:
                continue
            np.testing.assert_array_equal(image, true.pixels[label, number])
    assert noticed > len(intact) // 7 * 0.9


def test_truncated_snapshots_are_damaged_at_every_length(folder: Path) -> None:
    file = snapshot_file(folder, 5)
    intact = file.read_bytes()
    for length in range(0, len(intact), 13):
        file.write_bytes(intact[:length])
        assert_damaged(folder, 5, "")


def test_snapshot_of_another_iteration_is_no_snapshot_of_this_one(folder: Path) -> None:
    shutil.copy(snapshot_file(folder, 5), folder / "0000006.safetensors")
    assert_damaged(folder, 6, "it holds the images of iteration 5")


def test_snapshot_of_another_set_is_no_snapshot_of_this_one(folder: Path) -> None:
    other = folder.parents[1] / "noise-2" / "snapshots"
    other.mkdir(parents=True)
    shutil.copy(snapshot_file(folder, 5), other)
    assert_damaged(other, 5, "it holds the images of set real-2")


def test_images_that_changed_places_are_noticed(folder: Path) -> None:
    file = snapshot_file(folder, 5)
    tensors = safetensors.numpy.load(file.read_bytes())
    swapped = {name: np.ascontiguousarray(tensor[::-1]) for name, tensor in tensors.items()}
    file.write_bytes(safetensors.numpy.save(swapped, {"iteration": "5"}))
    with pytest.raises(DamagedFileError, match="a checksum differs"):
        read_snapshot(folder, 5)
    with pytest.raises(DamagedFileError, match="a checksum differs"):
        read_image(folder, 5, 0, 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("of", ["pixels", "momentum"])
def test_older_snapshots_without_finite_values_are_damaged(folder: Path, of: str, value: float) -> None:
    tensors = {"pixels": images(0), "momentum": images(1)}
    tensors[of][0, 0, 0, 1, 2] = value
    write_older(folder, 7, **tensors)
    with pytest.raises(DamagedFileError, match="a value is not a finite number"):
        read_snapshot(folder, 7)


def test_older_snapshots_without_checksums_are_read(folder: Path) -> None:
    write_older(folder, 7, images(0), images(1))
    stored = read_snapshot(folder, 7, SHAPE)
    np.testing.assert_array_equal(stored.pixels, images(0))
    np.testing.assert_array_equal(stored.momentum, images(1))
    np.testing.assert_array_equal(read_image(folder, 7, 2, 1, SHAPE), images(0)[2, 1])


@pytest.mark.parametrize(
    ("pixels", "momentum", "reason"),
    [
        ((3, 2, 1, 4, 5), (3, 2, 1, 4, 5), "its pixels has the shape 3×2×1×4×5 instead of 3×2×1×4×4"),
        ((2, 3, 1, 4, 4), (2, 3, 1, 4, 4), "its pixels has the shape 2×3"),
        ((3, 2, 16), (3, 2, 16), "its pixels has the shape 3×2×16"),
        (SHAPE, (3, 2, 1, 2, 8), "its momentum has the shape"),
    ],
)
def test_another_shape_than_the_runs_is_damage(
    folder: Path, pixels: tuple[int, ...], momentum: tuple[int, ...], reason: str
) -> None:
    write_older(folder, 7, images(0, pixels), images(1, momentum))
    assert_damaged(folder, 7, reason)


def test_another_type_than_float16_is_damage(folder: Path) -> None:
    write_older(folder, 7, images(0).astype(np.float32), images(1))
    assert_damaged(folder, 7, "its pixels is F32")


def test_only_files_named_as_they_are_written_are_stored_iterations(folder: Path) -> None:
    (folder / "0000009.safetensors").mkdir()
    for name in ("10.safetensors", "٠٠٠٠٠١١.safetensors", ".0000012.safetensors", "0000013.safetensors.tmp"):
        shutil.copy(snapshot_file(folder, 5), folder / name)
    assert stored_iterations(folder) == [5, 6]
    assert stored_iterations(folder / "0000005.safetensors") == []


def test_snapshots_with_checksums_of_before_the_run_was_stored_are_read(folder: Path) -> None:
    write_snapshot(folder, Snapshot(7, images(0), images(1)), "")
    file = snapshot_file(folder, 7)
    tensors = safetensors.numpy.load(file.read_bytes())
    file.write_bytes(safetensors.numpy.save(tensors, {"iteration": "7", "set": "real-2"}))
    np.testing.assert_array_equal(read_snapshot(folder, 7, SHAPE, RUN).pixels, images(0))
    tensors["pixels"][0, 0, 0, 0, 0] += 1
    file.write_bytes(safetensors.numpy.save(tensors, {"iteration": "7", "set": "real-2"}))
    assert_damaged(folder, 7, "a checksum differs")
