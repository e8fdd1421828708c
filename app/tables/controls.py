"""Controls of what a job computes, a table or a pool: status line, buttons, command line and downloads."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.answers.question import Look
from app.components.live_line import LiveLine, show_live_line
from app.components.live_resource import LiveResource
from app.components.states import show_failure
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.table_work import TableWork
from app.jobs.timings import cost_sentence
from app.run.controls import reporting_refusal, show_job_buttons, show_refusal
from app.run.on_screen import report_job
from app.run.provenance import show_hidden_line, show_provenance
from app.tables.cost import show_table_cost, table_estimate
from app.tables.live import address_of, status
from app.tables.state import TableState, table_id, table_state
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.text.status import Status
from dmcore.config.formatting import NO_BREAK_SPACE, sentence
from dmcore.execution.cost import Estimate
from dmcore.experiments.gallery.recorded import nearest_recorded
from dmcore.experiments.report.formats import as_csv, as_latex, as_markdown
from dmcore.experiments.report.notes import failure_notes
from dmcore.experiments.report.table_differences import (
    data_title,
    other_differences,
    recorded_difference,
    recorded_title,
)
from dmcore.experiments.results import Results

MOST_REASONS = 6
LONGEST_PRIMARY_SECONDS = 6 * 3600.0
"""What takes longer here is offered, but is not the page's first thing to do."""
_REFUSED = "table_refusal"
STOP_HELP = "What has arrived is stored; going on later computes only what is missing."
DOWNLOADS = (
    ("CSV", as_csv, "csv", "text/csv"),
    ("Markdown table", as_markdown, "md", "text/markdown"),
    ("LaTeX table", as_latex, "tex", "application/x-tex"),
)
"""Label, layout, ending and media type of each."""


def show_table_controls(
    manager: JobManager, state: TableState, command: str, actions: DeltaGenerator
) -> None:
    """Draw the status line and the failures; in `actions` the buttons that fit the status.

    While recorded results are shown, the status waits until it has something to say.
    """
    if not state.shows_recorded or state.status is not Status.NOT_STARTED:
        show_table_line("table_status", status, state, subject=table_id(state.table))
    show_refusal(_REFUSED)
    with (
        actions,
        job_controls(manager, state.job, "table", STOP_HELP, lambda: _show_run_button(manager, state)),
    ):
        show_command(command, "table_command")
        if state.shown.started:
            _show_downloads(manager, state)
    if not state.shows_recorded:
        show_table_cost(state)
    _show_failures(manager, state)


def _show_failures(manager: JobManager, state: TableState) -> None:
    """Why cells cannot be computed and what is damaged; where nothing else is missing, another try."""
    if state.results.notes:
        show_failure("table_damage", " ".join(map(sentence, state.results.notes)))
    reasons = failure_notes(state.results)
    if not reasons:
        return
    more = len(reasons) - MOST_REASONS
    happened = " ".join(reasons[:MOST_REASONS] + ([f"And {more} more reasons."] if more > 0 else []))
    tested, needed = state.results.network_counts
    pending = state.running_elsewhere or (state.job is not None and state.job.pending)
    label = "" if pending or tested < needed else "Queue another try" if manager.busy else "Try again"
    show_failure(
        "table_cells", happened, "The other cells keep their numbers.", label, _starting(manager, state)
    )


def show_recorded_line(state: TableState) -> None:
    """In what the recorded results differ from the choices, while they are shown, and their provenance.

    The first line of the page: whatever stands below is of these. Where they are hidden and nothing else has
    arrived, what shows them.
    """
    if not state.started and nearest_recorded(state.table) is not None:
        show_hidden_line("table")
    if state.recorded is not None and state.recorded.results is not None and state.shows_recorded:
        recorded, chosen = state.recorded.results.table, state.table
        title = recorded_title(recorded, chosen)
        if recorded.dataset != chosen.dataset:
            title = f"{title} Run it here on {data_title(chosen)} for numbers of it{_time_suffix(state)}."
        if title:
            others = other_differences(recorded, chosen)
            more = plain_text(sentence("; ".join(others))) if others else None
            difference = plain_text(recorded_difference(recorded, chosen))
            st.markdown(f"**{plain_text(title)}** {difference}", help=more)
        show_provenance(state.recorded, "table")


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
) -> DeltaGenerator:
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
    if state.running_elsewhere or tested == needed:
        return  # cells that failed have their button beside the reason
    look = _estimate(state)
    label = "Queue this table" if manager.busy else "Continue" if state.started else "Run this table"
    if state.shows_recorded and not manager.busy:
        recorded = None if state.recorded is None else state.recorded.results
        other = recorded is not None and recorded.table.dataset != state.table.dataset
        label = f"Run it here on {data_title(state.table)}" if other else "Run it here"
        label += "" if look.value is None else f" ({look.value.time_text})"
    long = look.value is not None and look.value.seconds > LONGEST_PRIMARY_SECONDS
    st.button(
        label,
        key="table_run",
        type="secondary" if long else "primary",
        help=cost_sentence(look) or None,
        on_click=_starting(manager, state),
    )


def _estimate(state: TableState) -> Look[Estimate]:
    """Cost of the table while recorded results are shown instead of it."""
    return table_estimate(state.results) if state.shows_recorded else Look()


def _time_suffix(state: TableState) -> str:
    """': it takes about 4 min'; empty while that is not known."""
    look = _estimate(state)
    return "" if look.value is None else f": it takes {look.value.time_text}"


def _starting(manager: JobManager, state: TableState) -> Callable[[], None]:
    """Callback that runs a table, or queues it; a refusal is shown at the next rerun."""
    return reporting_refusal(
        lambda: manager.submit(TableWork(table=state.table), queue=manager.busy), _REFUSED
    )


def with_source(layout: Callable[[Results], str], state: TableState) -> str:
    """File of the results on screen; in LaTeX the provenance of recorded ones is a comment above."""
    text = layout(state.shown.results)
    if layout is as_latex and state.shows_recorded and state.recorded is not None:
        text = f"% {provenance_text(state.recorded.provenance)}.\n".replace(NO_BREAK_SPACE, " ") + text
    return text


def _show_downloads(manager: JobManager, state: TableState) -> None:
    def newest(layout: Callable[[Results], str]) -> Callable[[], str]:
        """Write the file on request: results may have arrived since the page was drawn."""
        return lambda: with_source(layout, table_state(manager, state.table))

    name = f"{state.table.name}-recorded" if state.shows_recorded else state.table.name
    with st.popover("Download", key="table_download"):
        for label, layout, ending, mime in DOWNLOADS:
            st.download_button(
                label,
                newest(layout),
                f"{name}.{ending}",
                mime,
                key=f"table_download_{ending}",
                on_click="ignore",
            )
