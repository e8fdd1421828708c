"""One's own images in a real Chromium: a zip or a folder from the desktop in, condensed images out."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from support.waiting import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = PATIENCE * 1000
CLASSES = ("cat", "hamster", "Spatz")


def photo(name: str, number: int) -> bytes:
    """Photograph of noise around a colour of its class."""
    random = np.random.default_rng([CLASSES.index(name), number])
    pixels = random.integers(0, 156, (32, 32, 3), dtype=np.uint8)
    pixels[:, :, CLASSES.index(name)] += 100
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def photos(folder, count=12):
    """Folders of photographs, one for each class."""
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / f"{number}.png").write_bytes(photo(name, number))
    return folder


def zipped(folder, file):
    with zipfile.ZipFile(file, "w") as archive:
        for photo_file in sorted(folder.rglob("*.png")):
            archive.write(photo_file, photo_file.relative_to(folder))
    return file


def test_from_a_zip_on_the_desktop_to_a_zip_of_condensed_images(app, visit, tmp_path):
    page = visit()
    page.get_by_role("button", name="Own images").click(timeout=WAIT)
    page.locator("input[type=file]").first.set_input_files(
        zipped(photos(tmp_path / "pets"), tmp_path / "pets.zip")
    )
    expect(page.get_by_text("Your images: 5 of each class")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Start", exact=True).click(timeout=WAIT)
    download = page.get_by_role("button", name="Download", exact=True)
    expect(page.get_by_text("finished").first).to_be_visible(timeout=WAIT)
    download.click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Image folder (zip)").click(timeout=WAIT)
    with page.expect_download(timeout=WAIT) as saved:
        dialog.get_by_role("button", name="Save", exact=True).click(timeout=WAIT)
    saved.value.save_as(tmp_path / "condensed.zip")
    with zipfile.ZipFile(tmp_path / "condensed.zip") as archive:
        folders = {name.split("/")[-2] for name in archive.namelist() if name.endswith(".png")}
    assert set(CLASSES) <= folders


def test_a_folder_is_uploaded_with_the_folders_in_it(app, visit, tmp_path):
    page = visit()
    page.get_by_role("button", name="Own images").click(timeout=WAIT)
    page.get_by_role("tab", name="Upload a folder").click(timeout=WAIT)
    page.locator("input[type=file][webkitdirectory]").set_input_files(photos(tmp_path / "pets"))
    expect(page.get_by_text("Your images: 5 of each class")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("36 images of 3 classes: Spatz, cat, hamster.")).to_be_visible()
