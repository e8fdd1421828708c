"""Names of widget keys: one namespace, shared by all pages of a session.

Streamlit has one session state for all pages, and the key of a widget with `bind="query-params"` is also the
name of its URL parameter (Streamlit 1.67 has no other way to name it). So a key that two pages use for
widgets of different types lets the state of one page break the other. The rule:

1. A key that is not bound to the URL starts with its owner: the page that draws it (`watch_…`, `accuracy_…`,
   `runs_…`), or the part that several pages share (`app_…`, `form_…`, `table_…`, `run_…`). Fields of the
   set-up form are the exception: their keys are the names of the configuration's fields.
2. A key bound to the URL is the name in links, so it stays short and is never renamed lightly. No other page
   uses it, except for the same choice with the same type of widget (`column` of a table).
3. A bound key that has to be renamed keeps old links working: `adopt_old_query_param` before the widget is
   drawn.

tests/app/components/test_widget_keys.py walks all keys in app/ and pages/ and fails if a key has two types.
"""

from collections.abc import Collection

import streamlit as st

from app.components.query_params import rename_param


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
    rename_param(old, key, values, values or [""])
