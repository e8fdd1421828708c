"""Formulas of the chapters as Chromium draws them: none is left as the text that it is written in."""

import pytest
from playwright.sync_api import expect

from app.views.how_it_works.chapters import CHAPTERS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
RAW = r"""() => {
  const raw = [];
  const read = node => {
    if (node.nodeType === Node.TEXT_NODE) raw.push(...(node.data.match(/\$|\\[a-z]+/gi) ?? []));
    if (node instanceof Element && node.matches('script, style, .katex:not(.katex-error)')) return;
    for (const child of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) read(child);
  };
  read(document.body);
  return raw;
}"""
"""Signs of LaTeX in what can be read, in components too; a drawn formula keeps its source for who listens."""


@pytest.mark.parametrize("chapter", [chapter.name for chapter in CHAPTERS])
def test_every_formula_of_a_chapter_is_drawn(visit, chapter):
    page = visit(f"how_it_works?chapter={chapter}&guess=none")
    page.get_by_role("button", name="What is computed").click()
    popover = page.get_by_test_id("stPopoverBody")
    expect(popover.get_by_test_id("stMarkdown").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".katex-error")).to_have_count(0)
    assert page.evaluate(RAW) == []
