"""Test of a run's images at its end: the switch, the protocol, and what it costs."""

from collections.abc import Sequence

import streamlit as st

from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.timings import workers_here
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.execution.cost import DataShape, Workload, total_workload
from dmcore.runs.results.evaluation_tasks import planned_evaluation

TESTED = "test_at_end"
"""Key of the switch, in the session and in the address."""


def show_test_switch() -> None:
    """Draw the switch."""
    st.checkbox(
        "Test the images at the end",
        value=True,
        key=TESTED,
        bind="query-params",
        help=f"{SMALL_PROTOCOL.repeats} networks are trained on the learned images alone, as many on random "
        "real ones, each on a draw of its own, and as many on the real images that the learned ones started "
        "from, where they did. All are tested on real images that nobody trained on.",
    )


def requested_test() -> EvaluateConfig | None:
    """Protocol of the test at the end of a run that is started now; None where it is switched off.

    A page without the switch is told by its address.
    """
    linked = st.query_params.get(TESTED, "true").lower() != "false"
    return SMALL_PROTOCOL if st.session_state.get(TESTED, linked) else None


def tests_workload(configs: Sequence[CondenseConfig], data: DataShape) -> Workload:
    """Work of testing the images of these set-ups; none where it is switched off."""
    protocol = requested_test()
    if protocol is None or not data.test:
        return Workload()
    return total_workload(planned_evaluation(config, protocol, data, workers_here()) for config in configs)
