"""Choice of a time instead of sizes: iterations, real batch and the test that fit into it here.

Replay would give more iterations, but other ones than the paper's: it stays as the set-up has it.
Where the usual test takes most of the time, one with fewer networks is chosen. Where even the smallest does
not fit, fewer images are, or no test; and what else fits is offered, a button each.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from app.answers.question import Look
from app.jobs.manager import get_manager
from app.jobs.timings import TIMES, Speeds, data_shape, job_speeds, measured_speeds
from app.setup.own_setup import most_iterations
from app.setup.testing import protocols_of_test, request_test, requested_test, tests_workload
from app.text.escaping import plain_text
from dmcore.bench.budget import REAL_BATCHES, SETTLED_ITERATIONS, choose_budget
from dmcore.bench.iteration_time import IterationTime
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config
from dmcore.config.formatting import counted, duration, grouped, joined, sentence
from dmcore.data.catalogue import CATALOGUE
from dmcore.execution.cost import DataShape, condensation_workload, total_workload

Fill = Callable[[CondenseConfig], None]
TEST_SHARE = 0.5
"""Share of the time that the test may take before it gets fewer networks."""
FEWER_IMAGES = (20, 10, 5, 2, 1)
"""Images per class that are offered where the test of more takes too long."""
CHOSEN = "form_time_chosen"
"""Key of the session state: the last `TimeChoice`."""


class TooShortError(ValueError):
    """A set-up and its test do not fit into the time."""


@dataclass(frozen=True)
class FittedSetup:
    """Set-up and test that fit into a time."""

    config: CondenseConfig
    test: EvaluateConfig | None
    seconds: float
    """What everything takes."""
    test_seconds: float = 0.0
    """Of them for the test."""
    would_fit: int = 0
    """Iterations that fit, where fewer were chosen because photographs do not stay pictures for longer."""

    def text(self, usual: EvaluateConfig | None) -> str:
        """'10 images each, 500 iterations: about 3 min, 40 s of it for the test'.

        Args:
            usual: the best test; None: none is wanted.
        """
        counts = sorted({spec.images_per_class for spec in self.config.all_sets()})
        images = f"{joined(map(grouped, counts))} image{'' if counts == [1] else 's'}"
        iterations = counted(self.config.iterations, "iteration")
        text = f"{images} each, {iterations}: about {duration(self.seconds)}"
        if self.test is not None and self.test_seconds:
            text += f", {duration(self.test_seconds)} of it for the test"
            if usual is not None and self.test != usual:
                text += f" by {counted(self.test.repeats, 'network')} instead of {usual.repeats}"
        elif usual is not None:
            text += ", without a test"
        if self.would_fit:
            more = counted(self.would_fit, "iteration")
            text += f". {more} would fit, but turn photographs into patterns"
        elif self.config.iterations < SETTLED_ITERATIONS:
            text += ". With more time the images change further"
        return f"{text}."


@dataclass(frozen=True)
class TimeChoice:
    """What was chosen for a time, or why nothing was; it holds while the form has this set-up and test."""

    time: str
    config: CondenseConfig
    test: EvaluateConfig | None
    why: str
    wanted: CondenseConfig | None = None
    """Set-up that it was chosen for."""
    tested: bool = False
    """Whether a test was wanted with it."""
    fits: bool = True
    offers: bool = False
    """Whether to offer what else fits: nothing does, or the test takes most of the time."""


def show_time_choice(config: CondenseConfig, fill: Fill) -> None:
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

    def apply(time: str | None, base: CondenseConfig, tested: bool) -> None:
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


def fitted_setup(
    config: CondenseConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> FittedSetup:
    """Choose iterations, real batch and test of a set-up for a given time.

    The test is the first of the protocols that takes at most `TEST_SHARE` of the time, or what all iterations
    leave of it; else the quickest.

    Args:
        config: the set-up.
        data: its data set.
        seconds: the time, in which everything has to be done.
        look: at the speeds of its iterations and tests.
        protocols: of the test at the end, the best first; none: there is no test.
        share: share of the time for networks that are tested between iterations.

    Raises:
        TooShortError: the time is too short.
        ValueError: the set-up is refused, or its speed is not measured yet.
    """
    speeds, most = measured_speeds(look), most_iterations(config)
    iteration = {
        batch: IterationTime(
            *(
                speeds.slowdown * speeds.record.piece_seconds(piece)
                for piece in condensation_workload(_with(config, real_batch=batch), data).pieces
            )
        )
        for batch in REAL_BATCHES
    }
    all_of_them = iteration[REAL_BATCHES[-1]].seconds(_with(config, iterations=most)) / (1 - share)
    times = [speeds.estimate(tests_workload((config,), data, each)).seconds for each in protocols]
    test, testing = _chosen_test(protocols, times, max(TEST_SHARE * seconds, seconds - all_of_them))
    if testing >= seconds:
        raise TooShortError(
            f"{duration(seconds)} is too short: the test at the end alone takes about {duration(testing)} "
            f"here, even with {counted(test.repeats, 'network') if test else 'none'}"
        )
    try:
        budget = choose_budget(config, (seconds - testing) * (1 - share), iteration, config.replay)
    except ValueError as refusal:
        raise TooShortError(f"{duration(seconds)} is too short for a single iteration here") from refusal
    chosen, learning, would_fit = budget.config, budget.seconds, 0
    if chosen.iterations > most:
        would_fit, chosen = chosen.iterations, _with(chosen, iterations=most)
        learning = iteration[chosen.real_batch].seconds(chosen)
    return FittedSetup(chosen, test, learning / (1 - share) + testing, testing, would_fit)


def remedies(
    config: CondenseConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> Iterator[FittedSetup]:
    """What fits into a time that is too short for a set-up: fewer images per class, or no test if it has one.

    One's own images are not made fewer, as they turn into patterns then. Arguments as of `fitted_setup`.
    """
    if protocols and config.dataset not in CATALOGUE:
        yield from _without_test(config, data, seconds, look, share)
        return
    largest, fewer = max(spec.images_per_class for spec in config.all_sets()), None
    for most in (count for count in FEWER_IMAGES if count < largest):
        with suppress(TooShortError):
            fewer = fitted_setup(with_fewer_images(config, most), data, seconds, look, protocols, share)
            if fewer.test_seconds <= TEST_SHARE * seconds:
                break
    if fewer is not None:
        yield fewer
    if protocols:
        yield from _without_test(config, data, seconds, look, share)


def _without_test(
    config: CondenseConfig, data: DataShape, seconds: float, look: Look[Speeds], share: float
) -> Iterator[FittedSetup]:
    with suppress(TooShortError):
        yield fitted_setup(config, data, seconds, look, (), share)


def _with(config: CondenseConfig, **changes: int) -> CondenseConfig:
    return config.model_copy(update=changes)


def with_fewer_images(config: CondenseConfig, most: int) -> CondenseConfig:
    """The set-up with at most so many images per class; sets that become the same are one."""
    lists = lists_of_config(config)
    if lists is None:
        return config.model_copy(update={"images_per_class": most, "sets": ()})
    counts = list(dict.fromkeys(min(most, count) for count in lists["images_per_class"]))
    others = config.model_dump(exclude={*VARIED, "sets"})
    return config_of_lists(others, lists | {"images_per_class": counts})


def _chosen_test(
    protocols: Sequence[EvaluateConfig], times: Sequence[float], most: float
) -> tuple[EvaluateConfig | None, float]:
    """The first protocol that takes at most so many seconds, else the quickest; and its seconds."""
    timed = list(zip(protocols, times, strict=True))
    if not timed:
        return None, 0.0
    short = [each for each in timed if each[1] <= most]
    return short[0] if short else min(timed, key=lambda each: each[1])


def _remedy_label(fitted: FittedSetup, tested: bool) -> str:
    """Label of a button; `tested`: whether the set-up that does not fit has a test."""
    if tested and fitted.test is None:
        return "No test: 0 s"
    images = f"{max(spec.images_per_class for spec in fitted.config.all_sets())} per class"
    return f"{images}: test {duration(fitted.test_seconds)}" if tested else images


def _speeds(config: CondenseConfig, data: DataShape) -> Look[Speeds]:
    """Look at the speeds of an iteration with every real batch that may be chosen, and of the test."""
    once = [
        config.model_copy(update={"real_batch": batch, "iterations": 1, "replay": False})
        for batch in REAL_BATCHES
    ]
    iterations = total_workload(condensation_workload(candidate, data) for candidate in once)
    tests = tests_workload((config,), data, protocols_of_test()[0])
    return job_speeds(iterations + tests)
