"""Scroll to the top when the page changes: Streamlit leaves it scrolled to where the page before was left."""

from app.components.scripts import declare_component

_TOP = declare_component("dm_page_top", __file__, isolate_styles=False)


def scroll_to_top(page: int) -> None:
    """Scroll to the top where this browser tab showed another page before."""
    _TOP(key="app_page_top", data={"page": page})
