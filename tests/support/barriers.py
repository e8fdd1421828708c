"""Barriers that axe-core finds on a page of the app in both themes: it is opened once."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

THEMES = {"light": "rgb(20, 23, 28)", "dark": "rgb(242, 244, 247)"}
"""Colour of the text in each theme, as .streamlit/config.toml names it."""


def barriers(page: Page, within: str | None = None) -> list[str]:
    """What axe finds in either theme, one line each; `within` is a selector of the part looked at."""
    options: dict[str, Any] = {"context": {"include": [[within]]}} if within else {}
    found = []
    for theme, colour in THEMES.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        expect(page.get_by_test_id("stApp")).to_have_css("color", colour)
        page.wait_for_timeout(500)  # what is drawn follows
        for each in Axe().run(page, **options).response["violations"]:
            found += [
                f"{theme}, {each['id']}: {node['target']} {node['html'][:200]}" for node in each["nodes"]
            ]
    return found
