"""The Runs page: every run on disk with its state, picture and results, and what can be done with it.

Runs are read from their folders, so it does not matter who writes them: this app's thread or a terminal. Must
not import torch.
"""

from pathlib import Path

import streamlit as st

from app.components.page_links import WATCH_PAGE
from app.components.styles import WATCH_STYLE
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.run.actions import TROUBLE, show_question
from app.run.status import status_of
from app.text.escaping import plain_text
from app.views.runs.card import LOOK_SECONDS, show_run
from app.views.runs.search import chosen_runs, clear_search, show_search
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import read_runs

AT_ONCE = 10


def show_runs() -> None:
    """Draw the page."""
    manager, root = get_manager(), runs_root()
    st.html(WATCH_STYLE)
    st.header("Runs", anchor=False)
    st.markdown(f"Everything in `{root}`, whoever wrote it: this app, or `dmcore` in a terminal.")
    troubled, trouble = st.session_state.pop(TROUBLE, ("", ""))
    runs, unreadable = read_runs(root)
    if not runs and not unreadable:
        show_nothing(root)
    found = find(runs) if runs else []
    shown = found[: st.session_state.get("runs_shown", AT_ONCE)]
    if trouble and troubled not in (run.id for run in shown):
        st.error(plain_text(trouble))
    for run in shown:
        show_run(manager, run, trouble if run.id == troubled else "")
    for one in unreadable:
        st.warning(f"**{plain_text(one.path.name)}** cannot be shown. {plain_text(sentence(one.sentence))}")
    if len(shown) < len(found):
        more = min(AT_ONCE, len(found) - len(shown))
        st.button(f"Show {more} more of {grouped(len(found))}", key="more_runs", on_click=_show_more)
    _look_again(root, shown)
    show_question(manager, runs)


def show_nothing(root: Path) -> None:
    """What to do next when there are no runs."""
    st.info("There are no runs yet. Start one on the Watch page: it takes a click and about a minute.")
    if st.button("Go to Watch", key="go_to_watch", type="primary"):
        st.switch_page(WATCH_PAGE)
    st.markdown("Or from a terminal:")
    command = f"dmcore condense --images-per-class 1 --iterations 500 --runs-root {root}"
    st.code(command, language=None, wrap_lines=True)


def find(runs: list[RunFolder]) -> list[RunFolder]:
    """Draw search and sort; the runs that they choose."""
    asked, order = show_search()
    found = chosen_runs(runs, asked, order)
    if not found:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"None of the {grouped(len(runs))} runs has “{plain_text(asked)}” in its title, id, data "
                "set, network or state."
            )
            st.button("Clear search", key="clear_search", on_click=clear_search)
    elif asked.strip():
        st.caption(f"{grouped(len(found))} of {grouped(len(runs))} runs")
    return found


def _look_again(root: Path, shown: list[RunFolder]) -> None:
    """Draw the page anew when a run comes, goes, is renamed, or changes its state."""
    before = _fingerprint(root, shown)

    def look() -> None:
        if _fingerprint(root, shown) != before:
            st.rerun()

    st.fragment(run_every=LOOK_SECONDS)(look)()


def _fingerprint(root: Path, shown: list[RunFolder]) -> tuple[object, ...]:
    there = tuple(sorted(file.parent.name for file in root.glob("*/run.json")))
    return (
        there,
        *(
            (status_of(run), _changed_at(run.path / "run.json"), len(list(run.path.glob("results/*.json"))))
            for run in shown
            if run.path.name in there
        ),
    )


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _show_more() -> None:
    st.session_state["runs_shown"] = st.session_state.get("runs_shown", AT_ONCE) + AT_ONCE
