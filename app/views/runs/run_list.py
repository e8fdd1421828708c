"""List of the Runs page: the runs that match the search, those that cannot be read, and more on demand."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from app.components.page_links import WATCH_PAGE, open_page
from app.data.folders import write_time
from app.jobs.manager import JobManager
from app.run.actions import ERROR_KEY
from app.run.status import status_of
from app.text.escaping import plain_text
from app.views.runs.card import POLL_SECONDS, show_run_card
from app.views.runs.search import clear_search, matching_runs, show_search
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import UnreadableRun

AT_ONCE = 10
OF_TABLES_HELP = "Real images that a table chose, or images that it learned, to fill its rows."


class Trouble(NamedTuple):
    """Why the last click on a run could not be carried out."""

    run_id: str
    text: str


def take_trouble() -> Trouble:
    """What the last click could not do, once; empty where there is nothing to report."""
    return Trouble(*st.session_state.pop(ERROR_KEY, ("", "")))


def show_no_runs(manager: JobManager, root: Path) -> None:
    """What to do next when there are no runs, and what is computed meanwhile."""
    job = manager.active
    at_work = "" if job is None else f" At work now: **{plain_text(job.title)}**."
    st.markdown(
        f"There are no runs yet.{at_work} Start one on the Watch page: it takes a click and about a minute."
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_none"):
        if st.button("Go to Watch", key="runs_go_to_watch", type="primary"):
            open_page(WATCH_PAGE)
        with st.popover("Command line", key="runs_command"):
            st.markdown("From a terminal:")
            command = f"dmcore condense --images-per-class 1 --iterations 500 --runs-root {root}"
            st.code(command, language=None, wrap_lines=True)


def search_runs(runs: list[RunFolder]) -> list[RunFolder]:
    """Search and sort fields, and what they match; the matching runs in order."""
    if not runs:
        return []
    query, order = show_search()
    matches = matching_runs(runs, query, order)
    if not matches:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"None of the {grouped(len(runs))} runs has “{plain_text(query)}” in its title, id, data "
                "set, network or state."
            )
            st.button("Clear search", key="runs_clear_search", on_click=clear_search)
    elif query.strip():
        st.caption(f"{grouped(len(matches))} of {grouped(len(runs))} runs")
    return matches


def first_runs(matches: list[RunFolder]) -> list[RunFolder]:
    """Those drawn so far: ten, and ten more after each click on `show_more_button`'s button."""
    return matches[: st.session_state.get("runs_shown", AT_ONCE)]


def show_runs(
    manager: JobManager, runs: Sequence[RunFolder], titles: Mapping[str, str], trouble: Trouble
) -> None:
    """Card of each run by its title in the list; the trouble on that of its run, or above all."""
    if trouble.text and trouble.run_id not in (run.id for run in runs):
        st.error(plain_text(trouble.text))
    for run in runs:
        show_run_card(manager, run, titles[run.id], trouble.text if run.id == trouble.run_id else "")


def show_table_runs(
    manager: JobManager, runs: Sequence[RunFolder], titles: Mapping[str, str], trouble: Trouble
) -> None:
    """Switch with the number of runs that tables made for themselves, and their cards where it is on."""
    if not runs:
        return
    text = f"{counted(len(runs), 'set')} of images, made for tables"
    if st.toggle(text, key="runs_of_tables", bind="query-params", help=OF_TABLES_HELP):
        is_here = trouble.run_id in (run.id for run in runs)
        show_runs(manager, runs, titles, trouble if is_here else Trouble("", ""))


def show_unreadable(unreadable: Sequence[UnreadableRun]) -> None:
    """Folders that cannot be read as runs, each with the reason."""
    for folder in unreadable:
        reason = plain_text(sentence(folder.sentence))
        st.warning(f"**{plain_text(folder.path.name)}** cannot be shown. {reason}")


def show_more_button(shown: int, matches: int) -> None:
    """Button that draws the next runs, where not all are drawn."""
    if shown < matches:
        more = min(AT_ONCE, matches - shown)
        st.button(f"Show {more} more of {grouped(matches)}", key="runs_more", on_click=_show_more)


def rerun_on_change(root: Path, shown: Sequence[RunFolder]) -> None:
    """Rerun the page when a run comes, goes, is renamed, or changes its state."""
    before = _fingerprint(root, shown)

    def look() -> None:
        if _fingerprint(root, shown) != before:
            st.rerun()

    st.fragment(run_every=POLL_SECONDS)(look)()


def _fingerprint(root: Path, shown: Sequence[RunFolder]) -> tuple[object, ...]:
    names = tuple(sorted(file.parent.name for file in root.glob("*/run.json")))
    return (
        names,
        *(
            (status_of(run), write_time(run.path / "run.json"), len(list(run.path.glob("results/*.json"))))
            for run in shown
            if run.path.name in names
        ),
    )


def _show_more() -> None:
    st.session_state["runs_shown"] = st.session_state.get("runs_shown", AT_ONCE) + AT_ONCE
