"""The download menu in a real Chromium: on three pages, it stays open, and says why there is no file."""

import zipfile

import numpy as np
import pytest
from playwright.sync_api import expect
from support.small_runs import made
from support.waiting import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = PATIENCE * 1000


def test_why_a_file_could_not_be_created_is_said_without_another_click(app, visit):
    run = made(app.runs_root)
    page = visit(f"?run={run.id}")
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Download", exact=True).click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Film", exact=True).click(timeout=WAIT)
    expect(dialog.get_by_role("button", name="Save the GIF")).to_be_visible(timeout=WAIT)
    dialog.get_by_text("Images", exact=True).click()
    save = dialog.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_visible(timeout=WAIT)
    for file in run.path.rglob("*4.safetensors"):
        file.write_bytes(b"half")
    save.click()
    expect(dialog.get_by_role("alert")).to_contain_text("damaged", timeout=WAIT)
    expect(save).to_be_visible()


def choose(dialog, format):
    """Choose a format, and wait until its button saves it."""
    dialog.get_by_text(format, exact=True).click(timeout=WAIT)
    expect(dialog.get_by_role("radio", name=format)).to_be_checked(timeout=WAIT)
    running = dialog.page.locator("[data-test-script-state='running']")
    dialog.page.wait_for_timeout(300)  # until the page has heard of the click
    expect(running).to_have_count(0, timeout=WAIT)


@pytest.mark.parametrize(
    ("address", "button"),
    [
        ("?run={}", "Download"),
        ("runs", "Download"),
        ("accuracy?compare=my+runs&sets={}:", "Download the images"),
    ],
    ids=["watch", "runs", "accuracy"],
)
def test_the_same_files_come_from_every_page(app, visit, tmp_path, address, button):
    run = made(app.runs_root, "Two per digit")
    (name,) = run.set_names
    page = visit(address.format(run.id) + (f"{name}&data=Digits" if address.endswith(":") else ""))
    place = page if button != "Download" or "run=" in page.url else page.locator(f".st-key-actions_{run.id}")
    place.get_by_role("button", name=button, exact=True).click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="PNG grid")).to_be_checked(timeout=WAIT)
    with page.expect_download(timeout=WAIT) as grid:
        dialog.get_by_role("button", name="Save", exact=True).click()
    assert grid.value.suggested_filename == f"{run.id}-{name}-4.png"
    choose(dialog, "npz")
    with page.expect_download(timeout=WAIT) as arrays:
        dialog.get_by_role("button", name="Save", exact=True).click()
    arrays.value.save_as(tmp_path / "set.npz")
    assert np.load(tmp_path / "set.npz")["images"].shape == (20, 1, 8, 8)


def test_a_log_for_tensorboard_is_saved_as_a_zip(app, visit, tmp_path):
    pytest.importorskip("tensorboard")
    run = made(app.runs_root)
    page = visit(f"?run={run.id}")
    page.get_by_role("button", name="Download", exact=True).click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    choose(dialog, "TensorBoard (zip)")
    with page.expect_download(timeout=WAIT) as log:
        dialog.get_by_role("button", name="Save", exact=True).click()
    log.value.save_as(tmp_path / "log.zip")
    with zipfile.ZipFile(tmp_path / "log.zip") as archive:
        names = {name.rpartition("/")[2] for name in archive.namelist()}
    assert {"projector_config.pbtxt", "tensors.tsv", "metadata.tsv", "sprite.png"} <= names
