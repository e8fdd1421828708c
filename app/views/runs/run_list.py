"""List of the Runs page: the runs that match the search, those of tables, those that cannot be read."""

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
from app.views.runs.search import View, choose_view, clear_search, show_search
from app.views.runs.table import show_table
from app.views.runs.table_sets import sets_by_table
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.runs.collection import tags
from dmcore.runs.collection.filter import RunFilter
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import UnreadableRun

AT_ONCE = 10
MOST_WATCHED = 100
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


def search_runs(runs: list[RunFolder]) -> tuple[list[RunFolder], View | None]:
    """Search, filters, order and view; the runs that match in order, and the view; None without runs."""
    if not runs:
        return [], None
    wanted = show_search(runs)
    matches = wanted.of(runs)
    if not matches:
        _show_no_match(wanted.runs, len(runs))
    elif wanted.runs.is_set:
        st.caption(f"{grouped(len(matches))} of {grouped(len(runs))} runs")
    return matches, wanted.view


def _show_no_match(wanted: RunFilter, count: int) -> None:
    """Say that no run is as wanted, with the button that shows all again."""
    has_filters = bool(wanted.model_fields_set - {"text"})
    searched = f" has “{plain_text(wanted.text)}” in its title, id, data set, network, state or tags"
    what = (searched if wanted.text else "") + " and" * (has_filters and bool(wanted.text))
    what += " fits the filters" if has_filters else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"None of the {grouped(count)} runs{what}.")
        label = "Clear filters" if has_filters else "Clear search"
        st.button(label, key="runs_clear_search", on_click=clear_search)


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


def show_runs_as(
    view: View | None,
    manager: JobManager,
    runs: Sequence[RunFolder],
    titles: Mapping[str, str],
    trouble: Trouble,
    owner: str,
) -> None:
    """The runs as cards or as a table, told from others on the page by its owner."""
    if view == "cards":
        show_runs(manager, runs, titles, trouble)
        return
    if trouble.text:
        st.error(plain_text(trouble.text))
    if runs:
        show_table(runs, titles, owner)


def show_table_runs(
    view: View | None,
    manager: JobManager,
    runs: Sequence[RunFolder],
    titles: Mapping[str, str],
    trouble: Trouble,
) -> None:
    """Switch with the number of runs that tables made for themselves; where it is on, a part per table.

    The view is chosen here where no runs above these had it chosen.
    """
    if not runs:
        return
    text = f"{counted(len(runs), 'set')} of images, made for tables"
    if not st.toggle(text, key="runs_of_tables", bind="query-params", help=OF_TABLES_HELP):
        return
    view = view or choose_view()
    parts = sets_by_table(manager.runs_root, runs)
    for part in parts:
        label = f"{part.label}: {counted(len(part.runs), 'set')}"
        key = f"runs_of_table_{part.name}"
        folded = st.expander(plain_text(label), key=key, on_change="rerun", expanded=len(parts) == 1)
        if folded.open:
            with folded:
                is_here = trouble.run_id in (run.id for run in part.runs)
                own = trouble if is_here else Trouble("", "")
                show_runs_as(view, manager, part.runs, titles, own, part.name)


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
    """Rerun the page when a run comes, goes, is renamed or tagged, or changes its state.

    Of the state and names of many runs only the first `MOST_WATCHED` are looked at.
    """
    shown = shown[:MOST_WATCHED]
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
            (
                status_of(run),
                *(write_time(run.path / name) for name in ("run.json", tags.FILE)),
                len(list(run.path.glob("results/*.json"))),
            )
            for run in shown
            if run.path.name in names
        ),
    )


def _show_more() -> None:
    st.session_state["runs_shown"] = st.session_state.get("runs_shown", AT_ONCE) + AT_ONCE
