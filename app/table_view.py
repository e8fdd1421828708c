"""What the pages of tables share: the status with its buttons, the command line, and downloads."""

import streamlit as st

from app.escaping import plain_text
from app.job_queue import BusyError
from app.jobs import JobManager
from app.live_addresses import table_address
from app.live_line import show_live_line
from app.table_state import TableState, table_id, table_line
from app.words import sentence
from dmcore.atomic import StorageError
from dmcore.experiments.layouts import as_csv, as_latex, as_markdown
from dmcore.experiments.results import failures


def show_table_controls(manager: JobManager, state: TableState, command: str) -> None:
    """The status line and the buttons that fit it; below, the command that does the same in a terminal."""
    line = table_line(manager, state)
    show_live_line(
        "table_status",
        line,
        source=table_address(table_id(state.table), "status") if state.word != "not begun" else "",
        subject=table_id(state.table),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="table_buttons"):
        _show_buttons(manager, state)
        with st.popover("Command line", key="table_command"):
            st.code(command, language="sh", wrap_lines=True)
        _show_downloads(state)
    for where, why in list(failures(state.results).items())[:6]:
        st.warning(plain_text(f"{where}: {sentence(why)}"))


def _show_buttons(manager: JobManager, state: TableState) -> None:
    job = state.job
    if job is not None and job.active:
        paused = job.state == "paused" or job.pausing
        action = manager.go_on if paused else manager.pause
        st.button(
            "Go on" if paused else "Pause",
            key="pause_table",
            type="primary" if paused else "secondary",
            on_click=lambda: action() if job.active else None,
        )
        st.button(
            "Stop",
            key="stop_table",
            on_click=lambda: manager.stop() if job.active else None,
            help="What has arrived is kept; going on later computes only what lacks.",
        )
        return
    if job is not None and job.state == "queued":
        st.button("Cancel", key="cancel_table", on_click=manager.cancel, args=(job,))
        return
    if state.word == "finished":
        return
    label = "Fill the table" if not state.results.filled else "Go on filling"
    if manager.busy:
        label += " behind the run at work"
    if st.button(label, key="fill_table", type="primary"):
        try:
            manager.fill(state.table, queue=manager.busy)
        except (BusyError, StorageError) as refusal:
            st.warning(plain_text(sentence(str(refusal))))
        else:
            st.rerun()


def _show_downloads(state: TableState) -> None:
    if not state.results.filled:
        return
    name = state.table.name
    with st.popover("Download", key="table_download"):
        for label, text, ending, mime in (
            ("CSV", as_csv(state.results), "csv", "text/csv"),
            ("Markdown table", as_markdown(state.results), "md", "text/markdown"),
            ("LaTeX table", as_latex(state.results), "tex", "application/x-tex"),
        ):
            st.download_button(label, text, f"{name}.{ending}", mime, key=f"download_{ending}")
