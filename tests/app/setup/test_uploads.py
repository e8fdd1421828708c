"""Upload of one's own images: a copy on disk that is read as any folder or zip, once for each content."""

import errno
import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from support.pages import open_page, text_of
from support.waiting import until

from app.jobs.manager import JobManager
from app.setup.uploads import UploadedFile, store_upload, uploads_root
from dmcore.data.load import load_dataset
from dmcore.files.atomic import StorageError


@pytest.fixture(autouse=True)
def _own_data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DM_DATA", str(tmp_path / "data"))


def photo(shade: int) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 255 - shade, 0)).save(content, "PNG")
    return content.getvalue()


def photos(classes: tuple[str, ...] = ("Hund", "猫"), count: int = 6) -> dict[str, bytes]:
    return {
        f"{name}/{number}.png": photo(20 * number + index)
        for index, name in enumerate(classes)
        for number in range(count)
    }


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return content.getvalue()


def uploaded(files: dict[str, bytes]) -> list[UploadedFile]:
    return [UploadedFile(name, memoryview(content)) for name, content in files.items()]


def test_an_uploaded_zip_is_a_data_set_titled_as_its_file() -> None:
    path = store_upload(uploaded({"my photos.zip": zipped(photos())}))
    assert uploads_root() in path.parents
    dataset = load_dataset(str(path))
    assert dataset.title == "my photos"
    assert dataset.class_names == ("Hund", "猫")
    assert len(dataset.train) + len(dataset.test) == 12


def test_an_uploaded_folder_is_a_data_set_with_the_same_pixels() -> None:
    files = {f"my photos/{name}": content for name, content in photos().items()}
    of_folder = load_dataset(str(store_upload(uploaded(files))))
    of_zip = load_dataset(str(store_upload(uploaded({"my photos.zip": zipped(photos())}))))
    assert of_folder.title == "my photos"
    assert of_folder.digest == of_zip.digest


def test_the_same_content_is_stored_once_in_whatever_order_it_comes() -> None:
    files = {f"pets/{name}": content for name, content in photos().items()}
    path = store_upload(uploaded(files))
    written = path.stat().st_mtime_ns
    assert store_upload(uploaded(dict(reversed(files.items())))) == path
    assert path.stat().st_mtime_ns == written
    files["pets/Hund/0.png"] = photo(200)
    assert store_upload(uploaded(files)) != path
    assert len(list(uploads_root().iterdir())) == 2


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.png", "pets/../../outside.png", "/etc/outside.png", "pets//0.png", "pets\\0.png"),
        *(
            "D:/x.png",
            "pets/a.png:x",
            "pets/\x00.png",
            "pets/\ud800.png",
            "pets/.",
            "",
            f"pets/{'x' * 300}.png",
            "pets/" + "a/" * 40 + "0.png",
        ),
    ],
)
def test_a_name_that_leads_elsewhere_or_cannot_be_stored_is_refused_and_nothing_written(name: str) -> None:
    with pytest.raises(ValueError, match=r"upload a zip$"):
        store_upload(uploaded({"pets/cat/0.png": photo(0), name: photo(1)}))
    assert not uploads_root().exists()


def test_files_of_no_single_folder_are_refused() -> None:
    for names in (("a/0.png", "b/0.png"), ("0.png", "1.png")):
        with pytest.raises(ValueError, match="from no single folder"):
            store_upload(uploaded(dict.fromkeys(names, photo(0))))
    with pytest.raises(ValueError, match="the folder is empty"):
        store_upload([])


def test_names_as_macos_gives_them_are_stored() -> None:
    files = {f"pets/cat/Screenshot 3.14.0{number}\u202fPM.png": photo(number) for number in range(4)}
    files |= {f"pets/dog/{number}.png": photo(90 + number) for number in range(4)}
    assert load_dataset(str(store_upload(uploaded(files)))).class_names == ("cat", "dog")


def test_what_is_no_data_set_is_refused_and_not_kept() -> None:
    for files in ({"photos.zip": b"no zip"}, {"pets/notes/a.txt": b"", "pets/b.txt": b""}):
        with pytest.raises(ValueError, match=r"zip|image"):
            store_upload(uploaded(files))
        assert list(uploads_root().iterdir()) == []


def test_two_files_of_one_name_are_refused_and_not_kept() -> None:
    twice = [*uploaded({f"pets/{name}": content for name, content in photos().items()})] * 2
    with pytest.raises(ValueError, match=r"two files are called pets/\S+, but for the case of letters"):
        store_upload(twice)
    assert not uploads_root().exists()


def test_another_session_that_was_quicker_with_the_same_files_is_as_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replace, files = os.replace, uploaded({"photos.zip": zipped(photos())})

    def later(incoming: Path, folder: Path) -> None:
        shutil.copytree(incoming, folder)
        replace(incoming, folder)

    monkeypatch.setattr(os, "replace", later)
    assert load_dataset(str(store_upload(files))).title == "photos"
    assert len(list(uploads_root().iterdir())) == 1


def test_a_copy_that_lost_a_file_is_written_anew_and_what_was_left_half_written_goes() -> None:
    files = uploaded({f"pets/{name}": content for name, content in photos().items()})
    path = store_upload(files)
    (path / "Hund" / "0.png").unlink()
    half = uploads_root() / ".incoming-abandoned"
    half.mkdir()
    os.utime(half, (0, 0))
    assert store_upload(files) == path
    assert (path / "Hund" / "0.png").exists()
    assert not half.exists()


def test_a_full_disk_leaves_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(number: int) -> None:
        def refuse(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "replace", refuse)

    fails(errno.ENOSPC)
    with pytest.raises(StorageError, match="full"):
        store_upload(uploaded({"photos.zip": zipped(photos())}))
    fails(errno.EACCES)
    with pytest.raises(StorageError, match="set DM_DATA to another folder"):
        store_upload(uploaded({"photos.zip": zipped(photos())}))
    assert list(uploads_root().iterdir()) == []


def subheaders(page: AppTest) -> list[str]:
    return [each.value.split(",")[0] for each in page.subheader]


def own_images_page() -> AppTest:
    page = open_page("watch.py", setup="open")
    page.pills(key="form_preset").set_value("Your own images").run()
    return page


def test_a_zip_dropped_on_the_page_is_looked_at_and_can_be_started(process_manager: JobManager) -> None:
    page = own_images_page()
    page.file_uploader(key="form_upload_zip_0").set_value(
        ("my photos.zip", zipped(photos(count=12)), "application/zip")
    )
    page.run()
    (path,) = uploads_root().glob("*/my photos.zip")
    assert page.text_input(key="form_path").value == str(path)
    until(lambda: "Your images: 5 of each class" in subheaders(page.run()), "it was read")
    assert "2 classes" in text_of(page)
    assert not page.button(key="watch_start").disabled


def test_what_is_no_zip_or_leads_elsewhere_gets_a_sentence(process_manager: JobManager) -> None:
    page = own_images_page()
    page.file_uploader(key="form_upload_zip_0").set_value(("photos.zip", b"no zip", "application/zip"))
    page.run()
    assert "neither a folder nor a zip" in " ".join(each.value for each in page.error)
    page = own_images_page()
    page.file_uploader(key="form_upload_folder_0").set_value(
        [("pets/../../a.png", photo(0), "image/png"), ("pets/b.png", photo(1), "image/png")]
    )
    page.run()
    assert "rename the file, or upload a zip" in " ".join(each.value for each in page.error)
