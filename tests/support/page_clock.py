"""The clock of a page: what plays at the pace of a reader plays faster, and nobody waits for it."""

from playwright.sync_api import Page

TIMES = 4
HURRY = f"""
(() => {{
  const now = performance.now.bind(performance), frame = requestAnimationFrame, later = setTimeout;
  performance.now = () => {TIMES} * now();
  window.requestAnimationFrame = draw => frame(time => draw({TIMES} * time));
  window.setTimeout = (what, milliseconds = 0, ...rest) => later(what, milliseconds / {TIMES}, ...rest);
}})();
"""


def hurry(page: Page) -> None:
    """Let animations and timers of what is opened on this page from now on run `TIMES` as fast."""
    page.add_init_script(HURRY)
