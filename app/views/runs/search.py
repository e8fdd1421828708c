"""Search and sort of the Runs page, both bound to the address."""

from collections.abc import Sequence

import streamlit as st

from app.data.stored_results import evaluation_results
from app.run.status import status_of
from dmcore.runs.folder import RunFolder

SEARCH, SORT = "runs_search", "runs_sort"
"""Keys of the two fields, in the session and in the address."""
SORTS = ("newest", "oldest", "title", "data set", "best accuracy")


def show_search() -> tuple[str, str]:
    """Search and sort fields; the query, and one of `SORTS`."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        query = st.text_input(
            "Search",
            key=SEARCH,
            bind="query-params",
            type="search",
            placeholder="Title, data set, network, state …",
            help="Shows the runs in which every word occurs: in title, id, data set, network or state.",
        )
    with right:
        order = st.selectbox(
            "Sort by",
            SORTS,
            key=SORT,
            bind="query-params",
            help="Best accuracy: the highest mean that networks trained on a run's images have reached.",
        )
    return query or "", order


def clear_search() -> None:
    """Callback that empties the search."""
    st.session_state[SEARCH] = ""


def matching_runs(runs: Sequence[RunFolder], query: str, order: str) -> list[RunFolder]:
    """Runs in which every word of the query occurs, in any case, in one of the orders of `SORTS`.

    Args:
        runs: newest first; runs that tie stay in this order.
        query: words.
        order: one of `SORTS`.
    """
    words = query.casefold().split()
    matches = [run for run in runs if all(word in searched_text(run) for word in words)] if words else [*runs]
    if order == "oldest":
        matches.reverse()
    elif order == "title":
        matches.sort(key=lambda run: run.description.title.casefold())
    elif order == "data set":
        matches.sort(key=lambda run: (run.description.data.title or run.description.data.name).casefold())
    elif order == "best accuracy":
        matches.sort(key=best_accuracy, reverse=True)
    return matches


def searched_text(run: RunFolder) -> str:
    """Text of a run that a search looks into, in lower case."""
    description, config = run.description, run.config
    parts = [description.title, run.id, description.data.name, description.data.title, status_of(run) or ""]
    if config is not None:
        parts.append(config.network)
    return "\n".join(parts).casefold()


def best_accuracy(run: RunFolder) -> float:
    """Highest mean accuracy of its condensed images in percent; below zero where none was measured."""
    try:
        return max(
            (result.mean for result in evaluation_results(run) if result.kind == "condensed"), default=-1.0
        )
    except (ValueError, OSError):  # a damaged result: the run's own card says so
        return -1.0
