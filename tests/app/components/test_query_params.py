"""Query parameters: who may write which, and that a widget is set before and after it was drawn."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from app import ROOT
from app.components.query_params import is_unbound, write_param
from app.setup.form_values import FORM_FIELDS

MODULE = "app/components/query_params.py"
TREES = {
    str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8"))
    for folder in ("app", "pages")
    for file in sorted((ROOT / folder).rglob("*.py"))
}
FORM = {
    node.name
    for node in TREES["app/tables/form.py"].body
    if isinstance(node, ast.FunctionDef | ast.ClassDef)
    and node.name.startswith(("choose_", "NumberField", "SizesField"))
}
"""Widgets of tables' forms; all are bound, and their first argument is the key."""
WRITING = {"pop", "popitem", "clear", "update", "setdefault", "from_dict"}


def is_query_params(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "query_params"


def writes(tree: ast.Module) -> list[int]:
    """Lines that write the address's parameters."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and is_query_params(node.value):
            lines += [] if isinstance(node.ctx, ast.Load) else [node.lineno]
        elif isinstance(node, ast.Attribute) and node.attr in WRITING and is_query_params(node.value):
            lines.append(node.lineno)
    return lines


def bound_keys() -> set[str]:
    """Keys of the widgets that are bound to the address, where they are written as a text."""
    keys = set(FORM_FIELDS)
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                key = named.get("key")
                if isinstance(node.func, ast.Name) and node.func.id in FORM:
                    first = node.args[0].value if isinstance(node.args[0], ast.Starred) else node.args[0]
                    key = first.elts[0] if isinstance(first, ast.Tuple) else first
                elif "bind" not in named:
                    continue
                if isinstance(key, ast.Constant):
                    keys.add(str(key.value))
    return keys


def test_one_module_writes_the_addresss_parameters() -> None:
    written = {name: lines for name, tree in TREES.items() if (lines := writes(tree))}
    assert len(written.pop(MODULE)) >= 4  # the walk finds them
    assert written == {}


def test_no_widget_is_bound_to_a_parameter_that_the_pages_write() -> None:
    bound = bound_keys()
    assert {"beside", "layer", "sizes", "iterations", "seeds", "table4_seeds"} <= bound
    assert [key for key in bound if is_unbound(key)] == []
    assert is_unbound("plane_stars")
    with pytest.raises(AssertionError, match="beside is a widget's"):
        write_param("beside", "loss")


SCRIPT = """
import streamlit as st
from app.components.query_params import set_bound_widget
if st.session_state.get("wish"):
    set_bound_widget("number", st.session_state["wish"], [str(st.session_state.pop("wish"))])
elif st.session_state.pop("reset", False):
    set_bound_widget("number", 1)
if st.session_state.get("draw", True):
    st.number_input("Number", 0, 99, 1, key="number", bind="query-params")
"""


@pytest.mark.parametrize("drawn", [False, True])
def test_a_bound_widget_is_set_before_and_after_it_was_drawn(drawn: bool) -> None:
    page = AppTest.from_string(SCRIPT, default_timeout=60)
    if drawn:
        page.run()
    page.session_state["wish"] = 7
    page.run()
    assert not page.exception
    assert page.number_input(key="number").value == 7
    assert dict(page.query_params)["number"] in ("7", ["7"])
    page.session_state["reset"] = True
    page.run()
    assert not page.exception
    assert page.number_input(key="number").value == 1
    assert not dict(page.query_params)
