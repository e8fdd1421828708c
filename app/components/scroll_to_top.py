"""Another page is seen from its top: Streamlit would leave it scrolled to where the page before was left."""

import streamlit as st

_SCRIPT = """
export default function ({ data, parentElement }) {
  const place = parentElement.closest('[data-testid="stElementContainer"]');
  if (place) place.style.position = 'absolute';        // nothing to see: take no room in the page
  if (window.dmPage !== undefined && window.dmPage !== data.page)
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  window.dmPage = data.page;
}
"""
_TOP = st.components.v2.component("dm_page_top", html="<span></span>", js=_SCRIPT, isolate_styles=False)


def scroll_to_top(page: int) -> None:
    """Scroll up where the page is not the one that this browser tab showed before."""
    _TOP(key="app_page_top", data={"page": page})
