"""Box with the formula of a chapter: closed until somebody opens it, and then the address names it."""

import streamlit as st

from app.components.formula import show_formula
from app.views.how_it_works.address import recall, remember

OPEN = "open"


def show_formula_box(parameter: str, markup: str, in_words: str) -> None:
    """Draw the box.

    Args:
        parameter: of the address, one of the chapter's; the widget has its name, too.
        markup: the formula, as `show_formula` takes it.
        in_words: the same as a plain sentence.
    """
    key = f"how_it_works_{parameter}"
    st.session_state[key] = recall(parameter) == OPEN

    def take() -> None:
        remember({parameter: OPEN if st.session_state[key] else ""})

    with st.expander("The formula", key=key, on_change=take):
        show_formula(f"{key}_terms", markup, in_words)
