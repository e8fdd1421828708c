"""Malicious or wrong image folders and zips: each gives one sentence with a remedy."""

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from support.hostile.sets import empty_picture

from dmcore.data.load import load_dataset


def picture(size: tuple[int, int] = (16, 16), value: int = 100) -> bytes:
    stream = io.BytesIO()
    Image.new("L", size, value).save(stream, "PNG")
    return stream.getvalue()


def torn() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((16, 16), 90).save(stream, "JPEG")
    return stream.getvalue()[:-60]


def fill(top: Path, classes: tuple[str, ...] = ("a", "b"), count: int = 5) -> Path:
    for name in classes:
        (top / name).mkdir(parents=True)
        for number in range(count):
            (top / name / f"{number}.png").write_bytes(picture(value=20 * number))
    return top


def good_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a", "b"):
            for number in range(5):
                archive.writestr(f"{name}/{number}.png", picture(value=20 * number))
    return path


def refuse(path: Path, *words: str) -> str:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the words are checked below
        load_dataset(path)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert all(word in sentence for word in words), sentence
    return sentence


@pytest.mark.parametrize(
    "name", ["../a/x.png", "a/../../x.png", "/etc/x.png", "C:/x.png", "..\\x.png", "\\x.png"]
)
def test_a_zip_that_names_files_outside_itself_is_refused(name: str, tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr(zipfile.ZipInfo(name), picture())
    refuse(archive, "names a file outside itself", "zip the folder of the images again")


def test_a_zip_with_a_link_is_refused(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr(link, "/etc/passwd")
    refuse(archive, "contains a link", "zip the images themselves")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a/bomb.png", bytes(100 << 20))
    refuse(archive, "would unpack from", "give the folder")


def test_one_member_that_is_far_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmcore.data.limits.MOST_FILE_BYTES", 1 << 20)
    archive = good_zip(tmp_path / "z.zip")
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr("a/large.png", os.urandom(2 << 20))
    refuse(archive, "'a/large.png'", "larger than 1 MB", "take it out")
    folder = fill(tmp_path / "folder")
    (folder / "a" / "large.png").write_bytes(os.urandom(2 << 20))
    refuse(folder, "large.png", "larger than 1 MB", "take it out")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmcore.data.limits.MOST_FILES", 8)
    refuse(good_zip(tmp_path / "z.zip"), "more than 8 files")
    refuse(fill(tmp_path / "folder"), "more than 8 files")


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    content = bytearray(archive.read_bytes())
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 10)  # the central directory promises ten bytes
    archive.write_bytes(bytes(content))
    refuse(archive, "cannot be unpacked", "make or download the zip again")


def test_a_picture_with_absurdly_many_pixels_is_refused_undecoded(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder")
    (folder / "a" / "huge.png").write_bytes(empty_picture(60_000, 60_000))
    refuse(folder, "a/huge.png has far too many pixels", "take it out")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    content = bytearray(archive.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = content.find(mark)
        while position >= 0:
            content[position + offset] |= 1
            position = content.find(mark, position + 4)
    archive.write_bytes(bytes(content))
    refuse(archive, "is encrypted", "unpack it")


def test_a_zip_with_damaged_content_is_refused(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    content = bytearray(archive.read_bytes())
    content[60] ^= 0xFF
    archive.write_bytes(bytes(content))
    refuse(archive, "z.zip", "make or download")


def test_a_truncated_zip_and_a_file_that_is_none_are_refused(tmp_path: Path) -> None:
    archive = good_zip(tmp_path / "z.zip")
    archive.write_bytes(archive.read_bytes()[:-200])
    refuse(archive, "neither a folder nor a zip", "give an image folder")
    (tmp_path / "text.zip").write_text("no zip")
    refuse(tmp_path / "text.zip", "neither a folder nor a zip")
    (tmp_path / "nothing.zip").write_bytes(b"")
    refuse(tmp_path / "nothing.zip", "neither a folder nor a zip")


def test_empty_folders_and_zips_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refuse(tmp_path / "empty", "no images", "one folder of images for each class")
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    refuse(tmp_path / "empty.zip", "no images")


def test_images_without_class_folders_are_refused(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture())
    refuse(tmp_path, "no class folders", "folder named after it")


def test_text_files_and_damaged_images_are_left_out_and_counted(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder", count=10)
    (folder / "a" / "readme.txt").write_text("about these images")
    (folder / "b" / "labels.csv").write_text("0,1")
    (folder / "a" / "liar.png").write_text("text with the name of an image")
    (folder / "b" / "torn.png").write_bytes(torn())
    (folder / "stray.png").write_bytes(picture())
    data = load_dataset(folder)
    assert len(data.train) + len(data.test) == 20
    assert "2 files were left out because of a name that is not an image's, like a/readme.txt." in data.notes
    assert "2 files were left out because no image could be read in them, like a/liar.png." in data.notes
    assert "1 image was left out, lying in no class folder: stray.png." in data.notes


def test_one_class_only_is_refused(tmp_path: Path) -> None:
    refuse(
        fill(tmp_path / "folder", classes=("cats",)), "one class only ('cats')", "at least two class folders"
    )
    fill(tmp_path / "split" / "train", classes=("cats",))
    fill(tmp_path / "split" / "test", classes=("cats",))
    refuse(tmp_path / "split", "one class only ('cats')")


def test_one_image_per_class_is_refused_without_a_test_folder_and_taken_with_one(tmp_path: Path) -> None:
    refuse(fill(tmp_path / "folder", count=1), "class 'a' of folder has one image only", "at least two")
    fill(tmp_path / "split" / "train", count=1)
    fill(tmp_path / "split" / "test", count=1)
    assert len(load_dataset(tmp_path / "split").train) == 2


def test_no_test_images_are_refused(tmp_path: Path) -> None:
    fill(tmp_path / "train")
    refuse(tmp_path, "no test images", "under test/ or val/")
    (tmp_path / "test" / "a").mkdir(parents=True)
    refuse(tmp_path, "no test images")


def test_no_training_images_are_refused(tmp_path: Path) -> None:
    fill(tmp_path / "val")
    refuse(tmp_path, "no train/ folder with images", "under train/")


def test_a_test_class_that_was_never_trained_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "train")
    fill(tmp_path / "test", classes=("a", "b", "c"))
    refuse(tmp_path, "no training images of 'c'", "the same class folders")


def test_a_class_of_unreadable_images_is_refused_by_name(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder")
    (folder / "c").mkdir()
    (folder / "c" / "0.png").write_text("no image")
    refuse(folder, "class 'c' of folder has no training image that can be read")


def test_images_of_one_pixel_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.png").write_bytes(picture((1, 1)))
    refuse(tmp_path, "1×1 pixels", "at least 8×8")


def test_one_image_of_one_pixel_among_others_is_brought_to_their_size(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder")
    (folder / "a" / "dot.png").write_bytes(picture((1, 1)))
    (folder / "a" / "line.png").write_bytes(picture((1, 3000)))
    data = load_dataset(folder)
    assert data.shape == (1, 16, 16)
    assert len(data.train) + len(data.test) == 12


def test_class_names_with_markup_stay_text_and_bytes_that_are_no_text_are_shown(tmp_path: Path) -> None:
    markup = "<img src=x onerror=alert(1)>"
    fill(tmp_path, classes=(markup, "b\nc"))
    (tmp_path / os.fsdecode(b"\xff\xfe")).mkdir()
    for number in range(2):
        (tmp_path / os.fsdecode(b"\xff\xfe") / f"{number}.png").write_bytes(picture())
    names = load_dataset(tmp_path).class_names
    assert names == (markup, "b\N{REPLACEMENT CHARACTER}c", "\N{REPLACEMENT CHARACTER}" * 2)
    assert [name.encode() for name in names]  # can be written to a file


def test_constant_images_do_not_divide_by_zero(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.png").write_bytes(picture(value=0))
    data = load_dataset(tmp_path)
    assert data.train.statistics.normalise(data.train.images).isfinite().all()


def test_a_script_in_a_postscript_file_is_not_opened(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder")
    (folder / "a" / "script.png").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n%%EndComments\n"
    )
    assert any("a/script.png" in note for note in load_dataset(folder).notes)


@pytest.mark.parametrize("packed", [False, True])
def test_files_of_operating_systems_are_no_class_and_no_image(tmp_path: Path, packed: bool) -> None:
    folder = fill(tmp_path / "folder")
    names = (
        *("__MACOSX/a/0.png", "__MACOSX/a/._0.png", ".DS_Store", "a/._0.png", "a/Thumbs.db"),
        *("b/desktop.ini", ".hidden/0.png", "$RECYCLE.BIN/0.png", "@eaDir/0.png"),
    )
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(picture())
    if packed:
        with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
            for file in folder.rglob("*.*"):
                if file.is_file():
                    archive.write(file, file.relative_to(folder))
    data = load_dataset(tmp_path / "z.zip" if packed else folder)
    assert data.class_names == ("a", "b")
    assert len(data.train) + len(data.test) == 10
    assert not any("left out" in note for note in data.notes)


@pytest.mark.parametrize("packed", [False, True])
def test_folders_far_inside_each_other_are_refused(tmp_path: Path, packed: bool) -> None:
    folder = fill(tmp_path / "folder")
    inside = "a/" * 40
    if packed:
        with zipfile.ZipFile(good_zip(tmp_path / "z.zip"), "a") as archive:
            archive.writestr(f"{inside}x.png", picture())
    else:
        (folder / inside).mkdir(parents=True)
    refuse(
        tmp_path / "z.zip" if packed else folder,
        "more than 32 folders inside each other",
        "give the folder with the class folders",
    )


def test_listing_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million files are not all listed before they are refused."""
    fill(tmp_path / "folder", count=30)
    listed = []
    monkeypatch.setattr("dmcore.data.limits.MOST_FILES", 8)
    monkeypatch.setattr(
        "dmcore.data.listing.file_reader", lambda file: listed.append(file) or file.read_bytes
    )
    refuse(tmp_path / "folder", "more than 8 files")
    assert len(listed) <= 8


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_read_is_answered_with_a_sentence(tmp_path: Path) -> None:
    folder = fill(tmp_path / "folder")
    (folder / "a").chmod(0)
    refuse(folder, "cannot be read", "check that you may read it")
