"""What failed: what happened and how to fix it, what it means for the data, and the button that fixes it."""

from collections.abc import Callable

import streamlit as st

from app.text.escaping import plain_text


def show_failure(
    key: str, happened: str, data: str = "", remedy: str = "", on_click: Callable[[], None] | None = None
) -> None:
    """Draw a failure, its button beside it.

    Args:
        key: of its elements.
        happened: what happened and how to fix it, as sentences.
        data: what it means for the data, as a sentence; left open where `happened` says it.
        remedy: label of the button; left open, there is none.
        on_click: what the button does.
    """
    with st.container(key=f"{key}_failure", horizontal=True, vertical_alignment="center", gap="small"):
        st.error(plain_text(f"{happened} {data}".rstrip()), width="stretch")
        if remedy:
            st.button(remedy, key=f"{key}_remedy", on_click=on_click)
