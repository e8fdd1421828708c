"""Permission to read the folder or zip at a path: given by typing the path or by a button, never by a link.

Who opens a link has not chosen the path in its address; reading it could walk a whole disk. What a person has
allowed holds for this session.
"""

import streamlit as st

from app.text.escaping import plain_text

_ALLOWED = "readable_paths"


def allow_reading(path: str) -> None:
    """Let this session read a path; for callbacks of what a person typed or clicked."""
    st.session_state[_ALLOWED] = st.session_state.get(_ALLOWED, frozenset()) | {path}


def may_read(path: str) -> bool:
    """Whether this session may read a path."""
    return path in st.session_state.get(_ALLOWED, ())


def show_reading_permission(path: str) -> bool:
    """Return whether this session may read a path; draw a sentence and a button that allows it, if not."""
    if may_read(path):
        return True
    st.markdown(f"**{plain_text(path)}** came with a link or a run. Nothing there has been read yet.")
    st.button("Read this folder or zip", key="read_this_folder", on_click=allow_reading, args=(path,))
    return False
