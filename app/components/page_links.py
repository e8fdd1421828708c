"""Paths of the page scripts, and the way from one page to another."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import ROOT

_FOLDER = ROOT / "pages"
START_PAGE = _FOLDER / "start.py"
WATCH_PAGE = _FOLDER / "watch.py"
FEATURE_PAGE = _FOLDER / "feature_space.py"
RUNS_PAGE = _FOLDER / "runs.py"
COMPARE_PAGE = _FOLDER / "compare.py"
DISTRIBUTION_PAGE = _FOLDER / "network_distribution.py"
ACCURACY_PAGE = _FOLDER / "accuracy.py"
ARCHITECTURES_PAGE = _FOLDER / "architectures.py"
RACE_PAGE = _FOLDER / "race.py"
PAPER_PAGE = _FOLDER / "paper.py"
HOW_IT_WORKS_PAGE = _FOLDER / "how_it_works.py"
COMPARED_RUNS = ("a", "b", "c", "d")
"""Parameters of the Compare page's address: the runs that stand side by side."""


def open_page(
    page: Path | StreamlitPage,
    params: Mapping[str, str | list[str]] | None = None,
    *,
    anew: Collection[str] = (),
) -> NoReturn:
    """Leave this page for another, whose address has these parameters and no others.

    `st.switch_page` without parameters refuses to clear those that widgets of this page are bound to.

    Args:
        page: the other page.
        params: parameters of its address.
        anew: keys of its widgets that forget what was chosen on an earlier visit. Else Streamlit keeps that
            where the address names a widget's default, and where it names nothing.
    """
    for key in anew:
        st.session_state.pop(key, None)
    st.switch_page(page, query_params=params or {})  # noqa: TID251 - the one place
