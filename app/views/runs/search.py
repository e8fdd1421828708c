"""What the Runs page shows: search, filters, order and view, all bound to the address."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, get_args

import streamlit as st

from app.text.status import Status
from dmcore.config import METHODS
from dmcore.runs.collection import facts
from dmcore.runs.collection.facts import HowMade
from dmcore.runs.collection.filter import RunFilter, RunOrder, Sort, StatusName
from dmcore.runs.collection.tags import read_tags
from dmcore.runs.description import Status as StoredStatus
from dmcore.runs.folder import RunFolder

View = Literal["cards", "table"]
SEARCH, SORT, VIEW = "runs_search", "runs_sort", "runs_view"
DATASET, METHOD, STATE, TAG = FILTERS = ("runs_data", "runs_method", "runs_state", "runs_tag")
"""Keys of the fields, in the session and in the address."""
SORTS: dict[str, Sort] = {
    "newest": "newest",
    "oldest": "oldest",
    "title": "title",
    "data set": "dataset",
    "best accuracy": "accuracy",
    "size on disk": "size",
}
VIEWS: tuple[View, ...] = ("cards", "table")


class Wanted(NamedTuple):
    """Which runs the page shows, in which order, and how."""

    runs: RunFilter
    order: RunOrder
    view: View

    def of(self, runs: Sequence[RunFolder]) -> list[RunFolder]:
        """The runs that it shows.

        Args:
            runs: newest first; runs that tie stay in this order.
        """
        return self.order.arrange(self.runs.select(runs))


def show_search(runs: Sequence[RunFolder]) -> Wanted:
    """Fields of search, filters, order and view."""
    left, right = st.columns([4, 3], vertical_alignment="bottom")
    with left:
        query = st.text_input(
            "Search",
            key=SEARCH,
            bind="query-params",
            type="search",
            placeholder="Title, data set, network, state …",
            help="Shows the runs in which every word occurs: in title, id, data set, method, network, state "
            "or tags.",
        )
    with right, st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs_choices"):
        order = st.selectbox(
            "Sort by",
            list(SORTS),
            key=SORT,
            bind="query-params",
            width=160,
            help="Best accuracy: the highest mean that networks trained on a run's images have reached.",
        )
        chosen = _choose_filters(runs)
        view = choose_view()
    if query and query.strip():
        chosen["text"] = query
    return Wanted(RunFilter.model_validate(chosen), RunOrder(sort=SORTS[order]), view)


def choose_view() -> View:
    """Draw the switch between cards and table."""
    view = st.segmented_control(
        "Show as",
        VIEWS,
        default=VIEWS[0],
        required=True,
        format_func=str.capitalize,
        key=VIEW,
        bind="query-params",
        help="In the table, many runs can be selected: to compare, tag or delete them.",
    )
    return view or VIEWS[0]


def clear_search() -> None:
    """Callback that empties the search and the filters."""
    st.session_state[SEARCH] = ""
    for key in FILTERS:
        if key in st.session_state:
            st.session_state[key] = []


def method_label(method: str) -> str:
    """How images were made, as a person reads it: 'DM', 'k means', 'imported'."""
    if method in METHODS:
        return method.upper()
    return "imported" if method == "import" else method.replace("_", " ")


def _choose_filters(runs: Sequence[RunFolder]) -> dict[str, Any]:
    """Draw the filters; the fields of `RunFilter` that are chosen."""
    before = (st.session_state.get(key, st.query_params.get_all(key)) for key in FILTERS)
    count = sum(len(values or ()) for values in before)
    with st.popover(f"Filter: {count}" if count else "Filter", key="runs_filter"):
        data = (run.description.data for run in runs)
        chosen = {
            "dataset": _choose("Data set", DATASET, (each.title or each.name for each in data)),
            "method": _choose(
                *("Method", METHOD, (method for run in runs for method in facts.methods(run))),
                label_of=method_label,
                known=get_args(HowMade),
            ),
            "status": _choose(
                *("State", STATE, (str(state) for run in runs if (state := facts.status(run)) is not None)),
                label_of=lambda name: str(Status.of(StoredStatus(name))),
                known=get_args(StatusName),
            ),
            "tag": _choose("Tag", TAG, (tag for run in runs for tag in read_tags(run))),
        }
    return {field: values for field, values in chosen.items() if values}


def offered(
    having: Iterable[str],
    address: Iterable[str],
    label_of: Callable[[str], str] = str,
    known: Sequence[str] | None = None,
) -> list[str]:
    """Values that a filter offers: a link to what no run is like must not show all runs.

    Args:
        having: values of the runs, and those that are chosen.
        address: labels of values in the address.
        label_of: what a value is called.
        known: values that there can be; None where any text is one.
    """
    labels = {*address} - {""}
    named = labels if known is None else (value for value in known if label_of(value) in labels)
    return sorted({*having, *named}, key=str.casefold)


def _choose(
    label: str,
    key: str,
    having: Iterable[str],
    label_of: Callable[[str], str] = str,
    known: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Draw a filter; what is chosen stays offered, though no run has it any more."""
    chosen = st.session_state.get(key) or ()
    options = offered((*having, *chosen), st.query_params.get_all(key), label_of, known)
    if not options:
        return ()
    return tuple(
        st.multiselect(
            label, options, format_func=label_of, key=key, bind="query-params", placeholder="Any", width=280
        )
    )
