"""Labels of figures in Chromium: no two lie on each other, none runs off the side, in any width."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dmcore.experiments.gallery.recorded import recorded_entries

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCRIPT = Path(__file__).with_name("figure_labels_script.py")
FIGURES = 6
"""Figures that are drawn besides the recorded ones."""
SIZES = [(1440, 900), (1280, 720), (390, 844)]

# Pairs of texts of a figure whose boxes meet by more than their line spacing, and texts beyond the figure.
COLLISIONS = """
() => [...document.querySelectorAll('.live-figure')].flatMap(figure => {
  const room = figure.getBoundingClientRect();
  const texts = [...figure.querySelectorAll('.main-svg text')]
    .filter(node => node.textContent.trim() && node.checkVisibility())
    .map(node => [node.textContent, node.getBoundingClientRect()]);
  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const pairs = texts.flatMap(([first, a], index) =>
    texts.slice(index + 1).filter(([, b]) => meet(a, b)).map(([second]) => `${first} | ${second}`));
  const beyond = texts.filter(([, box]) => box.left < room.left - 2 || box.right > room.right + 2);
  return [...pairs, ...beyond.map(([text]) => `beyond the figure: ${text}`)];
})
"""


@pytest.fixture(scope="module")
def address(serve_figures):
    return serve_figures(SCRIPT)


@pytest.mark.parametrize("size", SIZES)
def test_no_two_labels_of_a_figure_lie_on_each_other(profile, address, size):
    page = profile.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    recorded = [entry for entry in recorded_entries() if entry.results is not None]
    figures = FIGURES + len(recorded)
    expect(page.locator(".live-figure[data-revision]")).to_have_count(figures, timeout=60_000)
    assert page.locator(".live-figure .main-svg text").count() > 100
    assert page.evaluate(COLLISIONS) == []
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_downloaded_as_vector_graphics_on_the_ground_of_the_page(open_page, address, theme):
    page = open_page(address, theme=theme)
    figure = page.locator(".live-figure[data-revision]").first
    figure.hover()
    with page.expect_download() as downloaded:
        figure.locator("[data-title='Download as SVG']").click()
    assert downloaded.value.suggested_filename.startswith("dm-explorer-")
    assert downloaded.value.suggested_filename.endswith(".svg")
    svg = downloaded.value.path().read_text(encoding="utf-8")
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert re.search(rf"<rect [^>]*fill: {re.escape(ground)}", svg), "no pale writing on white"
    assert "<text" in svg
