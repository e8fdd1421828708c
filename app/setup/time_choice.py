"""Choice of a time instead of sizes: iterations, real batch and the test that fit into it here.

Replay would give more iterations, but other ones than the paper's: it stays as the set-up has it.
Where the usual test takes most of the time, one with fewer networks is chosen. Where even the smallest does
not fit, fewer images are (but not of one's own), or no test; and what else fits is offered, a button each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.answers.question import Look
from app.jobs.manager import get_manager
from app.jobs.timings import TIMES, Speeds, data_shape, job_speeds
from app.setup.fitted_setup import TEST_SHARE, FittedSetup, TooShortError, fitted_setup, remedies
from app.setup.testing import protocols_of_test, request_test, requested_test, tests_workload
from app.text.escaping import plain_text
from dmcore.bench.budget import REAL_BATCHES
from dmcore.config import CondenseConfig, EvaluateConfig, MethodConfig
from dmcore.config.formatting import duration, sentence
from dmcore.execution.cost import DataShape, condensation_workload, total_workload

Fill = Callable[[MethodConfig], None]
CHOSEN = "form_time_chosen"
"""Key of the session state: the last `TimeChoice`."""


@dataclass(frozen=True)
class TimeChoice:
    """What was chosen for a time, or why nothing was; it holds while the form has this set-up and test."""

    time: str
    config: MethodConfig
    test: EvaluateConfig | None
    why: str
    wanted: MethodConfig | None = None
    """Set-up that it was chosen for."""
    tested: bool = False
    """Whether a test was wanted with it."""
    fits: bool = True
    offers: bool = False
    """Whether to offer what else fits: nothing does, or the test takes most of the time."""


def show_time_choice(config: MethodConfig, fill: Fill) -> None:
    """Draw the choice of a time that the set-up is to fit into; the form shows what is chosen for it.

    Args:
        config: the set-up in the form.
        fill: puts a set-up into the form.
    """
    data, state = data_shape(config.dataset), st.session_state
    if data is None:
        return
    kept: TimeChoice | None = state.get(CHOSEN)
    choice = kept if kept and (kept.config, kept.test) == (config, requested_test()) else None
    state["form_time"] = choice.time if choice and choice.fits else None
    look = _speeds(config, data)

    def apply(time: str | None, base: MethodConfig, tested: bool) -> None:
        if time is None:
            return
        protocols = protocols_of_test() if tested else ()
        share = get_manager().evaluation_share
        fits, why = True, ""
        try:
            try:
                fitted = fitted_setup(base, data, TIMES[time], look, protocols, share)
            except TooShortError:
                smaller = next(remedies(base, data, TIMES[time], look, protocols, share), None)
                if smaller is None:
                    raise
                fitted, fits, why = smaller, False, "So that it fits: "
        except ValueError as refusal:
            why = f"{sentence(str(refusal))} The set-up stays as it is."
            state[CHOSEN] = TimeChoice(time, config, requested_test(), why, base, tested, fits=False)
            return
        why += fitted.text(protocols[0] if protocols else None)
        offers = not fits or fitted.test_seconds > TEST_SHARE * TIMES[time]
        state[CHOSEN] = TimeChoice(time, fitted.config, fitted.test, why, base, tested, offers=offers)
        if fitted.test != requested_test():
            request_test(fitted.test)
        fill(fitted.config)

    wanted, tested = config, requested_test() is not None
    if (
        choice is not None and choice.wanted is not None
    ):  # another time begins from what was wanted, not what fitted
        wanted, tested = choice.wanted, choice.tested
    st.segmented_control(
        "I have",
        list(TIMES),
        key="form_time",
        on_change=lambda: apply(state["form_time"], wanted, tested),
        disabled=look.value is None,
        help="Chooses how many iterations, real images for each and test networks fit into this time here.",
    )
    if choice is None:
        return
    if choice.fits:
        st.markdown(plain_text(choice.why))
    else:
        st.warning(plain_text(choice.why))
    if choice.offers and choice.wanted is not None and look.value is not None:
        share = get_manager().evaluation_share
        protocols, seconds = protocols_of_test() if tested else (), TIMES[choice.time]
        with st.container(horizontal=True, gap="small", key="form_time_remedies"):
            for number, fitted in enumerate(remedies(choice.wanted, data, seconds, look, protocols, share)):
                if (fitted.config, fitted.test) == (choice.config, choice.test):
                    continue
                st.button(
                    plain_text(_remedy_label(fitted, tested)),
                    key=f"form_time_remedy_{number}",
                    on_click=apply,
                    args=(choice.time, fitted.config, fitted.test is not None),
                )


def _remedy_label(fitted: FittedSetup, tested: bool) -> str:
    """Label of a button; `tested`: whether the set-up that does not fit has a test."""
    if tested and fitted.test is None:
        return "No test: 0 s"
    images = f"{max(spec.images_per_class for spec in fitted.config.all_sets())} per class"
    return f"{images}: test {duration(fitted.test_seconds)}" if tested else images


def _speeds(config: MethodConfig, data: DataShape) -> Look[Speeds]:
    """Look at the speeds of an iteration with every real batch that may be chosen, and of the test."""
    once: list[MethodConfig] = [config]
    if isinstance(config, CondenseConfig):
        changes = {"iterations": 1, "replay": False}
        once = [config.model_copy(update={"real_batch": batch, **changes}) for batch in REAL_BATCHES]
    iterations = total_workload(condensation_workload(candidate, data) for candidate in once)
    tests = tests_workload((config,), data, protocols_of_test()[0])
    return job_speeds(iterations + tests)
