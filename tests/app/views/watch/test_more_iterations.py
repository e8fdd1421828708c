"""The button beside a verdict whose advice is to try more iterations."""

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest
from support.pages import run_page

from dmcore.config import CondenseConfig


def page_of_button() -> None:
    import streamlit as st

    from app.views.watch.verdict import show_more_iterations

    show_more_iterations(st.session_state["a_run"])


def test_more_iterations_are_filled_into_the_form_up_to_the_papers() -> None:
    page = AppTest.from_function(page_of_button, default_timeout=60)
    page.session_state["a_run"] = SimpleNamespace(config=CondenseConfig(iterations=500))
    run_page(page)
    page.button(key="watch_more_iterations").click()
    run_page(page)
    assert page.session_state["iterations"] == 2000
    page.session_state["a_run"] = SimpleNamespace(config=CondenseConfig(iterations=20_000))
    run_page(page)
    assert not page.button
