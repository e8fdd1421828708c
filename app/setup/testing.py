"""Test of a run's images at its end: the switch, the number of networks, and what it costs."""

from collections.abc import Sequence

import streamlit as st

from app.components.query_params import set_bound_widget
from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.timings import workers_here
from dmcore.config import EvaluateConfig, MethodConfig
from dmcore.config.protocols import is_quick
from dmcore.execution.cost import DataShape, Workload, total_workload
from dmcore.runs.results.evaluation_tasks import planned_evaluation

TESTED = "test_at_end"
"""Key of the switch, in the session and in the address."""
NETWORKS = "test_networks"
"""Key of the number of networks, likewise."""


def show_test_switch() -> None:
    """Draw the switch and, where it is on, how many networks are trained on each set of images."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="form_test"):
        tested = st.checkbox(
            "Test the images at the end",
            value=True,
            key=TESTED,
            bind="query-params",
            help="Networks are trained on the learned images alone, as many on random real ones, each on a "
            "draw of its own, and as many on the real images that the learned ones started from, where they "
            "did. All are tested on real images that nobody trained on.",
            width="content",
        )
        if tested:
            st.selectbox(
                "Test networks",
                [str(protocol.repeats) for protocol in protocols_of_test()],
                key=NETWORKS,
                bind="query-params",
                label_visibility="collapsed",
                width=72,
            )
            noun = "network" if st.session_state[NETWORKS] == "1" else "networks"
            st.markdown(f":small[{noun}]", width="content")


def protocols_of_test() -> tuple[EvaluateConfig, ...]:
    """Protocols of the test, by its number of networks; the usual one first, the cheapest last.

    None is the quick protocol: results of that are points of the accuracy curve, and no test.
    """
    counts = range(SMALL_PROTOCOL.repeats, 0, -1)
    protocols = (SMALL_PROTOCOL.model_copy(update={"repeats": count}) for count in counts)
    return tuple(protocol for protocol in protocols if not is_quick(protocol))


def requested_test() -> EvaluateConfig | None:
    """Protocol of the test at the end of a run that is started now; None where it is switched off.

    A page without the switch is told by its address.
    """
    linked = st.query_params.get(TESTED, "true").lower() != "false"
    if not st.session_state.get(TESTED, linked):
        return None
    networks = st.session_state.get(NETWORKS, st.query_params.get(NETWORKS))
    return next(
        (protocol for protocol in protocols_of_test() if str(protocol.repeats) == networks), SMALL_PROTOCOL
    )


def request_test(protocol: EvaluateConfig | None) -> None:
    """Put a protocol of `protocols_of_test` into the form, or switch the test off; for callbacks."""
    set_bound_widget(TESTED, protocol is not None, None if protocol else ["false"])
    if protocol is not None:
        networks = str(protocol.repeats)
        set_bound_widget(NETWORKS, networks, None if protocol == SMALL_PROTOCOL else [networks])


def tests_workload(
    configs: Sequence[MethodConfig], data: DataShape, protocol: EvaluateConfig | None
) -> Workload:
    """Work of testing the images of these set-ups by a protocol; none without one."""
    if protocol is None or not data.test:
        return Workload()
    return total_workload(planned_evaluation(config, protocol, data, workers_here()) for config in configs)
