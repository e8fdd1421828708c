"""What the Compare page compares: two runs and an iteration, chosen on the page and stored in the address.

The address names the runs (`?a=ID&b=ID`) and the iteration (`&at=N`).
"""

from collections.abc import Sequence
from itertools import combinations

import streamlit as st

from app.components.query_params import write_param
from app.data.recorded import offered_titles
from app.run.live import RunState, observe_run
from app.text.escaping import plain_text
from app.views.compare.sides import shared_iterations
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.folder import RunFolder

LETTERS = ("a", "b")
NEWEST = "newest"
STORED = "compared"
"""Key in the session of what the address said, for when the page is left and come back to."""


def recall_address() -> None:
    """Fill an address without runs with those that were compared last."""
    if not any(name in st.query_params for name in LETTERS):
        for name, value in st.session_state.get(STORED, {}).items():
            write_param(name, value)
    _store_address()


def fill_address(runs: Sequence[RunFolder]) -> None:
    """Fill an address without runs with two on the same data, while there are not two own runs to choose."""
    own = [run for run in runs if not is_recorded(run)]
    if len(own) > 1 or any(name in st.query_params for name in LETTERS):
        return
    for a, b in combinations(runs, 2):
        if a.description.data.name == b.description.data.name:
            _set_address("a", a.id)
            _set_address("b", b.id)
            return


def choose_runs(runs: list[RunFolder]) -> None:
    """Two select boxes, and a button that swaps the runs."""
    titles = offered_titles(runs)

    def choice(letter: str) -> None:
        _set_address(letter, st.session_state[f"compare_{letter}"])

    def swap() -> None:
        a, b = (st.query_params.get(letter) for letter in LETTERS)
        _set_address("a", b)
        _set_address("b", a)

    *columns, last = st.columns([6, 6, 1], vertical_alignment="bottom")
    for letter, column in zip(LETTERS, columns, strict=True):
        with column:
            run_id = st.query_params.get(letter)
            st.session_state[f"compare_{letter}"] = run_id if run_id in titles else None
            st.selectbox(
                f"Run {letter.upper()}",
                list(titles),
                format_func=lambda run_id: titles.get(run_id, run_id),
                key=f"compare_{letter}",
                placeholder="Choose a run",
                index=None,
                on_change=choice,
                args=(letter,),
                help="Any run on disk; type to search.",
            )
    with last:
        st.button(
            "Swap", key="compare_swap", width="stretch", on_click=swap, help="Lets A and B change places."
        )


def chosen_sides() -> list[RunState]:
    """Runs that the address names and that can be shown; why one cannot is reported on the page."""
    return [side for letter in LETTERS if (side := _find_side(letter)) is not None]


def choose_iteration(a: RunState, b: RunState) -> int | None:
    """Slider over the iterations that both have images of; None: each run's newest."""
    iterations = shared_iterations((a, b))
    if not iterations:
        return None
    at = st.query_params.get("at", "")
    before = [iteration for iteration in iterations if at.isdecimal() and iteration <= int(at)]
    st.session_state["compare_at"] = before[-1] if before else NEWEST
    options: list[int | str] = [*iterations, NEWEST]
    chosen = st.select_slider(
        "Images at iteration",
        options,
        format_func=lambda option: option if isinstance(option, str) else grouped(option),
        key="compare_at",
        on_change=lambda: _set_address("at", st.session_state["compare_at"]),
        help="The same iteration of both runs; at the right end the newest images of each, live if running.",
    )
    return None if chosen == NEWEST else int(chosen)


def _find_side(letter: str) -> RunState | None:
    """The run that the address names for this side; where it cannot be shown, a sentence says why."""
    run_id = st.query_params.get(letter)
    if not run_id:
        return None
    try:
        return observe_run(run_id)
    except (ValueError, OSError) as trouble:
        st.warning(plain_text(f"{sentence(str(trouble))} Choose another run {letter.upper()}."))
        return None


def _set_address(name: str, value: object) -> None:
    """Put a choice into the address, or take it out."""
    write_param(name, None if value == NEWEST else value)
    _store_address()


def _store_address() -> None:
    query = st.query_params
    st.session_state[STORED] = {name: query[name] for name in (*LETTERS, "at") if name in query}
