"""Controls of a table, shared by its pages: status line, buttons, command line and downloads."""

from collections.abc import Callable

import streamlit as st

from app.components.live_line import LiveLine, show_live_line
from app.components.live_resource import LiveResource
from app.jobs.job import Job
from app.jobs.job_queue import BusyError
from app.jobs.manager import JobManager
from app.run.on_screen import report_job
from app.tables.live import address_of, status
from app.tables.state import TableState, table_id, table_state
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table
from dmcore.experiments.table_formats import as_csv, as_latex, as_markdown
from dmcore.files.atomic import StorageError

MOST_REASONS = 6
STOP_HELP = "What has arrived is stored; going on later computes only what is missing."


def show_table_controls(manager: JobManager, state: TableState, command: str) -> None:
    """Draw the status line, the buttons that fit the status, the command line and the failures."""
    report_job(state.job)
    show_table_line("table_status", status, state, subject=table_id(state.table))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="table_buttons"):
        if not show_job_buttons(manager, state.job, "table", STOP_HELP):
            _show_run_button(manager, state)
        show_command(command, "table_command")
        _show_downloads(manager, state)
    for reason in (*map(sentence, state.results.notes), *failure_reasons(state.results)[:MOST_REASONS]):
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
    show_live_line(key, resource(state, query), source=address_of(resource, state, **query), subject=subject)


def failure_reasons(results: Results) -> list[str]:
    """Reasons why cells have no number: each reason once, with its rows and columns."""
    table = results.table
    by_reason: dict[str, dict[str, list[str]]] = {}
    for index, cell in enumerate(table.cells):
        result = results.cell_results.get(index)
        if result is not None and result.failure:
            columns = by_reason.setdefault(result.failure, {}).setdefault(cell.row, [])
            if cell.column not in columns:
                columns.append(cell.column)
    sentences = []
    for reason, rows in by_reason.items():
        where = [
            row if len(columns) == len(table.columns) else f"{row} on {', '.join(columns)}"
            for row, columns in rows.items()
        ]
        sentences.append(f"{'; '.join(where)}: {sentence(reason)}")
    return sentences


def show_command(command: str, key: str) -> None:
    """Popover with the command line that computes the same in a terminal."""
    with st.popover("Command line", key=key):
        st.markdown("The same from a terminal:")
        st.code(command, language=None, wrap_lines=True)


def show_job_buttons(manager: JobManager, job: Job | None, owner: str, stop_help: str) -> bool:
    """Draw Pause and Stop of a running job, Cancel of a queued one; returns whether it is one of these.

    Args:
        manager: runs the job.
        job: the job, if any.
        owner: begins the widget keys.
        stop_help: what stopping keeps.
    """
    if job is not None and job.state == "queued":
        st.button("Cancel", key=f"{owner}_cancel", on_click=manager.cancel, args=(job,))
        return True
    if job is None or not job.active:
        return False
    paused = job.state == "paused" or job.pausing
    action = manager.unpause if paused else manager.pause
    st.button(
        "Go on" if paused else "Pause",
        key=f"{owner}_pause",
        type="primary" if paused else "secondary",
        disabled=job.state == "stopping",
        on_click=lambda: action() if job.active else None,
    )
    st.button(
        "Stop",
        key=f"{owner}_stop",
        disabled=job.state == "stopping",
        on_click=lambda: manager.stop() if job.active else None,
        help=stop_help,
    )
    return True


def _show_run_button(manager: JobManager, state: TableState) -> None:
    tested, needed = state.network_counts
    retry = tested == needed
    if state.running_elsewhere or (retry and not state.failed_cells):
        return
    if manager.busy:
        label = "Queue another try" if retry else "Queue this table"
    elif retry:
        label = "Try again"
    else:
        label = "Continue" if state.started else "Run this table"
    if st.button(label, key="table_run", type="secondary" if retry else "primary"):
        try:
            manager.run_table(state.table, queue=manager.busy)
        except (BusyError, StorageError) as refusal:
            st.warning(plain_text(sentence(str(refusal))))
        else:
            st.rerun()


def _show_downloads(manager: JobManager, state: TableState) -> None:
    if not state.started:
        return
    name = state.table.name

    def newest(layout: Callable[[Results], str]) -> Callable[[], str]:
        """Write the file on request: results may have arrived since the page was drawn."""
        return lambda: layout(table_state(manager, state.table).results)

    with st.popover("Download", key="table_download"):
        for label, layout, ending, mime in (
            ("CSV", as_csv, "csv", "text/csv"),
            ("Markdown table", as_markdown, "md", "text/markdown"),
            ("LaTeX table", as_latex, "tex", "application/x-tex"),
        ):
            st.download_button(
                label,
                newest(layout),
                f"{name}.{ending}",
                mime,
                key=f"table_download_{ending}",
                on_click="ignore",
            )


def choose_column(table: Table) -> str:
    """Draw the choice of the column that is shown in detail below; none where there is one column."""
    if len(table.columns) == 1:
        return table.columns[0]
    chosen = st.segmented_control(
        f"{table.column_title}, in detail below",
        table.columns,
        default=table.columns[0],
        required=True,
        wrap=True,
        key="column",
        bind="query-params",
    )
    return chosen if chosen in table.columns else table.columns[0]
