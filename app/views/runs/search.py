"""Which runs the Runs page shows and in which order; search and sort stand in the address. No torch."""

from collections.abc import Sequence

import streamlit as st

from app.data.stored_results import evaluation_results
from app.run.status import status_word
from dmcore.runs.folder import RunFolder

SEARCH, SORT = "runs_search", "runs_sort"
"""Keys of the two fields, in the session and in the address."""
SORTS = ("newest", "oldest", "title", "data set", "best accuracy")


def show_search() -> tuple[str, str]:
    """Draw the two fields; what is searched for, and one of `SORTS`."""
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        asked = st.text_input(
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
    return asked or "", order


def clear_search() -> None:
    """Show every run again; a callback."""
    st.session_state[SEARCH] = ""


def matching_runs(runs: Sequence[RunFolder], asked: str, order: str) -> list[RunFolder]:
    """The runs in which every word of `asked` occurs, whatever its case, in one of the orders of `SORTS`.

    Args:
        runs: newest first; runs that tie stay in this order.
        asked: words.
        order: one of `SORTS`.
    """
    words = asked.casefold().split()
    found = [run for run in runs if all(word in searched_text(run) for word in words)] if words else [*runs]
    if order == "oldest":
        found.reverse()
    elif order == "title":
        found.sort(key=lambda run: run.description.title.casefold())
    elif order == "data set":
        found.sort(key=lambda run: (run.description.data.title or run.description.data.name).casefold())
    elif order == "best accuracy":
        found.sort(key=best_accuracy, reverse=True)
    return found


def searched_text(run: RunFolder) -> str:
    """What a search looks into, in lower case."""
    described, config = run.description, run.config
    said = [described.title, run.id, described.data.name, described.data.title, status_word(run)]
    if config is not None:
        said.append(config.network)
    return "\n".join(said).casefold()


def best_accuracy(run: RunFolder) -> float:
    """Highest mean accuracy of its condensed images in percent; below zero where none was measured."""
    try:
        return max((one.mean for one in evaluation_results(run) if one.kind == "condensed"), default=-1.0)
    except (ValueError, OSError):  # a damaged result: the run's own card says so
        return -1.0
