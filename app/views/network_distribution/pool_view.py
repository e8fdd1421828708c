"""Section of the pool of trained networks: status line, buttons to build it, and accuracy histogram."""

from collections.abc import Sequence

import streamlit as st

from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.states import show_empty
from app.jobs.manager import JobManager
from app.jobs.pool_work import PoolWork
from app.run.controls import reporting_refusal, show_refusal
from app.run.waiting import after_words
from app.tables.controls import job_controls, show_command
from app.tables.cost import show_pool_cost
from app.text.escaping import plain_text
from app.views.network_distribution.live import histogram, live_status
from app.views.network_distribution.pool_status import PoolStatus
from dmcore.config.formatting import capitalised, counted, sentence
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_request import PoolRequest

REFUSED = "pool_refusal"
STOP_HELP = "Finished networks are kept; building later trains only the missing ones."
MORE_NETWORKS = 10
"""Networks that are added to a pool with an empty band."""


def show_pool(manager: JobManager, pool: PoolStatus, chosen: Sequence[NetworkSource]) -> None:
    """Draw the section of the pool.

    Args:
        manager: builds the pool.
        pool: its status.
        chosen: sources of the table; its bands are marked.
    """
    request = pool.request
    show_live_line(
        "pool_status", pool.line, source=live_status.address(asked=pool.query_text), subject=pool.id
    )
    with job_controls(manager, pool.job, "pool", STOP_HELP, lambda: _show_build_button(manager, pool)):
        show_command(request.command_line, "pool_command")
    show_refusal(REFUSED, st.warning)
    if not pool.networks and not pool.in_progress:
        show_empty(
            "pool",
            f"None is trained yet. {counted(request.networks, 'network')} are trained on the real images, "
            f"each for {counted(request.config.pool_steps, 'step')} and saved at many points on the way "
            "(together: the pool). That is done once. Rows without trained networks can be run before.",
        )
        return
    bands = ",".join(str(source) for source in chosen if source.kind == "band")
    show_live_figure("pool_histogram", histogram(pool, {"bands": bands}))
    if pool.index is not None:
        text = f"Accuracies are of {pool.index.validation}, not of the test images."
        st.caption(plain_text(capitalised(text)))


def show_empty_bands(manager: JobManager, pool: PoolStatus, errors: Sequence[str]) -> None:
    """Warnings for bands without any state, before anything is computed, and a button to grow the pool."""
    for error in errors:
        st.warning(plain_text(sentence(error)))
    if errors and not pool.in_progress:
        networks = pool.request.networks + MORE_NETWORKS
        st.button(
            f"Train {MORE_NETWORKS} more networks",
            key="pool_grow",
            on_click=_grow,
            args=(manager, pool.request.model_copy(update={"networks": networks})),
            help="The pool grows, and the table draws from all of it: rows of trained networks are learned "
            "anew.",
        )


def _grow(manager: JobManager, request: PoolRequest) -> None:
    _build(manager, request)
    st.session_state["table4_pool_networks"] = request.networks


def _show_build_button(manager: JobManager, pool: PoolStatus) -> None:
    if pool.complete:
        return
    label = f"Train {pool.request.networks - pool.networks} more" if pool.networks else "Build the pool"
    st.button(
        f"{label}{after_words(manager)}",
        key="pool_build",
        on_click=_build,
        args=(manager, pool.request),
    )
    show_pool_cost(pool.request, pool.networks)


def _build(manager: JobManager, request: PoolRequest) -> None:
    """Start or queue the job that builds the pool; a refusal is shown at the next rerun."""
    reporting_refusal(lambda: manager.submit(PoolWork(request=request), queue=manager.busy), REFUSED)()
