"""States of a part of a page that has nothing to show: empty, loading, failed. Each in one form on all pages.

Empty says what is missing and has the button that gets it; loading is a frame as high as what comes, with
what is waited for; failed says what happened, what it means for the data, and has the button that fixes it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from app.text.escaping import plain_text


def show_empty(
    key: str, text: str, action: str = "", on_click: Callable[[], None] | None = None, height: int = 0
) -> bool:
    """Draw an empty state; returns whether its button was clicked.

    Args:
        key: of its elements.
        text: what is missing and what to do, as Markdown.
        action: label of the button; left open, there is none.
        on_click: what the button does; left open, the caller does it.
        height: CSS pixels of what will stand there; left open, as high as the text.
    """
    with st.container(
        key=f"{key}_empty", height=height or "content", vertical_alignment="center", gap="small"
    ):
        st.markdown(text)
        return bool(action) and st.button(action, key=f"{key}_action", type="primary", on_click=on_click)


def show_loading(key: str, awaited: str, height: int, done: float | None = None) -> None:
    """Draw the frame of what is being loaded.

    Args:
        key: of its elements.
        awaited: what is waited for, as a sentence.
        height: CSS pixels of what comes.
        done: share of it that is done; left open, it is not known.
    """
    with st.container(key=f"{key}_loading", height=height, vertical_alignment="center", gap="small"):
        st.markdown(plain_text(awaited))
        if done is not None:
            st.progress(min(1.0, done))


@contextmanager
def loading(key: str, awaited: str, height: int) -> Iterator[None]:
    """Context manager that draws the frame while its body waits; see `show_loading`."""
    place = st.empty()
    with place.container():
        show_loading(key, awaited, height)
    try:
        yield
    finally:
        place.empty()


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
