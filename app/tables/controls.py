"""Controls of what a job computes, a table or a pool: status line, buttons, command line and downloads."""

from collections.abc import Callable

import streamlit as st

from app.components.live_line import LiveLine, show_live_line
from app.components.live_resource import LiveResource
from app.jobs.job import Job
from app.jobs.job_queue import BusyError
from app.jobs.manager import JobManager
from app.jobs.table_work import TableWork
from app.run.controls import show_job_buttons
from app.run.on_screen import report_job
from app.tables.cost import show_table_cost
from app.tables.live import address_of, status
from app.tables.state import TableState, table_id, table_state
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence
from dmcore.experiments.report.formats import as_csv, as_latex, as_markdown
from dmcore.experiments.report.notes import failure_notes
from dmcore.experiments.results import Results
from dmcore.files.atomic import StorageError

MOST_REASONS = 6
STOP_HELP = "What has arrived is stored; going on later computes only what is missing."
DOWNLOADS = (
    ("CSV", as_csv, "csv", "text/csv"),
    ("Markdown table", as_markdown, "md", "text/markdown"),
    ("LaTeX table", as_latex, "tex", "application/x-tex"),
)
"""Label, layout, ending and media type of each."""


def show_table_controls(manager: JobManager, state: TableState, command: str) -> None:
    """Draw the status line, the buttons that fit the status, the command line and the failures."""
    show_table_line("table_status", status, state, subject=table_id(state.table))
    with job_controls(manager, state.job, "table", STOP_HELP, lambda: _show_run_button(manager, state)):
        show_command(command, "table_command")
        if state.started:
            _show_downloads(manager, state)
    show_table_cost(state)
    for reason in (*map(sentence, state.results.notes), *failure_notes(state.results)[:MOST_REASONS]):
        st.warning(plain_text(reason))


def show_table_line(
    key: str,
    resource: LiveResource[TableState, LiveLine],
    state: TableState,
    *,
    subject: str = "",
    **query: str,
) -> None:
    """Draw a live line of a table; see `show_live_line`."""
    show_live_line(
        key, resource(state, query), source=address_of(resource.name, state, **query), subject=subject
    )


def show_command(command: str, key: str) -> None:
    """Popover with the command line that computes the same in a terminal."""
    with st.popover("Command line", key=key):
        st.markdown("The same from a terminal:")
        st.code(command, language=None, wrap_lines=True)


def job_controls(
    manager: JobManager, job: Job | None, owner: str, stop_help: str, show_start: Callable[[], None]
) -> "st.delta_generator.DeltaGenerator":
    """Draw Pause and Stop of a running job, Cancel of a queued one, else its start; returns the row of these.

    Args:
        manager: runs the job.
        job: the job, if any.
        owner: begins the widget keys.
        stop_help: what stopping keeps.
        show_start: draws the button that starts it, if it can be started.
    """
    report_job(job)
    row = st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{owner}_buttons")
    with row:
        if job is not None and job.pending:
            show_job_buttons(manager, job, f"{owner}_{{}}", stop_help)
        else:
            show_start()
    return row


def _show_run_button(manager: JobManager, state: TableState) -> None:
    tested, needed = state.results.network_counts
    retry = tested == needed
    if state.running_elsewhere or (retry and not state.results.failed_cells):
        return
    if manager.busy:
        label = "Queue another try" if retry else "Queue this table"
    elif retry:
        label = "Try again"
    else:
        label = "Continue" if state.started else "Run this table"
    if st.button(label, key="table_run", type="secondary" if retry else "primary"):
        try:
            manager.submit(TableWork(table=state.table), queue=manager.busy)
        except (BusyError, StorageError) as refusal:
            st.warning(plain_text(sentence(str(refusal))))
        else:
            st.rerun()


def _show_downloads(manager: JobManager, state: TableState) -> None:
    def newest(layout: Callable[[Results], str]) -> Callable[[], str]:
        """Write the file on request: results may have arrived since the page was drawn."""
        return lambda: layout(table_state(manager, state.table).results)

    with st.popover("Download", key="table_download"):
        for label, layout, ending, mime in DOWNLOADS:
            st.download_button(
                label,
                newest(layout),
                f"{state.table.name}.{ending}",
                mime,
                key=f"table_download_{ending}",
                on_click="ignore",
            )
