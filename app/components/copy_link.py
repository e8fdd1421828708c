"""Button that copies the page's URL, which holds set-up, run, layer and iteration."""

import streamlit as st

from app.components.scripts import script
from app.components.styles import component_css

_HTML = '<button type="button"></button><span role="status"></span>'
_LINK = st.components.v2.component(
    "dm_copy_link", html=_HTML, css=component_css(__file__), js=script("copy_link")
)


def show_copy_link(key: str, label: str = "Copy link") -> None:
    """Draw the button that copies the page's URL."""
    _LINK(key=key, data={"label": label})
