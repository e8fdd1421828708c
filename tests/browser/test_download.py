"""The download menu in a real Chromium: it stays open, and says why a file could not be created."""

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
