"""Image folders and zips by path: classes, splits, sizes and modes."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.waiting import until

from dmcore.data.class_folders import count_smallest_class, describe_folder
from dmcore.data.load import load_dataset

Save = Callable[[str, Image.Image], None]


def flat(value: object = 100, size: tuple[int, int] = (16, 16), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, value)


def save(image: Image.Image, path: Path, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def two_classes(top: Path, count: int = 10, mode: str = "RGB") -> Path:
    for value, name in ((40, "dark"), (200, "light")):
        for number in range(count):
            colour = (value,) * 3 if mode == "RGB" else value
            save(flat(colour, mode=mode), top / name / f"{number}.png")
    return top


def zipped(folder: Path, archive: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(archive, "w") as target:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            target.write(file, prefix + file.relative_to(folder).as_posix())
    return archive


def test_class_folders_without_a_split_are_split_in_proportion_always_alike(tmp_path: Path) -> None:
    data = load_dataset(two_classes(tmp_path / "pictures"))
    assert data.title == "pictures"
    assert data.class_names == ("dark", "light")
    assert [len(members) for members in data.train.by_class] == [8, 8]
    assert [len(members) for members in data.test.by_class] == [2, 2]
    assert "4 of 20 images" in data.notes[0]
    assert data.train.images.dtype == torch.uint8
    assert (data.train.images[data.train.label == 0] == 40).all()
    assert load_dataset(tmp_path / "pictures").digest == data.digest


@pytest.mark.parametrize("testing", ["test", "val", "Validation"])
def test_train_and_test_folders_are_the_split(testing: str, tmp_path: Path) -> None:
    two_classes(tmp_path / "train", count=3)
    two_classes(tmp_path / testing, count=2)
    data = load_dataset(tmp_path)
    assert (len(data.train), len(data.test)) == (6, 4)
    assert data.notes == ()


def test_with_test_and_val_the_test_folder_is_used_and_the_other_named(tmp_path: Path) -> None:
    two_classes(tmp_path / "train", count=3)
    two_classes(tmp_path / "test", count=2)
    two_classes(tmp_path / "val", count=1)
    data = load_dataset(tmp_path)
    assert len(data.test) == 4
    assert data.notes == ("2 images were left out, outside train/ and test/.",)


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    two_classes(tmp_path)
    for number in range(5):
        save(flat(), tmp_path / "train" / f"{number}.png")
    assert load_dataset(tmp_path).class_names == ("dark", "light", "train")


@pytest.mark.parametrize("prefix", ["", "top/", "top/inner/"])
def test_a_zip_is_read_like_its_folder_with_or_without_folders_on_top(prefix: str, tmp_path: Path) -> None:
    folder = two_classes(tmp_path / "pictures")
    archive = zipped(folder, tmp_path / "pictures.zip", prefix)
    before = sorted(tmp_path.rglob("*"))
    data = load_dataset(str(archive))
    assert data.digest == load_dataset(folder).digest
    assert sorted(tmp_path.rglob("*")) == before  # nothing was extracted


def test_mac_and_hidden_files_are_no_images(tmp_path: Path) -> None:
    folder = two_classes(tmp_path / "pictures")
    archive = zipped(folder, tmp_path / "pictures.zip")
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr("__MACOSX/dark/._0.png", b"resource fork")
        target.writestr("dark/.DS_Store", b"?")
    assert load_dataset(archive).notes == load_dataset(folder).notes


def test_the_most_common_size_wins_and_the_note_says_so(tmp_path: Path) -> None:
    two_classes(tmp_path)
    save(flat(size=(50, 20)), tmp_path / "dark" / "wide.png")
    data = load_dataset(tmp_path)
    assert data.shape == (3, 16, 16)
    assert any(
        "2 sizes, most often 16×16 (20 of 21): all are resized to 16×16" in note for note in data.notes
    )


def test_large_images_are_shrunk_to_64_and_wide_ones_cut_in_the_middle(tmp_path: Path) -> None:
    wide = np.zeros((100, 300), dtype=np.uint8)
    wide[:, 95:205] = 255  # a little more than the square, for the filter looks across its border
    for name in ("a", "b"):
        for number in range(5):
            save(Image.fromarray(wide), tmp_path / name / f"{number}.png")
    data = load_dataset(tmp_path)
    assert data.shape == (1, 64, 64)
    assert (data.train.images > 250).all()
    assert (
        "All images have 300×100 pixels and are cut to their central square and resized to 64×64."
        in data.notes
    )


def test_all_grey_gives_one_channel_and_a_mixture_gives_rgb(tmp_path: Path) -> None:
    two_classes(tmp_path / "grey", mode="L")
    assert load_dataset(tmp_path / "grey").shape == (1, 16, 16)
    save(flat((10, 20, 30)), tmp_path / "grey" / "dark" / "colour.png")
    mixed = load_dataset(tmp_path / "grey")
    assert mixed.shape == (3, 16, 16)
    assert any("20 of 21 images are grey" in note for note in mixed.notes)


def train_pixels(
    tmp_path: Path, image: Image.Image, ending: str = "png", **options: object
) -> tuple[int, ...]:
    """The central pixel of a training image, read beside ordinary test images."""
    for name in ("a", "b"):
        save(flat((9, 9, 9)), tmp_path / "test" / name / "plain.png")
        save(image, tmp_path / "train" / name / f"one.{ending}", **options)
    data = load_dataset(tmp_path)
    return tuple(data.train.images[0, :, 8, 8].tolist())


def test_16_bit_images_keep_their_upper_bits(tmp_path: Path) -> None:
    image = Image.fromarray(np.full((16, 16), 0xAB12, dtype=np.uint16))
    assert train_pixels(tmp_path, image) == (0xAB,) * 3
    assert "2 images were reduced from 16 to 8 bits." in load_dataset(tmp_path).notes


def sixteen_bits(top: Path, largest: int, mode: type = np.uint16, suffix: str = "png") -> Path:
    """Two classes of 16-bit images, ramps up to the largest value and up to a quarter of it."""
    ramp = np.tile(np.linspace(0, 1, 16), (16, 1))
    for name, peak in (("bright", largest), ("dark", largest // 4)):
        for number in range(5):
            image = Image.fromarray((ramp * peak).round().astype(mode))
            save(image, top / name / f"{number}.{suffix}")
    return top


@pytest.mark.parametrize(
    ("largest", "bits"), [(255, 8), (1023, 10), (1024, 12), (3001, 12), (4095, 12), (16383, 14), (65535, 16)]
)
def test_16_bit_images_that_use_fewer_bits_keep_their_grey_levels(
    largest: int, bits: int, tmp_path: Path
) -> None:
    data = load_dataset(sixteen_bits(tmp_path, largest))
    expected = int(largest / 2 ** (bits - 8))
    assert int(data.train.images.max()) == expected
    assert len(torch.unique(data.train.images)) > 16
    dark = data.train.images[data.train.by_class[1]]
    assert abs(int(dark.max()) - expected / 4) <= 1, "one scale for all: dark images stay dark"
    change = "read as 8 bits" if bits == 8 else f"reduced from {bits} to 8 bits"
    assert f"10 images were {change}." in data.notes
    told = [note for note in data.notes if note.startswith(f"The 16-bit images use {bits} bits")]
    assert len(told) == (bits < 16)


def test_the_test_images_decide_on_the_scale_too(tmp_path: Path) -> None:
    sixteen_bits(tmp_path / "train", 1000)
    sixteen_bits(tmp_path / "test", 4000)
    data = load_dataset(tmp_path)
    assert (
        "The 16-bit images use 12 bits (the largest value is 4\u202f000): all are scaled alike." in data.notes
    )
    assert int(data.train.images.max()) == 1000 >> 4


def test_values_below_0_are_told(tmp_path: Path) -> None:
    sixteen_bits(tmp_path, 3000, np.int32, "tiff")
    low = Image.fromarray(np.full((16, 16), -500, dtype=np.int32))
    save(low, tmp_path / "dark" / "air.tiff")
    notes = load_dataset(tmp_path).notes
    assert "1 image was made black where values are below 0." in notes


def test_16_bit_colours_are_told_too(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "dark" / "deep.png").write_bytes(png_of_16_bit_colours(16))
    data = load_dataset(tmp_path)
    assert "1 image was reduced from 16 to 8 bits." in data.notes


def png_of_16_bit_colours(side: int) -> bytes:
    """RGB of 16 bits each, which Pillow reads but does not write."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = (b"\0" + b"\x12\x34" * 3 * side) * side
    header = struct.pack(">IIBBBBB", side, side, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_transparent_images_lie_on_white(tmp_path: Path) -> None:
    assert train_pixels(tmp_path, flat((0, 0, 0, 0), mode="RGBA")) == (255, 255, 255)
    assert "2 images were put on a white background where transparent." in load_dataset(tmp_path).notes


def test_palette_images_get_their_colours(tmp_path: Path) -> None:
    image = flat(3, mode="P")
    image.putpalette([0, 0, 0] * 3 + [10, 200, 30])
    assert train_pixels(tmp_path, image) == (10, 200, 30)


def test_cmyk_images_become_rgb(tmp_path: Path) -> None:
    red, green, blue = train_pixels(tmp_path, flat((0, 255, 255, 0), mode="CMYK"), "jpg", quality=95)
    assert red > 200
    assert max(green, blue) < 60


def test_an_image_is_rotated_by_its_exif_orientation(tmp_path: Path) -> None:
    sideways = np.zeros((16, 16, 3), dtype=np.uint8)
    sideways[:, 0] = 255  # the left column is the top row once the camera's note is followed
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a", "b"):
        save(flat((9, 9, 9)), tmp_path / "test" / name / "plain.png")
        save(Image.fromarray(sideways), tmp_path / "train" / name / "one.png", exif=exif)
    images = load_dataset(tmp_path).train.images
    assert (images[:, :, 0] == 255).all()
    assert (images[:, :, 1:] == 0).all()


def test_reading_reports_its_progress(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    load_dataset(two_classes(tmp_path / "pictures"), progress=lambda *report: seen.append(report))
    assert seen[-1] == ("reading pictures", 20, 20)


def test_a_class_folder_may_be_a_link_and_a_loop_of_links_ends(tmp_path: Path) -> None:
    two_classes(tmp_path / "elsewhere")
    (tmp_path / "pictures").mkdir()
    for name in ("dark", "light"):
        (tmp_path / "pictures" / name).symlink_to(tmp_path / "elsewhere" / name)
    (tmp_path / "elsewhere" / "dark" / "round").symlink_to(tmp_path / "elsewhere" / "dark")
    data = load_dataset(tmp_path / "pictures")
    assert data.class_names == ("dark", "light")
    assert len(data.train) + len(data.test) < 60


def test_a_palette_gif_and_a_tiff_and_a_webp_are_read(tmp_path: Path) -> None:
    two_classes(tmp_path)
    for ending in ("gif", "tiff", "webp", "bmp", "ppm"):
        save(flat((250, 10, 10)), tmp_path / "light" / f"other.{ending}")
    data = load_dataset(tmp_path)
    assert len(data.train) + len(data.test) == 25


def test_a_zip_in_memory_order_does_not_matter(tmp_path: Path) -> None:
    folder = two_classes(tmp_path / "pictures")
    stored = io.BytesIO(zipped(folder, tmp_path / "forward.zip").read_bytes())
    with zipfile.ZipFile(stored) as source, zipfile.ZipFile(tmp_path / "backward.zip", "w") as target:
        for member in reversed(source.infolist()):
            target.writestr(member.filename, source.read(member))
    assert load_dataset(tmp_path / "backward.zip").digest == load_dataset(tmp_path / "forward.zip").digest


def test_a_folder_and_a_zip_are_described_by_their_images_and_classes(tmp_path: Path) -> None:
    folder = two_classes(tmp_path / "mine")
    for path in (folder, zipped(folder, tmp_path / "mine.zip")):
        assert describe_folder(str(path)) == "20 images of 2 classes: dark, light."


def test_the_description_of_a_folder_counts_images_that_were_added(tmp_path: Path) -> None:
    folder = two_classes(tmp_path)
    os.utime(folder / "dark", (1, 1))
    assert describe_folder(str(folder)).startswith("20 images")
    for number in range(10):
        save(flat((9, 9, 9)), folder / "dark" / f"later{number}.png")
    until(lambda: describe_folder(str(folder)) == "30 images of 2 classes: dark, light.", seconds=5)


def test_a_folder_without_classes_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no images: give a folder with one folder of images"):
        describe_folder(str(tmp_path))
    with pytest.raises(ValueError, match="there is nothing at"):
        describe_folder(str(tmp_path / "none"))
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "one.HEIC").write_bytes(b"a phone's")
    until(
        lambda: _refusal(tmp_path).endswith("another kind (.heic): save the images as JPEG or PNG"), seconds=5
    )


def _refusal(path: Path) -> str:
    with pytest.raises(ValueError, match="holds no images") as refused:
        describe_folder(str(path))
    return str(refused.value)


def test_the_smallest_class_is_counted_by_the_names_without_what_is_kept_for_testing(tmp_path: Path) -> None:
    for name, number in (("dark", 3), ("light", 30)):
        for index in range(number):
            save(flat(), tmp_path / "all" / name / f"{index}.png")
    assert count_smallest_class(str(tmp_path / "all")) == 2
    assert (
        count_smallest_class(str(tmp_path / "all")) == load_dataset(tmp_path / "all").train.smallest_class[0]
    )
    (tmp_path / "split").mkdir()
    (tmp_path / "all").rename(tmp_path / "split" / "train")
    for name in ("dark", "light"):
        save(flat(), tmp_path / "split" / "test" / name / "0.png")
    assert count_smallest_class(str(tmp_path / "split")) == 3
