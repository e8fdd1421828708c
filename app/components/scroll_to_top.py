"""Scroll to the top when the page changes: Streamlit leaves it scrolled to where the page before was left."""

import streamlit as st

_SCRIPT = """
export default function ({ data, parentElement }) {
  const container = parentElement.closest('[data-testid="stElementContainer"]');
  if (container) container.style.position = 'absolute';        // nothing to see: take no room in the page
  if (window.dmPage !== undefined && window.dmPage !== data.page)
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  window.dmPage = data.page;
}
"""
_TOP = st.components.v2.component("dm_page_top", html="<span></span>", js=_SCRIPT, isolate_styles=False)


def scroll_to_top(page: int) -> None:
    """Scroll to the top where this browser tab showed another page before."""
    _TOP(key="app_page_top", data={"page": page})
