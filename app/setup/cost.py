"""Cost of a set-up: the time and memory that it takes here, and a set-up that fits a given time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app.answers.question import Look
from app.jobs.speeds import machine_load
from app.jobs.throttle import Speed
from app.jobs.timings import (
    TIMES,
    Speeds,
    cost_sentence,
    data_shape,
    job_speeds,
    measured_speeds,
)
from app.setup.forecast import learning_seconds
from app.setup.testing import tests_workload
from app.text.escaping import plain_text
from dmcore.bench.budget import REAL_BATCHES, choose_budget
from dmcore.bench.iteration_time import IterationTime
from dmcore.config import CondenseConfig
from dmcore.config.formatting import SECONDS_IN_HOUR, duration, sentence
from dmcore.execution.cost import DataShape, Workload, condensation_workload, total_workload

Fill = Callable[[CondenseConfig], None]


def takes_sentence(configs: Sequence[CondenseConfig], speed: Speed = "full") -> str:
    """What learning and testing these set-ups one after the other costs; empty where that cannot be said."""
    data = data_shape(configs[0].dataset)
    if data is None:
        return ""
    learning = total_workload(condensation_workload(config, data) for config in configs)
    testing = tests_workload(configs, data)
    look = job_speeds(learning + testing)
    if look.value is None:
        return cost_sentence(look.then(lambda speeds: Look(speeds.estimate(learning))))
    estimate, tests = look.value.estimate(learning), look.value.estimate(testing).seconds
    images = learning_seconds(estimate.seconds, configs[0].iterations, speed)
    estimate = replace(estimate, seconds=images + tests)
    of_it = f" {duration(tests)} of it for the test at the end." if tests else ""
    advice = " Better on a GPU." if estimate.seconds > 2 * SECONDS_IN_HOUR else ""
    return cost_sentence(Look(estimate)) + of_it + advice


def show_time_choice(config: CondenseConfig, fill: Fill) -> None:
    """Draw the choice of a time that the set-up is to fit into; the form shows what is chosen for it.

    Args:
        config: the set-up in the form.
        fill: puts a set-up into the form.
    """
    data, state = data_shape(config.dataset), st.session_state
    if data is None:
        return
    label, fitted, why = state.get("form_time_chosen", ("", None, ""))
    state["form_time"] = (label or None) if fitted == config else None
    look = job_speeds(_candidates(config, data))

    def apply() -> None:
        chosen = state["form_time"]
        if chosen is None:
            return
        try:
            fitted, why = fitted_setup(config, data, TIMES[chosen], job_speeds(_candidates(config, data)))
        except ValueError as refusal:
            state["form_time_chosen"] = ("", config, sentence(str(refusal)))
            return
        state["form_time_chosen"] = (chosen, fitted, why)
        fill(fitted)

    st.segmented_control(
        "I have",
        list(TIMES),
        key="form_time",
        on_change=apply,
        disabled=look.failure is not None,
        help="Chooses iterations, real images per iteration and replay that fit into this time here; the "
        "test at the end comes on top.",
    )
    if fitted == config:
        st.caption(plain_text(why))


def fitted_setup(
    config: CondenseConfig, data: DataShape, seconds: float, look: Look[Speeds]
) -> tuple[CondenseConfig, str]:
    """Choose iterations, real batch and replay of a set-up for a given time, with the reason.

    Raises:
        ValueError: the time is too short, the set-up is refused, or its speed is not measured yet.
    """
    speeds = measured_speeds(look)
    slowdown, times = machine_load().slowdown(speeds.threads), {}
    for batch in REAL_BATCHES:
        pieces = condensation_workload(config.model_copy(update={"real_batch": batch}), data).pieces
        times[batch] = IterationTime(*(slowdown * speeds.record.piece_seconds(piece) for piece in pieces))
    budget = choose_budget(config, seconds, times)
    return budget.config, sentence(budget.why)


def _candidates(config: CondenseConfig, data: DataShape) -> Workload:
    """An iteration with every real batch that may be chosen."""
    once = [
        config.model_copy(update={"real_batch": batch, "iterations": 1, "replay": False})
        for batch in REAL_BATCHES
    ]
    return total_workload(condensation_workload(candidate, data) for candidate in once)
