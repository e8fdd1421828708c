"""Random or trained? in a real Chromium: the pool grows, cells arrive, a reload loses nothing."""

import re
import shutil

import pytest
from playwright.sync_api import expect
from support.waiting import until

from dmcore.experiments.results import read_results_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120.0
HISTOGRAM = ".st-key-pool_histogram .live-figure[data-revision]"
FIGURE = ".st-key-distribution .live-figure[data-revision]"
SIZES = (
    "table4_data=Digits&per_class=1&table4_seeds=1&table4_repeats=2&table4_iterations=3&table4_epochs=40&table4_width=8"
    "&table4_pool_networks=4&table4_pool_steps=60"
)
ROWS = ("random", "band:0-30", "band:30-100")
ADDRESS = f"network_distribution?{SIZES}&{'&'.join(f'sources={row}' for row in ROWS)}"


@pytest.fixture
def app(start_without_recorded, cache_of_apps):
    """Its pages show nothing but what is run here; a second try finds nothing of the first."""
    shutil.rmtree(cache_of_apps / "pools", ignore_errors=True)
    return start_without_recorded()


def states(page):
    """How many states the drawn histogram has."""
    return page.locator(HISTOGRAM).evaluate(
        "node => node.data.flatMap(trace => trace.y).reduce((sum, value) => sum + value, 0)"
    )


def numbers(page):
    """How many rows have a number in the drawn plot."""
    return page.locator(FIGURE).evaluate(
        "node => node.data.filter(trace => trace.error_y).flatMap(trace => trace.x).length"
    )


def test_the_pool_grows_cells_arrive_and_a_reload_loses_none(app, visit):
    page = visit(ADDRESS)
    expect(page.get_by_text("None is trained yet")).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(".st-key-pool_status")).to_contain_text("not built yet")

    page.get_by_role("button", name="Build the pool", exact=True).click()
    expect(page.locator(HISTOGRAM)).to_be_visible(timeout=PATIENCE * 1000)
    page.reload()
    pool = page.locator(".st-key-pool_status")
    expect(pool).to_contain_text(re.compile("4 networks, \\d+ states"), timeout=PATIENCE * 1000)
    expect(pool).to_contain_text("built")
    whole = until(lambda: (count := states(page)) >= 40 and count, "the whole histogram is drawn", PATIENCE)

    page.get_by_role("button", name="Run this table", exact=True).click()
    expect(page.locator(FIGURE)).to_be_visible(timeout=PATIENCE * 1000)
    page.locator(FIGURE).evaluate("node => { node.tag = 1; }")
    first = until(lambda: numbers(page), "a first row is drawn", PATIENCE)
    until(lambda: numbers(page) > first or numbers(page) == 3, "a further row is drawn", PATIENCE)
    assert page.locator(FIGURE).evaluate("node => node.tag") == 1  # never mounted anew

    page.reload()
    expect(page.locator(FIGURE)).to_be_visible(timeout=PATIENCE * 1000)
    status = page.locator(".st-key-table_status")
    expect(status).to_contain_text("6 of 6 networks", timeout=PATIENCE * 1000)
    expect(status).to_contain_text("finished")
    until(lambda: numbers(page) == 3, "the last row is drawn", PATIENCE)
    assert states(page) == whole
    expect(page.get_by_role("columnheader", name="Random above")).to_be_visible(timeout=PATIENCE * 1000)
    (file,) = (app.runs_root / "tables").glob("table4-*.json")
    results = read_results_file(file)
    assert sum(len(cell.network_results) for cell in results.cell_results.values()) == 6
    assert [cell.failure for cell in results.cell_results.values() if cell.failure] == []
