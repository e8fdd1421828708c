"""Condensed images of each row on the Architectures page: their state, and buttons to queue or watch."""

import streamlit as st

from app.jobs.manager import JobManager
from app.run.actions import show_on_watch_page
from app.run.controls import reporting_refusal, show_refusal
from app.tables.form import ChosenTable
from app.tables.state import TableState
from app.text.escaping import plain_text
from app.text.status import Status
from app.views.architectures.row_runs import RowRun, queue_rows, row_runs
from dmcore.experiments.table import Table
from dmcore.experiments.table3 import Table3Config

REFUSED = "architectures_refused"


def show_row_runs(manager: JobManager, state: TableState, choices: ChosenTable[Table3Config]) -> None:
    """State of each row's runs; missing ones can be queued alone, others watched."""
    st.markdown("**Images of each row**")
    show_refusal(REFUSED, st.warning)
    pending = state.job is not None and state.job.pending
    for row, runs in row_runs(manager, state.table, choices.data.title).items():
        with st.container(
            horizontal=True, gap="small", vertical_alignment="center", key=f"architectures_row_{row}"
        ):
            st.markdown(_row_text(row, runs), width="stretch")
            missing = [run for run in runs if run.to_queue]
            on_disk = next((run.run for run in runs if run.run is not None), None)
            if missing and not pending and not state.results.is_row_complete(row):
                _show_queue_button(manager, state.table, choices, row, missing)
            elif on_disk is not None and st.button(
                "Watch", key=f"architectures_watch_{row}", help="Shows the run on the Watch page."
            ):
                show_on_watch_page(on_disk.id)
    if pending:
        st.caption("Running the table makes what is missing, row after row.")


def _show_queue_button(
    manager: JobManager, table: Table, choices: ChosenTable[Table3Config], row: str, missing: list[RowRun]
) -> None:
    count = f" {len(missing)}" if len(missing) > 1 else ""
    verb = "Queue" if manager.busy else "Condense"
    st.button(
        f"{verb}{count}",
        key=f"architectures_queue_{row}",
        on_click=reporting_refusal(lambda: queue_rows(manager, table, choices.data.title, row), REFUSED),
        help=f"Makes only the images of this row, as an ordinary run: “{missing[0].title}”. "
        "The table uses them when it is run.",
    )


def _row_text(row: str, runs: list[RowRun]) -> str:
    """'ConvNet: 2 of 3 sets done, next queued'."""
    done = sum(run.state == "done" for run in runs)
    pending = next((run.state for run in runs if run.state in ("running", "queued")), "")
    name = plain_text(row)
    if len(runs) == 1:
        state = runs[0].state
        return f"{name}: {Status.RUNNING.markdown if state == 'running' else state}"
    return f"{name}: {done} of {len(runs)} sets done{f', next {pending}' if pending else ''}"
