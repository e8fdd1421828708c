"""The table of the Runs page in a real Chromium: rows are selected by clicks, several are deleted at once."""

import re
import shutil

import pytest
from playwright.sync_api import Locator, Page, expect
from support.bare_runs import bare_run
from support.waiting import PATIENCE

from app.views.runs.table import HEADING_PIXELS, ROW_PIXELS
from dmcore.runs.runs_root import list_runs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = PATIENCE * 1000


def select_row(page: Page, table: Locator, row: int) -> None:
    """Click at the left of a row of the canvas."""
    table.click(position={"x": 15, "y": HEADING_PIXELS + ROW_PIXELS * row + ROW_PIXELS / 2})
    page.wait_for_timeout(300)  # until the page has heard of the click
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0, timeout=WAIT)


def test_several_runs_are_chosen_in_the_table_and_compared_or_deleted(app_without_recorded, open_page):
    root = app_without_recorded.runs_root
    for run in list_runs(root):  # of a first try
        shutil.rmtree(run.path)
    for title in ("First", "Second", "Third"):
        bare_run(root, title)
    page = open_page(f"{app_without_recorded.address}/runs")
    page.get_by_role("radio", name="Table").click(timeout=WAIT)
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile("runs_view="))
    select_row(page, table, 0)
    select_row(page, table, 2)
    expect(page.get_by_text("2 selected")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Compare").click()
    newest, _, oldest = list_runs(root)
    expect(page).to_have_url(re.compile(f"a={newest.id}&b={oldest.id}"), timeout=WAIT)
    page = open_page(f"{app_without_recorded.address}/runs?runs_view=Table")
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(1000)  # its rows are drawn
    select_row(page, table, 0)
    select_row(page, table, 2)
    expect(page.get_by_text("2 selected")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Delete", exact=True).click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 runs, ", timeout=WAIT)
    dialog.get_by_role("button", name="Delete 2 runs").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("Deleted 2 runs", timeout=WAIT)
    assert [run.description.title for run in list_runs(root)] == ["Second"]
    expect(page.get_by_text("Select runs at the left")).to_be_visible(timeout=WAIT)
