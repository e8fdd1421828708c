"""Keys of widgets: no key stands for two types of widget, and old names of URL parameters still work."""

import ast
from collections import defaultdict

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import ROOT
from app.setup.form_values import FORM_FIELDS

SOURCES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts): ast.parse(file.read_text(encoding="utf-8"))
    for folder in ("app", "pages")
    for file in sorted((ROOT / folder).rglob("*.py"))
}


def string_constants(tree: ast.Module) -> dict[str, str]:
    """Constants of a module that hold a text, `A = "a"` and `A, B = "a", "b"`, by name."""
    constants = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            tuples = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            pairs = zip(target.elts, node.value.elts, strict=True) if tuples else [(target, node.value)]
            for name, value in pairs:
                if (
                    isinstance(name, ast.Name)
                    and isinstance(value, ast.Constant)
                    and isinstance(value.value, str)
                ):
                    constants[name.id] = value.value
    return constants


CONSTANTS = {module: string_constants(tree) for module, tree in SOURCES.items()}
COMPONENTS = {
    node.name
    for module, tree in SOURCES.items()
    if module.startswith(("app.components.", "app.tables.form"))
    for node in tree.body
    if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "key"
} | {"NumberField", "SizesField"}
"""What draws a component or a field of ours; its first argument is its key."""


def names_in(module: str) -> dict[str, str]:
    """Text constants that a module defines or imports."""
    imports = [node for node in ast.walk(SOURCES[module]) if isinstance(node, ast.ImportFrom)]
    names = dict(CONSTANTS[module])
    for node in imports:
        constants = CONSTANTS.get(node.module or "", {})
        names |= {
            name.asname or name.name: constants[name.name] for name in node.names if name.name in constants
        }
    return names


def key_text(node: ast.expr, names: dict[str, str]) -> str | None:
    """A key as written, with `{}` for what only a call fills in; None for one that is a parameter."""
    if isinstance(node, ast.Starred) and isinstance(node.value, ast.Tuple):
        return key_text(node.value.elts[0], names)
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.FormattedValue):
        return key_text(node.value, names)
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else key_text(part, names) or "{}"
            for part in node.values
        )
    return None


def widget_and_key(call: ast.Call) -> tuple[str, ast.expr] | None:
    """Type of the widget that a call draws, and the expression of its key."""
    key = next((keyword.value for keyword in call.keywords if keyword.arg == "key"), None)
    if isinstance(call.func, ast.Attribute) and hasattr(st, call.func.attr):
        widget = call.func.attr
    elif isinstance(call.func, ast.Name) and (call.func.id in COMPONENTS or call.func.id.isupper()):
        widget = call.func.id
        if key is None and call.args and widget in COMPONENTS:
            key = call.args[0]
    else:
        return None
    return None if key is None else (widget, key)


def widgets_by_key() -> dict[str, dict[str, set[str]]]:
    """For each key the types of its widgets, and for each type the modules."""
    widgets: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module, tree in SOURCES.items():
        names = names_in(module)
        for node in ast.walk(tree):
            drawn = widget_and_key(node) if isinstance(node, ast.Call) else None
            if drawn is not None and (text := key_text(drawn[1], names)) is not None:
                widgets[text][drawn[0]].add(module)
    return widgets


def test_no_key_stands_for_two_types_of_widget() -> None:
    widgets = widgets_by_key()
    assert len(widgets) > 150  # the walk finds them
    assert set(widgets["beside"]) == {"segmented_control"}
    assert set(widgets["how_it_works_averaging_images"]) == {"segmented_control"}  # f"{KEY}_images"
    clashes = {key: dict(types) for key, types in widgets.items() if len(types) > 1}
    assert not clashes, f"see app/components/query_params.py: {clashes}"


def test_the_forms_fields_are_nobody_elses_keys() -> None:
    assert not set(FORM_FIELDS) & set(widgets_by_key())


SCRIPT = """
import streamlit as st
from app.components.query_params import adopt_old_query_param
adopt_old_query_param("beside", "own_baselines", ["Random", "Herding"])
st.multiselect("B", ["Random", "Herding"], default=["Random"], key="own_baselines", bind="query-params")
"""


@pytest.mark.parametrize(
    ("link", "chosen", "url"),
    [
        ({"beside": ["Herding"]}, ["Herding"], {"own_baselines": "Herding"}),
        ({"beside": ["Random", "Herding"]}, ["Random", "Herding"], {"own_baselines": ["Random", "Herding"]}),
        ({"beside": [""]}, [], {"own_baselines": ""}),
        ({"beside": ["accuracy"]}, ["Random"], {"beside": "accuracy"}),
        ({"beside": ["Random"], "own_baselines": ["Herding"]}, ["Herding"], {"own_baselines": "Herding"}),
        ({}, ["Random"], {}),
    ],
)
def test_an_old_link_is_understood_under_the_new_name(
    link: dict[str, list[str]], chosen: list[str], url: dict[str, str | list[str]]
) -> None:
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, values in link.items():
        page.query_params[name] = values
    page.run()
    assert not page.exception
    assert page.multiselect(key="own_baselines").value == chosen
    written = dict(page.query_params)
    assert written == url
    page.multiselect(key="own_baselines").set_value(["Herding"]).run()
    assert page.multiselect(key="own_baselines").value == ["Herding"]
