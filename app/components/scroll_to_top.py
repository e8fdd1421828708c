"""Scroll to the top when the page changes: Streamlit leaves it scrolled to where the page before was left."""

import streamlit as st

from app.components.scripts import script

_TOP = st.components.v2.component(
    "dm_page_top", html="<span></span>", js=script("scroll_to_top"), isolate_styles=False
)


def scroll_to_top(page: int) -> None:
    """Scroll to the top where this browser tab showed another page before."""
    _TOP(key="app_page_top", data={"page": page})
