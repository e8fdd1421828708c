"""The matrix of architectures in a real Chromium: cells arrive, zoom stays, a reload loses nothing."""

import json
import re

import pytest
from playwright.sync_api import expect
from support.small_zip import made_zip
from support.waiting import until

from dmcore.experiments.results import read_results_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120.0
FIGURE = ".st-key-architectures_matrix .live-figure[data-revision]"
STATUS = ".st-key-table_status"
SIZES = (
    "laptop_rows=ConvNet&laptop_rows=AlexNet&laptop_rows=VGG-11"
    "&laptop_columns=ConvNet&laptop_columns=MLP&laptop_columns=LeNet"
    "&laptop_images=1&laptop_networks=2&laptop_iterations=3&laptop_epochs=30"
)
# what the cells say, and the middle of each axis's range
SEE = """node => ({
  cells: node.layout.annotations.map(annotation => annotation.text),
  zoom: [node.layout.xaxis.range, node.layout.yaxis.range].map(String).join(' '),
  tag: node.tag ?? 0,
})"""


@pytest.fixture
def pictures(tmp_path_factory):
    return made_zip(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def app(app_without_recorded):
    """Its pages show nothing but what is run here."""
    return app_without_recorded


def numbers(page):
    """How many cells have a number."""
    text = page.locator(FIGURE).get_attribute("aria-label")
    return int(re.search(r"(\d+) of 9 cells computed", text)[1])


def written(figure):
    """How many cells show a number."""
    return sum("n = " in cell for cell in figure.evaluate(SEE)["cells"])


def tables(app):
    files = list((app.runs_root / "tables").glob("table3-*.json"))
    return [read_results_file(file) for file in files]


def test_cells_arrive_while_one_looks_zoom_stays_and_a_reload_loses_none(app, visit, pictures):
    page = visit(f"architectures?table3_data={pictures}&{SIZES}")
    page.get_by_role("button", name="Read this folder or zip").click()
    figure = page.locator(FIGURE)
    expect(figure).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text("There are no numbers yet")).to_be_visible()
    assert numbers(page) == 0
    box = figure.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function("node => node.layout.xaxis.range[0] > -0.4", arg=figure.element_handle())
    figure.evaluate("node => { node.tag = 1; }")
    before = figure.evaluate(SEE)

    page.get_by_role("button", name="Run this table", exact=True).click()
    seen = until(lambda: (count := numbers(page)) >= 2 and count, "two cells arrive", PATIENCE)
    # on a quick machine all may be there at the first look
    more = until(
        lambda: (count := numbers(page)) > min(seen, 8) and count, "a further cell arrives", PATIENCE
    )
    until(lambda: written(figure) >= 3, "three cells are drawn", PATIENCE)  # a moment after they are said
    now = figure.evaluate(SEE)
    assert now["tag"] == 1  # the same node, never mounted anew
    assert now["zoom"] == before["zoom"]

    page.reload()
    expect(figure).to_be_visible(timeout=PATIENCE * 1000)
    assert numbers(page) >= more
    expect(page.locator(STATUS)).to_contain_text("18 of 18 networks", timeout=PATIENCE * 1000)
    expect(page.locator(STATUS)).to_contain_text("finished")
    until(lambda: numbers(page) == 9, "the last cell is drawn", PATIENCE)
    expect(page.locator(".st-key-architectures_summary")).to_contain_text("One set each: too few")
    (results,) = tables(app)
    assert sum(len(cell.network_results) for cell in results.cell_results.values()) == 18

    def whole_cells():
        return json.dumps(figure.evaluate(SEE)["cells"], ensure_ascii=False).count("n = 1 × 2")

    until(lambda: whole_cells() == 9, "the last cell is drawn whole", PATIENCE)  # a moment after it is said
    page.get_by_text("Difference to the tested one's own images").first.click()
    expect(figure).to_have_attribute("data-revision", "18")
    page.wait_for_function(
        "node => node.layout.annotations.some(annotation => annotation.text.includes('no own images'))",
        arg=figure.element_handle(),
        timeout=PATIENCE * 1000,
    )
