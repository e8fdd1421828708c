"""Query parameters of the address, which only this module writes, and the keys of the widgets bound to them.

A parameter belongs either to this module (`UNBOUND`) or to the widget of its name, drawn with
`bind="query-params"`. Streamlit raises where anybody else writes a widget's parameter, as soon as the widget
has been drawn in this session: on whichever page, in whichever run of the script. So a widget is set by its
value, and its parameter is written here only as long as it has never been drawn.

Streamlit has one session state for all pages, and the key of a widget with `bind="query-params"` is also the
name of its URL parameter (Streamlit 1.67 has no other way to name it). So a key that two pages use for
widgets of different types lets the state of one page break the other. The rule for widget keys:

1. A key that is not bound to the URL starts with its owner: the page that draws it (`watch_…`, `accuracy_…`,
   `runs_…`), or the part that several pages share (`app_…`, `form_…`, `table_…`, `run_…`). Fields of the
   set-up form are the exception: their keys are the names of the configuration's fields.
2. A key bound to the URL is the name in links, so it stays short and is never renamed lightly. No other page
   uses it, except for the same choice with the same type of widget (`column` of a table).
3. A bound key that has to be renamed keeps old links working: `adopt_old_query_param` before the widget is
   drawn.

tests/app/components/test_widget_keys.py walks all keys in app/ and pages/ and fails if a key has two types.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

UNBOUND = frozenset(
    {
        "run",
        "at",
        "first",
        "first_class",
        "image",
        "a",
        "b",
        "c",
        "d",
        "sets",
        "chapter",
        "guess",
        "item",
        "setup",
        "presenter",
    }
)
"""Names of parameters that no widget is bound to; tests/app/components/test_query_params.py checks it."""

CHAPTER_PREFIXES = ("asked_", "embed_", "pull_", "plane_", "averaging_", "augmentation_", "limits_")
"""Beginnings of the parameters of the chapters of How it works: no widget is bound to these either."""


def is_unbound(name: str) -> bool:
    """Whether no widget is bound to a parameter, so that a page may write it."""
    return name in UNBOUND or name.startswith(CHAPTER_PREFIXES)


def write_param(name: str, value: object) -> None:
    """Write a parameter that `is_unbound`; None or an empty text removes it."""
    assert is_unbound(name), f"{name} is a widget's: set_bound_widget sets it"
    text = "" if value is None else str(value)
    if not text:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def write_params(values: Mapping[str, object]) -> None:
    """Write parameters as `write_param` does, all in one step: Back takes them back together."""
    before = {name: st.query_params.get_all(name) for name in st.query_params}
    if not all(map(is_unbound, before)):  # a widget's is not ours to write again
        for name, value in values.items():
            write_param(name, value)
        return
    assert all(map(is_unbound, values))
    texts = {name: "" if value is None else str(value) for name, value in values.items()}
    after = {name: old for name, old in before.items() if texts.get(name, "x")}
    after |= {name: [text] for name, text in texts.items() if text}
    if after != before:
        st.query_params.from_dict(after)


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


def adopt_old_query_param(old: str, key: str, options: Collection[str]) -> None:
    """Take the value of a widget from the former name of its URL parameter, and drop that name from the URL.

    For widgets that hold a list of options. It sets nothing once the widget has a value or the URL has `key`.

    Args:
        old: former name of the parameter.
        key: key of the widget, drawn after this with `bind="query-params"`.
        options: what the widget offers; other values are ignored.
    """
    texts = st.query_params.get_all(old)
    values = [text for text in texts if text in options]
    if not values and texts != [""]:  # `?old=` is an empty choice
        return
    if key not in st.session_state and key not in st.query_params:
        set_bound_widget(key, values, values or [""])
    del st.query_params[old]
