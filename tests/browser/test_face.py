"""The face of every page in Chromium: groups in the navigation, a title, level labels, a word explained."""

import pytest
from playwright.sync_api import expect
from support.servers import with_key
from support.watching import GROUPS, follow

from app.text.glossary import definition

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
TITLE = ".page-title"

# For each row of labelled controls, the heights that its labels begin at.
LABELS = """
() => [...document.querySelectorAll('[class*="_choices"]')].map(row =>
  [...row.querySelectorAll('[data-testid="stWidgetLabel"]')]
    .filter(label => label.checkVisibility())
    .map(label => Math.round(label.getBoundingClientRect().top)))
"""


@pytest.fixture(scope="module")
def app(app_without_runs):
    return app_without_runs


@pytest.fixture
def page(app, profile):
    page = profile.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(with_key(f"{app.address}/runs"))
    expect(page.locator(TITLE)).to_have_text("Runs", timeout=PATIENCE)
    yield page
    page.close()


def test_every_group_leads_to_its_pages_each_has_one_title_and_its_group_is_marked(page):
    for title, group in GROUPS.items():
        before = page.url
        follow(page, title)
        page.wait_for_url(lambda url, before=before: url != before, timeout=PATIENCE)
        expect(page.get_by_role("heading", level=1)).to_have_count(1, timeout=PATIENCE)
        expect(page.get_by_test_id("stTopNavSection").filter(has_text=group)).to_have_css(
            "box-shadow", "rgb(184, 67, 0) 0px -2px 0px 0px inset"
        )


def test_the_keyboard_goes_through_the_navigation_as_it_is_seen(page):
    items = page.get_by_test_id("stTopNav").locator("a, button").filter(visible=True)
    expect(items).to_have_count(len(set(GROUPS.values())) + 3)
    seen = items.evaluate_all(
        "items => items.sort((one, other) => one.getBoundingClientRect().x - other.getBoundingClientRect().x)"
        ".map(item => item.innerText)"
    )
    assert seen[:3] == ["Start page", "Watch", "Runs"]
    items.first.focus()
    reached = []
    for _ in seen:
        reached.append(page.evaluate("document.activeElement.innerText"))
        page.keyboard.press("Tab")
    assert reached == seen


@pytest.mark.parametrize("path", ["accuracy", "network_distribution"])
def test_the_labels_of_a_row_of_controls_stand_level(page, app, path):
    page.goto(f"{app.address}/{path}")
    expect(page.get_by_role("radiogroup").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
    rows = [row for row in page.evaluate(LABELS) if row]
    assert [len(set(row)) for row in rows] == [1] * len(rows)
    assert max(map(len, rows)) >= 3


def test_a_rare_word_is_explained_by_keyboard_and_a_quiet_bar_takes_no_room(page, app):
    page.goto(f"{app.address}/architectures")
    term = page.locator(".page-sentence .term", has_text="architecture")
    expect(term).to_be_visible(timeout=PATIENCE)
    term.focus()
    content = term.evaluate("node => getComputedStyle(node, '::after').content")
    assert definition("architecture") in content
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    expect(page.locator(".st-key-run_bar_quiet")).to_be_hidden()


@pytest.mark.parametrize("title", ["Watch", "Runs"])  # Runs: the page that is on screen already
def test_on_a_phone_the_menu_closes_once_a_page_is_chosen(page, title):
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_test_id("stExpandSidebarButton").click(timeout=PATIENCE)
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
    link.click()
    expect(link).not_to_be_in_viewport(timeout=PATIENCE)
    expect(page.locator(TITLE)).to_have_count(int(title == "Runs"), timeout=PATIENCE)
