"""Set-up form drawn from the configuration of a method: labels from names, help from docstrings, its bounds.

The key of every field is its name, bound to the URL, so that a link shows the same set-up and leaving the
page loses nothing. A fresh page shows the first preset. Values: form_values.py; the method: method_choice.py.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from app.components.query_params import set_bound_widget
from app.data.folders import dataset_entry, dataset_sentence, datasets
from app.setup.form_values import (
    AUTOMATIC,
    FIRST_FIELDS,
    FORM_FIELDS,
    METHOD,
    config_of_values,
    default_setup,
    fields_of,
    setup_query_params,
    values_of_config,
)
from app.setup.method_choice import chosen_method, show_method_choice, show_other_methods_fields
from app.setup.own_folder import recent_paths
from app.setup.preset_picker import show_preset_picker, take_dataset
from app.setup.testing import show_test_switch
from dmcore.config import METHODS, CondenseConfig, MethodConfig
from dmcore.config.annotations import base_type
from dmcore.config.differences import label_of
from dmcore.config.formatting import sentence

SUGGESTED_VALUES = {
    "images_per_class": ("1", "10", "50"),
    "image_lr": ("0.1", "1", "10"),
    "momentum": ("0", "0.5", "0.9"),
}
SUGGESTED_SOURCES = ("random", "fixed:1", "fixed:8", "all", "interpolated:0.5", "pixels")
"""Embedding networks; a band of the pool is typed."""
_FILLED, _REPLACED, _OPENED = "form_filled", "form_replaced", "form_opened"
"""Keys of the session state; `folded_form_popover` says what for."""
_SHOWN = "form_shown"
"""Key of the session state; see `setup_shown`."""
LARGEST = 2**53 - 1
"""The largest whole number a browser holds exactly."""


def fill_form(config: MethodConfig) -> None:
    """Put a set-up into the form; must run before the form is drawn (in a callback, or early on the page)."""
    state, values = st.session_state, values_of_config(config)
    state[_REPLACED] = {name: state[name] for name in values if name in state and state[name] != values[name]}
    params = setup_query_params(config)
    for name, value in values.items():
        set_bound_widget(name, value, params.get(name))
    state[_FILLED] = values


def folded_form_popover() -> DeltaGenerator:
    """Popover that holds the form where it is folded to a button; to be entered before `show_form`.

    While it is closed its fields are not in the page: Streamlit's front end is not told what `fill_form` put
    into them and sends their former values with every run of the script. Those are overruled until the form
    has been opened, and its fields are in the page to receive what was filled in.
    """
    state = st.session_state

    def opened() -> None:
        state[_OPENED] = bool(state["form_folded"])

    popover = st.popover("Set-up", key="form_folded", on_change=opened)
    for name, before in state.get(_REPLACED, {}).items():
        if state.get(name) == before:
            state[name] = state[_FILLED][name]
    if state.pop(_OPENED, False):
        state.pop(_REPLACED, None)
    return popover


def url_has_setup() -> bool:
    """Whether the URL that opened the page carries a set-up of its own."""
    return any(name in st.query_params for name in FORM_FIELDS)


def show_form() -> MethodConfig | None:
    """Draw the form and return its set-up; None after a sentence on what is invalid or missing.

    While a field is invalid, all that is drawn of a set-up stays as it was with the last valid one.
    """
    presets = st.container(gap="xsmall")
    with st.container(key="form_first", gap="xsmall"):
        values = {METHOD: show_method_choice()}
        values |= {name: _show_field(name) for name in FIRST_FIELDS}
        race = st.container()
        show_test_switch()
    with st.expander("More settings", key="form_more"):
        more = fields_of(values[METHOD])[len(FIRST_FIELDS) :]
        values |= {name: _show_field(name) for name in more}
        show_other_methods_fields(values[METHOD])
    config, shown = None, setup_shown(values["dataset"])
    try:
        config = shown = config_of_values(values)
    except ValueError as error:
        race.error(sentence(str(error)))
    if isinstance(config, CondenseConfig) and len(config.sets) > 1:
        race.caption(
            f"A race of {len(config.sets)} sets: every combination of the several values chosen, in one run "
            "on the same networks, real batches and augmentations."
        )
    with presets:
        complete = show_preset_picker(shown, values["dataset"], fill_form)
    if config is not None:
        st.session_state[_SHOWN] = config if complete else None
    return config if complete else None


def setup_shown(dataset: str) -> MethodConfig | None:
    """The last valid and complete set-up, if its data set is this one; for what stays while it is changed."""
    shown: MethodConfig | None = st.session_state.get(_SHOWN)
    return shown if shown is not None and shown.dataset == dataset else None


def _show_field(name: str) -> Any:
    info = METHODS[chosen_method()].model_fields[name]
    widget = _widget_for(name, info)
    if name != "dataset":
        return widget(name, info)
    with st.container(key="form_dataset", gap="xsmall"):  # not in sight where a path is asked for: page.css
        value = widget(name, info)
        if entry := dataset_entry(value):
            st.caption(dataset_sentence(entry))
    return value


def _widget_for(name: str, info: FieldInfo) -> Callable[[str, FieldInfo], Any]:
    kind = base_type(info.annotation)
    if name in TYPED:
        return TYPED[name]
    if name in SUGGESTED_VALUES:
        return _list_of_numbers
    if name == "init" or get_origin(kind) is tuple:
        return _several
    if get_origin(kind) is Literal:
        return _choice
    return {bool: _switch, int: _number, float: _rate}[kind]


def _common(name: str, info: FieldInfo) -> dict[str, Any]:
    return {
        "label": label_of(name, METHODS[chosen_method()]),
        "key": name,
        "help": info.description,
        "bind": "query-params",
    }


def _default(name: str) -> Any:
    return values_of_config(default_setup(chosen_method()))[name]


def _with_current(name: str, options: list[str]) -> list[str]:
    """The options and, after them, what the user typed or a link brought."""
    current = st.session_state.get(name, st.query_params.get_all(name))
    current = [current] if isinstance(current, str) else list(current or ())
    return list(dict.fromkeys([*options, *map(str, current)]))


def _dataset(name: str, info: FieldInfo) -> Any:
    options = _with_current(name, [*(entry.name for entry in datasets()), *recent_paths()])
    return st.selectbox(
        options=options,
        index=options.index(_default(name)),
        accept_new_options=True,
        on_change=lambda: take_dataset(st.session_state[name], st.session_state.get(_SHOWN), fill_form),
        **_common(name, info),
    )


def _source(name: str, info: FieldInfo) -> Any:
    options = _with_current(name, list(SUGGESTED_SOURCES))
    return st.selectbox(
        options=options, index=options.index(_default(name)), accept_new_options=True, **_common(name, info)
    )


TYPED = {"dataset": _dataset, "source": _source}
"""Fields in which a value can be typed that no list has."""


def _list_of_numbers(name: str, info: FieldInfo) -> Any:
    """Only the default and what is chosen are options: with more, typing a 5 would pick the nearest, 50."""
    return st.multiselect(
        options=_with_current(name, _default(name)),
        default=_default(name),
        accept_new_options=True,
        select_all=False,
        placeholder=f"Type numbers, such as {', '.join(SUGGESTED_VALUES[name])}",
        **_common(name, info),
    )


def _several(name: str, info: FieldInfo) -> Any:
    options = [AUTOMATIC] if name == "augment" else []
    options += [str(choice) for choice in get_args(_element(info.annotation))]
    chosen = st.pills(
        options=options,
        selection_mode="multi",
        default=_default(name),
        format_func=lambda value: str(value).replace("_", " "),
        wrap=True,
        **_common(name, info),
    )
    if name == "init" and len(chosen) > 1 and chosen_method() == "dm":
        others = "the other start again: it is" if len(chosen) == 2 else "the others again: they are"
        st.caption(
            f"{len(chosen)} starts make {len(chosen)} sets, shown side by side. For one set, click {others} "
            "left out."
        )
    return chosen


def _choice(name: str, info: FieldInfo) -> Any:
    options = [choice for choice in get_args(base_type(info.annotation)) if choice not in ("mlp", "lenet")]
    if info.default is None:
        options = [AUTOMATIC, *options]
    return st.selectbox(options=options, index=options.index(_default(name)), **_common(name, info))


def _switch(name: str, info: FieldInfo) -> Any:
    return st.toggle(value=_default(name), **_common(name, info))


def _number(name: str, info: FieldInfo) -> Any:
    lowest, highest = bounds(info)
    default = _default(name)
    placeholder = "as published" if default is None else None
    return st.number_input(
        min_value=lowest, max_value=highest, value=default, placeholder=placeholder, **_common(name, info)
    )


def _rate(name: str, info: FieldInfo) -> Any:
    return st.number_input(min_value=0.0, value=_default(name), step=0.01, format="%g", **_common(name, info))


def bounds(info: FieldInfo) -> tuple[int, int]:
    """Smallest and largest whole number that a field's pydantic constraints allow and a browser can hold."""
    lowest, highest = -LARGEST, LARGEST
    optional = [FieldInfo.from_annotation(member) for member in get_args(info.annotation)]
    for constraint in (*info.metadata, *(each for member in optional for each in member.metadata)):
        lowest = max(lowest, getattr(constraint, "ge", lowest))
        below = getattr(constraint, "lt", highest + 1) - 1
        highest = min(highest, getattr(constraint, "le", highest), below)
    return lowest, highest


def _element(annotation: Any) -> Any:
    """`tuple[Operation, ...]` -> Operation; a Literal stays itself."""
    kind = base_type(annotation)
    return get_args(kind)[0] if get_origin(kind) is tuple else kind
