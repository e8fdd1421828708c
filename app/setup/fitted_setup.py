"""Set-up that fits into a time here: iterations, real batch and the networks of its test.

Replay would give more iterations, but other ones than the paper's: it stays as the set-up has it. With
gradient matching the real batch stays too.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.answers.question import Look
from app.jobs.timings import Speeds, measured_speeds
from app.setup.testing import tests_workload
from dmcore.bench.budget import REAL_BATCHES, SETTLED_ITERATIONS, choose_budget
from dmcore.bench.iteration_time import IterationTime
from dmcore.config import CondenseConfig, DcConfig, DsaConfig, EvaluateConfig, MethodConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config
from dmcore.config.formatting import counted, duration, grouped, joined
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.execution.cost import DataShape, condensation_workload

TEST_SHARE = 0.5
"""Share of the time that the test may take before it gets fewer networks."""
FEWER_IMAGES = (20, 10, 5, 2, 1)
"""Images per class that are offered where the test of more takes too long."""


TOO_SHORT = "{} is too short for a single iteration here"


class TooShortError(ValueError):
    """A set-up and its test do not fit into the time."""


@dataclass(frozen=True)
class FittedSetup:
    """Set-up and test that fit into a time."""

    config: MethodConfig
    test: EvaluateConfig | None
    seconds: float
    """What everything takes."""
    test_seconds: float = 0.0
    """Of them for the test."""

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
        if self.config.iterations < SETTLED_ITERATIONS:
            text += ". With more time the images change further"
        return f"{text}."


def fitted_setup(
    config: MethodConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> FittedSetup:
    """Choose iterations, real batch and test of a set-up for a given time.

    The test is the first of the protocols that takes at most `TEST_SHARE` of the time; else the quickest.

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
    speeds = measured_speeds(look)
    times = [speeds.estimate(tests_workload((config,), data, each)).seconds for each in protocols]
    test, testing = _chosen_test(protocols, times, seconds)
    if testing >= seconds:
        raise TooShortError(
            f"{duration(seconds)} is too short: the test at the end alone takes about {duration(testing)} "
            f"here, even with {counted(test.repeats, 'network') if test else 'none'}"
        )
    within = (seconds - testing) * (1 - share)
    if not isinstance(config, CondenseConfig):
        fitted, images = _fitted_iterations(config, data, within, speeds)
        return FittedSetup(fitted, test, images / (1 - share) + testing, testing)
    pieces = {
        batch: condensation_workload(config.model_copy(update={"real_batch": batch}), data).pieces
        for batch in REAL_BATCHES
    }
    iteration = {
        batch: IterationTime(*(speeds.slowdown * speeds.record.piece_seconds(piece) for piece in halves))
        for batch, halves in pieces.items()
    }
    try:
        budget = choose_budget(config, within, iteration, config.replay)
    except ValueError as refusal:
        raise TooShortError(TOO_SHORT.format(duration(seconds))) from refusal
    return FittedSetup(budget.config, test, budget.seconds / (1 - share) + testing, testing)


def _fitted_iterations(
    config: DcConfig | DsaConfig, data: DataShape, seconds: float, speeds: Speeds
) -> tuple[MethodConfig, float]:
    """The set-up with as many iterations as fit, at most the published number, and what they take.

    Raises:
        TooShortError: none fits.
    """

    def needed(iterations: int) -> float:
        return speeds.estimate(
            condensation_workload(config.model_copy(update={"iterations": iterations}), data)
        ).seconds

    most = type(config).model_fields["iterations"].default
    iterations = bisect_right(range(1, most + 1), seconds, key=needed)
    if not iterations:
        raise TooShortError(TOO_SHORT.format(duration(seconds)))
    return config.model_copy(update={"iterations": iterations}), needed(iterations)


def remedies(
    config: MethodConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> Iterator[FittedSetup]:
    """What fits into a time that is too short for a set-up: fewer images per class, or no test if it has one.

    Arguments as of `fitted_setup`.
    """
    largest, fewer = max(spec.images_per_class for spec in config.all_sets()), None
    for most in (count for count in FEWER_IMAGES if count < largest and _has_loops(config, count)):
        with suppress(TooShortError):
            fewer = fitted_setup(with_fewer_images(config, most), data, seconds, look, protocols, share)
            if fewer.test_seconds <= TEST_SHARE * seconds:
                break
    if fewer is not None:
        yield fewer
    if not protocols:
        return
    with suppress(TooShortError):
        yield fitted_setup(config, data, seconds, look, (), share)


def with_fewer_images(config: MethodConfig, most: int) -> MethodConfig:
    """The set-up with at most so many images per class; sets that become the same are one."""
    if not isinstance(config, CondenseConfig):
        return config.model_copy(update={"images_per_class": most})
    lists = lists_of_config(config)
    if lists is None:
        return config.model_copy(update={"images_per_class": most, "sets": ()})
    counts = list(dict.fromkeys(min(most, count) for count in lists["images_per_class"]))
    others = config.model_dump(exclude={*VARIED, "sets"})
    return config_of_lists(others, lists | {"images_per_class": counts})


def _has_loops(config: MethodConfig, count: int) -> bool:
    """Whether the loops of gradient matching are known for so many images per class; else always."""
    if isinstance(config, CondenseConfig):
        return True
    return count in PUBLISHED_LOOPS or None not in (config.outer_steps, config.inner_epochs)


def _chosen_test(
    protocols: Sequence[EvaluateConfig], times: Sequence[float], seconds: float
) -> tuple[EvaluateConfig | None, float]:
    """The first protocol that takes at most its share of the time, else the quickest; and its seconds."""
    timed = list(zip(protocols, times, strict=True))
    if not timed:
        return None, 0.0
    short = [each for each in timed if each[1] <= TEST_SHARE * seconds]
    return short[0] if short else min(timed, key=lambda each: each[1])
