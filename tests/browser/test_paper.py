"""The paper's page in a browser: barriers, width, links that carry settings, and how soon it stands."""

import re

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.servers import with_key
from support.watching import follow

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000
FIGURES = ".figures svg"
SIZES = ((1280, 720), (390, 844))
SMALLEST = 13
# What is beyond the side of the window, or in text that is too small.
SEE = """
smallest => {
  const wrong = [];
  const look = parent => {
      for (const node of parent.querySelectorAll('*')) {
          if (node.shadowRoot) look(node.shadowRoot);
          const box = node.getBoundingClientRect();
          if (!node.matches('svg text, td, th, p, li, .paper-foot') || !box.width) continue;
          if (box.right > innerWidth + 1 || box.left < -1) wrong.push(`beyond ${node.textContent}`);
          const scale = node.ownerSVGElement?.getScreenCTM().a ?? 1;
          const size = parseFloat(getComputedStyle(node).fontSize) * scale;
          if (size < smallest - 0.3) wrong.push(`${size} ${node.textContent}`);
      }
  };
  look(document.querySelector('[data-testid="stMain"]'));
  return wrong;
}
"""


@pytest.fixture(scope="module")
def app(app_without_runs):
    return app_without_runs


@pytest.fixture
def open_paper(profile, app):
    """`open_paper(query)`: the page, with its figures drawn."""
    pages = []

    def open_it(query=""):
        page = profile.new_page()
        pages.append(page)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(with_key(f"{app.address}/paper{query}"))
        expect(page.locator(FIGURES).first).to_be_visible(timeout=PATIENCE)
        return page

    yield open_it
    for page in pages:
        page.close()


@pytest.mark.parametrize("query", ["", "?item=table1", "?item=figure4"])
def test_axe_finds_nothing(open_paper, query):
    assert barriers(open_paper(query), "[data-testid='stMain']") == []


@pytest.mark.parametrize("query", ["", "?item=table1", "?item=table3"])
def test_nothing_is_beyond_the_side_or_too_small(open_paper, query):
    page = open_paper(query)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), width
        assert page.evaluate(SEE, SMALLEST) == [], width


def test_labels_of_a_figure_are_never_on_each_other(open_paper):
    page = open_paper()
    expect(page.locator(FIGURES).nth(7)).to_be_visible(timeout=PATIENCE)
    found = page.evaluate(
        """() => {
            const wrong = [];
            const figures = [...document.querySelectorAll('*')].flatMap(
                node => [...(node.shadowRoot?.querySelectorAll('.figures svg') ?? [])]);
            for (const svg of figures) {
                const boxes = [...svg.querySelectorAll('text')].map(
                    text => [text.textContent, text.getBoundingClientRect()]);
                boxes.forEach(([one, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
                    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                    if (wide > 1 && high > 5) wrong.push(`${one} on ${other}`);
                }));
            }
            return [figures.length, wrong];
        }"""
    )
    assert found[0] >= 8
    assert found[1] == []


def test_a_card_opens_its_page_with_its_settings_also_over_others_chosen_there_before(open_paper):
    page = open_paper()
    page.goto(re.sub(r"/paper.*", "/accuracy?compare=Table+2&data=Digits&seeds=2", page.url))
    expect(page.get_by_role("radio", name="Table 2")).to_be_checked(timeout=PATIENCE)
    follow(page, "The paper")
    page.get_by_role("button", name="Open table 1").click()
    expect(page.get_by_role("radio", name="Table 1")).to_be_checked(timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("seeds=|Digits"))
    data = page.locator(".st-key-data").get_by_role("combobox")
    expect(data).to_have_value("Fashion-MNIST subset")


def test_numbers_of_an_item_have_an_address_and_back_leads_to_all(open_paper):
    page = open_paper()
    page.locator(".st-key-paper_details_table3").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Table 3", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"item=table3"))
    page.get_by_role("button", name="All tables and figures").click()
    expect(page.get_by_role("heading", name="The paper", level=1)).to_be_visible(timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("item="))
    page.get_by_text("not built", exact=True).click()
    expect(page).to_have_url(re.compile(r"shown=not\+built"))
    expect(page.locator(".paper-card")).to_have_count(2, timeout=PATIENCE)
