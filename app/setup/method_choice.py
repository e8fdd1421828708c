"""Choice of the method in the set-up form, and what is said of the fields that it does not have."""

import streamlit as st

from app.components.query_params import set_bound_widget
from app.setup.form_values import (
    FORM_FIELDS,
    METHOD,
    default_setup,
    fields_of,
    method_label,
    setup_query_params,
    values_of_config,
)
from app.text.escaping import plain_text
from dmcore.config import METHOD_TITLES, METHODS, Method
from dmcore.config.differences import label_of
from dmcore.config.formatting import capitalised, joined
from dmcore.config.methods import OWN_DEFAULTS

_COST = (
    "With the published iterations it computes a seventh of what DM does at 1 image per class, 4 times as "
    "much at 10, 16 times at 50."
)
SENTENCES: dict[Method, str] = {
    "dm": "Random networks are to see the same mean in the learned images as in real ones. No network is "
    "trained: the fastest method from 10 images per class on.",
    "dc": "The learned images are to give a network the same gradients as real ones, again and again while "
    f"it is trained on them. {_COST}",
    "dsa": "The learned images are to give a network the same gradients as real ones, both changed alike "
    "(turned, cropped …), again and again while it is trained on them. Better images than DC's at the same "
    f"cost. {_COST}",
}
"""What each method does and costs."""
ALONE = (
    "Several sets in one run, replay of real means and a choice of embedding networks are for distribution "
    "matching alone: it can share what it computes from real images. Here the networks are trained on the "
    "learned images, so nothing can be shared."
)


def chosen_method() -> Method:
    """The method that the form is drawn for; distribution matching before there is one."""
    method = st.session_state.get(METHOD, "dm")
    return method if method in METHODS else "dm"


def show_method_choice() -> Method:
    """Draw the choice, and a sentence on the chosen method; before any other field."""
    wrong = _adopt_link()
    st.segmented_control(
        "Method",
        list(METHODS),
        default="dm",
        required=True,
        key=METHOD,
        bind="query-params",
        format_func=method_label,
        on_change=_take_defaults,
        help="  \n".join(f"**{method_label(name)}**: {text}" for name, text in SENTENCES.items()),
    )
    if wrong:
        choices = joined([method_label(name) for name in METHODS])
        st.error(
            plain_text(f"The link asks for the method “{wrong}”, which there is not: choose from {choices}.")
        )
    method = chosen_method()
    st.caption(f"{capitalised(METHOD_TITLES[method])}. {SENTENCES[method]}")
    return method


def show_other_methods_fields(method: Method) -> None:
    """What only distribution matching has, where another method is chosen; and what a link asks of it."""
    if method != "dm":
        st.caption(ALONE)
    others = [name for name in FORM_FIELDS if name not in (METHOD, *fields_of(method))]
    if linked := [label_of(name) for name in others if name in st.query_params]:
        st.warning(f"{method_label(method)} has no {joined([f'“{label}”' for label in linked])}: left out.")


def _adopt_link() -> str:
    """Read the method of a link in whichever case; what it names where that is no method."""
    linked = st.query_params.get(METHOD, "")
    if METHOD in st.session_state or not linked:
        return ""
    method = linked.lower()
    if method not in METHODS:
        return linked
    set_bound_widget(METHOD, method, None if method == "dm" else [method_label(method)])
    return ""


def _take_defaults() -> None:
    """Give fields that mean something else with the newly chosen method its defaults, lists one value."""
    state, method = st.session_state, chosen_method()
    default, params = values_of_config(default_setup(method)), setup_query_params(default_setup(method))
    for name in OWN_DEFAULTS:
        set_bound_widget(name, default[name], params.get(name))
    if method != "dm":
        for name in ("images_per_class", "momentum"):
            set_bound_widget(name, state.get(name, default[name])[:1], params.get(name))
