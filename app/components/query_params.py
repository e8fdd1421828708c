"""Query parameters of the address: the one place that writes them.

A parameter belongs either to this module (`UNBOUND`) or to the widget of its name, drawn with
`bind="query-params"`. Streamlit raises where anybody else writes a widget's parameter, as soon as the widget
has been drawn in this session: on whichever page, in whichever run of the script. So a widget is set by its
value, and its parameter is written here only as long as it has never been drawn.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.components.plane.state import PARAMETERS

UNBOUND = frozenset({"run", "at", "first", "image", "a", "b", "sets", "chapter", "guess", *PARAMETERS})
"""Names of parameters that no widget is bound to; tests/app/components/test_query_params.py checks it."""


def write_param(name: str, value: object) -> None:
    """Write one of the `UNBOUND` parameters; None or an empty text removes it."""
    assert name in UNBOUND, f"{name} is a widget's: set_bound_widget sets it"
    text = "" if value is None else str(value)
    if not text:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def set_bound_widget(name: str, value: Any, texts: Sequence[str] | None = None) -> None:
    """Set a widget that is bound to the address; in a callback, or before it is drawn in this script run.

    Args:
        name: key of the widget, and name of its parameter.
        value: value of the widget.
        texts: the value as Streamlit writes it into the address; None where it is the widget's default.
    """
    drawn = name in st.session_state  # from then on Streamlit writes the parameter as the value changes
    st.session_state[name] = value
    if not drawn and texts is not None:
        st.query_params[name] = list(texts)
    elif not drawn:
        st.query_params.pop(name, None)


def rename_param(old: str, name: str, value: Any, texts: Sequence[str]) -> None:
    """Give the value of a renamed parameter to the widget that has it now, unless it has a value already."""
    if name not in st.session_state and name not in st.query_params:
        set_bound_widget(name, value, texts)
    del st.query_params[old]
