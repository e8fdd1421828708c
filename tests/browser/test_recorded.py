"""A fresh installation in a real Chromium: every page shows a recorded result, one's own takes its place."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
"""Milliseconds."""
PROVENANCE = re.compile(r"Recorded\s\d+\s\w+\s\d{4} on .+\snetworks?")
FIGURE = ".live-figure[data-revision]"
PAGES = {
    "accuracy": f".st-key-accuracy_figure {FIGURE}",
    "accuracy?data=Digits&compare=Table+2": f".st-key-accuracy_figure {FIGURE}",
    "accuracy?data=Digits&compare=Figure+5": f".st-key-accuracy_figure {FIGURE}",
    "architectures": f".st-key-architectures_matrix {FIGURE}",
    "network_distribution": f".st-key-distribution {FIGURE}",
    "feature_space": ".st-key-feature_images canvas, .st-key-feature_map canvas",
    "compare": ".st-key-compare_images_A canvas",
    "runs": "[class*='st-key-runs_recorded_2'] img",
}
"""What shows a result on each page."""
QUICK = "accuracy?data=Digits&sizes=1&seeds=1&repeats=1&methods=Random"


@pytest.mark.parametrize("address", PAGES)
def test_each_page_of_a_fresh_installation_shows_a_result_with_its_provenance(visit, address):
    page = visit(address)
    expect(page.get_by_text(PROVENANCE).first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(PAGES[address]).first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_run_it_here_puts_the_own_result_in_the_place_of_the_recorded_one(visit):
    page = visit(QUICK)
    expect(page.get_by_text(PROVENANCE).first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name=re.compile("^Run it here")).click()
    expect(page.locator(".st-key-table_status")).to_contain_text("finished", timeout=2 * PATIENCE)
    expect(page.get_by_text(PROVENANCE)).to_have_count(0)
    table = page.locator("table.results").first
    expect(table).to_contain_text("(1 set × 1 network)")
    expect(table).to_contain_text("recorded ")


def test_hidden_in_one_click_and_shown_again_in_one(visit):
    page = visit("architectures")
    page.get_by_role("button", name="Hide recorded results").click(timeout=PATIENCE)
    expect(page.get_by_text("There are no numbers yet")).to_be_visible(timeout=PATIENCE)
    page = visit("runs")
    page.get_by_role("button", name="Show recorded results").click(timeout=PATIENCE)
    expect(page.get_by_text(PROVENANCE).first).to_be_visible(timeout=PATIENCE)
