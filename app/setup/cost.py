"""Cost of a set-up: the time and memory that it takes here, and a set-up that fits a given time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app.answers.question import Look
from app.jobs.manager import get_manager
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
from dmcore.execution.cost import NO_WORKLOAD, DataShape, Workload, condensation_workload, total_workload

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
    tests = tests_workload((config,), data)
    look = job_speeds(_candidates(config, data) + tests)

    def apply() -> None:
        chosen = state["form_time"]
        if chosen is None:
            return
        try:
            speeds = job_speeds(_candidates(config, data) + tests)
            share = get_manager().evaluation_share
            fitted, why = fitted_setup(config, data, TIMES[chosen], speeds, tests, share)
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
        help="Chooses iterations, real images per iteration and replay that fit into this time here, with "
        "the test at the end.",
    )
    if fitted == config:
        st.caption(plain_text(why))


def fitted_setup(
    config: CondenseConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    tests: Workload = NO_WORKLOAD,
    share: float = 0.0,
) -> tuple[CondenseConfig, str]:
    """Choose iterations, real batch and replay of a set-up for a given time, with the reason.

    Args:
        config: the set-up.
        data: its data set.
        seconds: the time, in which everything has to be done.
        look: at the speeds of its iterations and tests.
        tests: the test at the end.
        share: share of the time for networks that are tested between iterations.

    Raises:
        ValueError: the time is too short, the set-up is refused, or its speed is not measured yet.
    """
    speeds = measured_speeds(look)
    testing = speeds.estimate(tests).seconds if tests != NO_WORKLOAD else 0.0
    if testing >= seconds:
        raise ValueError(
            f"the test at the end alone takes about {duration(testing)} here: choose a longer time, fewer "
            "images per class, or no test"
        )
    slowdown, times = machine_load().slowdown(speeds.threads), {}
    for batch in REAL_BATCHES:
        pieces = condensation_workload(config.model_copy(update={"real_batch": batch}), data).pieces
        times[batch] = IterationTime(*(slowdown * speeds.record.piece_seconds(piece) for piece in pieces))
    budget = choose_budget(config, (seconds - testing) * (1 - share), times)
    of_it = f" The test at the end takes about {duration(testing)} of the time." if testing else ""
    return budget.config, sentence(budget.why) + of_it


def _candidates(config: CondenseConfig, data: DataShape) -> Workload:
    """An iteration with every real batch that may be chosen."""
    once = [
        config.model_copy(update={"real_batch": batch, "iterations": 1, "replay": False})
        for batch in REAL_BATCHES
    ]
    return total_workload(condensation_workload(candidate, data) for candidate in once)
