"""The pool of trained networks on a page: how accurate its states are, and buttons to build it.

Must not import torch.
"""

from collections.abc import Sequence

import streamlit as st

from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.jobs.job import Job
from app.jobs.manager import BusyError, JobManager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import pool_address
from app.text.escaping import plain_text
from app.views.network_distribution.pool_live import live_pool, pool_id, pool_line, pool_query_text
from app.views.network_distribution.pool_status import PoolStatus
from dmcore.config.formatting import capitalised, counted, sentence
from dmcore.config.network_source import NetworkSource

REFUSED = "pool_refused"


def show_pool(
    manager: JobManager, standing: PoolStatus, chosen: Sequence[NetworkSource], command: str
) -> None:
    """Status, buttons, histogram.

    Args:
        manager: whoever builds it.
        standing: the pool.
        chosen: sources of the table; its bands are marked.
        command: what builds it in a terminal.
    """
    asked = standing.asked
    show_live_line(
        "pool_status",
        pool_line(manager, standing),
        source=pool_address(pool_query_text(asked), "status"),
        subject=pool_id(asked),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="pool_buttons"):
        _show_buttons(manager, standing)
        with st.popover("Command line", key="pool_command"):
            st.markdown("The same from a terminal:")
            st.code(command, language=None, wrap_lines=True)
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(plain_text(refused))
    if not standing.networks and not standing.in_hand:
        st.info(
            f"There is no pool yet: {counted(asked.networks, 'network')}, each trained on the real images "
            f"for {counted(asked.config.pool_steps, 'step')} with states kept on the way. It is built once. "
            "Rows that need none can be filled without it."
        )
        return
    show_live_figure("pool_histogram", live_pool(standing, chosen))
    if standing.index is not None:
        said = f"Accuracies are of {standing.index.validation}, not of the test images."
        st.caption(plain_text(capitalised(said)))


def request_pool_build(manager: JobManager, asked: PoolRequest) -> None:
    """Have the pool built, behind whatever is at work; a refusal is said when the page is drawn next."""
    try:
        manager.build_pool(asked, queue=manager.busy)
    except BusyError as refusal:
        st.session_state[REFUSED] = sentence(str(refusal))


def _show_buttons(manager: JobManager, standing: PoolStatus) -> None:
    job = standing.job
    if job is not None and job.active:
        _show_at_work(manager, job)
    elif job is not None and job.state == "queued":
        st.button("Cancel", key="cancel_pool", on_click=manager.cancel, args=(job,))
    elif not standing.whole:
        missing = standing.asked.networks - standing.networks
        label = f"Train {missing} more" if standing.networks else "Build the pool"
        st.button(
            f"{label} behind the work at hand" if manager.busy else label,
            key="build_pool",
            type="secondary" if standing.networks else "primary",
            on_click=request_pool_build,
            args=(manager, standing.asked),
        )


def _show_at_work(manager: JobManager, job: Job) -> None:
    paused = job.state == "paused" or job.pausing
    action = manager.go_on if paused else manager.pause
    st.button(
        "Go on" if paused else "Pause",
        key="pause_pool",
        type="primary" if paused else "secondary",
        disabled=job.state == "stopping",
        on_click=lambda: action() if job.active else None,
    )
    st.button(
        "Stop",
        key="stop_pool",
        disabled=job.state == "stopping",
        on_click=lambda: manager.stop() if job.active else None,
        help="Networks that are finished are kept; building later trains only those that lack.",
    )
