"""What the Compare page compares: up to four runs and an iteration, which stand in the address.

The address names the runs (`?a=ID&b=ID&c=ID&d=ID`, the last two left open) and the iteration (`&at=N`).
"""

from collections.abc import Sequence
from itertools import combinations, takewhile

import streamlit as st

from app.components.page_links import COMPARED_RUNS
from app.components.query_params import write_param, write_params
from app.data.recorded import offered_titles
from app.run.live import RunState, observe_run
from app.text.escaping import plain_text
from app.views.compare.sides import shared_iterations
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.folder import RunFolder

NEEDED = COMPARED_RUNS[:2]
NEWEST = "newest"
STORED = "compared"
"""Key in the session of what the address said, for when the page is left and come back to."""


def recall_address() -> None:
    """Fill an address without runs with those that were compared last."""
    if not _is_any_named():
        for name, value in st.session_state.get(STORED, {}).items():
            write_param(name, value)
    _close_gap()
    _store_address()


def fill_address(runs: Sequence[RunFolder]) -> None:
    """Fill an address without runs with two on the same data, while there are not two own runs to choose."""
    own = [run for run in runs if not is_recorded(run)]
    if len(own) > 1 or _is_any_named():
        return
    for a, b in combinations(runs, 2):
        if a.description.data.name == b.description.data.name:
            _set_address("a", a.id)
            _set_address("b", b.id)
            return


def choose_runs(runs: list[RunFolder]) -> None:
    """Select boxes of two runs and of one more, up to four, and a button that swaps the first two."""
    titles = offered_titles(runs)

    def choice(letter: str) -> None:
        _set_address(letter, st.session_state[f"compare_{letter}"])
        _close_gap()

    def swap() -> None:
        a, b = (st.query_params.get(letter) for letter in NEEDED)
        _set_address("a", b)
        _set_address("b", a)

    letters = _offered_letters(len(titles))
    *columns, last = st.columns([6] * len(letters) + [len(letters) / 2], vertical_alignment="bottom")
    for letter, column in zip(letters, columns, strict=True):
        with column:
            run_id = st.query_params.get(letter)
            st.session_state[f"compare_{letter}"] = run_id if run_id in titles else None
            st.selectbox(
                f"Run {letter.upper()}",
                list(titles),
                format_func=lambda run_id: titles.get(run_id, run_id),
                key=f"compare_{letter}",
                placeholder="Choose a run" if letter in NEEDED else "Add a run",
                index=None,
                on_change=choice,
                args=(letter,),
                help="Any run on disk; type to search.",
            )
    with last:
        st.button(
            "Swap", key="compare_swap", width="stretch", on_click=swap, help="Lets A and B change places."
        )


def _offered_letters(runs: int) -> tuple[str, ...]:
    """Letters of the select boxes: the needed ones, those that are chosen, and where that may be one more."""
    named = [letter for letter in COMPARED_RUNS if st.query_params.get(letter)]
    count = max((COMPARED_RUNS.index(letter) + 1 for letter in named), default=0)
    is_complete = {*NEEDED} <= {*named} and len(named) < runs
    return COMPARED_RUNS[: max(len(NEEDED), count + is_complete)]


def chosen_sides() -> list[RunState]:
    """Runs that the address names, up to the first that cannot be shown; why is reported on the page."""
    named = [letter for letter in COMPARED_RUNS if letter in NEEDED or st.query_params.get(letter)]
    found = [_find_side(letter) for letter in named]
    return [side for side in takewhile(lambda side: side is not None, found) if side is not None]


def choose_iteration(sides: Sequence[RunState]) -> int | None:
    """Slider over the iterations that all have images of; None: each run's newest."""
    iterations = shared_iterations(sides)
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
        help="The same iteration of all runs; at the right end the newest images of each, live if running.",
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


def _is_any_named() -> bool:
    return any(name in st.query_params for name in COMPARED_RUNS)


def _close_gap() -> None:
    """Let the fourth run take the place of the third, where that was taken out."""
    *_, third, fourth = COMPARED_RUNS
    if st.query_params.get(fourth) and not st.query_params.get(third):
        write_params({third: st.query_params[fourth], fourth: None})
        _store_address()


def _store_address() -> None:
    query = st.query_params
    st.session_state[STORED] = {name: query[name] for name in (*COMPARED_RUNS, "at") if name in query}
