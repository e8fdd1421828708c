"""Section of the pool of trained networks: status line, buttons to build it, and accuracy histogram."""

from collections.abc import Sequence

import streamlit as st

from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.jobs.manager import BusyError, JobManager
from app.jobs.pool_request import PoolRequest
from app.run.on_screen import report_job
from app.tables.controls import show_command, show_job_buttons
from app.text.escaping import plain_text
from app.views.network_distribution.live import histogram, live_status, pool_id, pool_query_text, pool_state
from app.views.network_distribution.pool_status import PoolStatus
from dmcore.config.formatting import capitalised, counted, sentence
from dmcore.config.network_source import NetworkSource

REFUSED = "pool_refusal"
STOP_HELP = "Finished networks are kept; building later trains only the missing ones."


def show_pool(manager: JobManager, status: PoolStatus, chosen: Sequence[NetworkSource], command: str) -> None:
    """Draw the section of the pool.

    Args:
        manager: builds the pool.
        status: of the pool.
        chosen: sources of the table; its bands are marked.
        command: the command line that builds it.
    """
    request, state = status.request, pool_state(manager, status)
    report_job(status.job)
    show_live_line(
        "pool_status",
        state.line,
        source=live_status.address(asked=pool_query_text(request)),
        subject=pool_id(request),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="pool_buttons"):
        if not show_job_buttons(manager, status.job, "pool", STOP_HELP) and not status.complete:
            _show_build_button(manager, status)
        show_command(command, "pool_command")
    if refusal := st.session_state.pop(REFUSED, ""):
        st.warning(plain_text(refusal))
    if not status.networks and not status.in_progress:
        st.info(
            f"There is no pool yet: {counted(request.networks, 'network')}, each trained on the real images "
            f"for {counted(request.config.pool_steps, 'step')} with states saved on the way. It is built "
            "once. Rows that need none can be run without it."
        )
        return
    bands = ",".join(str(source) for source in chosen if source.kind == "band")
    show_live_figure("pool_histogram", histogram(state, {"bands": bands}))
    if status.index is not None:
        text = f"Accuracies are of {status.index.validation}, not of the test images."
        st.caption(plain_text(capitalised(text)))


def request_pool_build(manager: JobManager, request: PoolRequest) -> None:
    """Start or queue the job that builds the pool; a refusal is shown at the next rerun."""
    try:
        manager.build_pool(request, queue=manager.busy)
    except BusyError as refusal:
        st.session_state[REFUSED] = sentence(str(refusal))


def _show_build_button(manager: JobManager, status: PoolStatus) -> None:
    missing = status.request.networks - status.networks
    label = f"Train {missing} more" if status.networks else "Build the pool"
    st.button(
        f"{label} after the running job" if manager.busy else label,
        key="pool_build",
        type="secondary" if status.networks else "primary",
        on_click=request_pool_build,
        args=(manager, status.request),
    )
