"""Set-up that fits into a time here: iterations, real batch and the networks of its test.

Replay would give more iterations, but other ones than the paper's: it stays as the set-up has it. With
gradient matching the real batch stays too.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from app.answers.question import Look
from app.jobs.timings import Speeds, measured_speeds
from app.setup.own_setup import most_iterations
from app.setup.testing import tests_workload
from dmcore.bench.budget import MAX_ITERATIONS, REAL_BATCHES, SETTLED_ITERATIONS, choose_budget
from dmcore.bench.iteration_time import IterationTime
from dmcore.config import CondenseConfig, DcConfig, DsaConfig, EvaluateConfig, MethodConfig
from dmcore.config.command_line import VARIED, config_of_lists, lists_of_config
from dmcore.config.formatting import counted, duration, grouped, joined
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.data.catalogue import CATALOGUE
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


def fitted_setup(
    config: MethodConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> FittedSetup:
    """Choose iterations, real batch and test of a set-up for a given time.

    The test is the first of the protocols that takes at most `TEST_SHARE` of the time, or what all iterations
    leave of it; else the quickest. Where fewer iterations than the paper's are wanted, the real batch is the
    largest with which they fit.

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
    if not isinstance(config, CondenseConfig):
        return _fitted_gradient_matching(config, data, seconds, speeds, protocols, share)
    most = most_iterations(config)
    iteration = {
        batch: IterationTime(
            *(
                speeds.slowdown * speeds.record.piece_seconds(piece)
                for piece in condensation_workload(_with(config, real_batch=batch), data).pieces
            )
        )
        for batch in REAL_BATCHES
    }
    wanted = _with(config, iterations=most)
    all_of_them = {batch: time.seconds(wanted) / (1 - share) for batch, time in iteration.items()}
    tests = {each: speeds.estimate(tests_workload((config,), data, each)).seconds for each in protocols}
    test, testing = _chosen_test(tests, seconds, seconds - all_of_them[REAL_BATCHES[-1]])
    enough = [batch for batch in REAL_BATCHES if all_of_them[batch] <= seconds - testing]
    if enough and most < MAX_ITERATIONS:
        iteration = {enough[-1]: iteration[enough[-1]]}
    try:
        budget = choose_budget(config, (seconds - testing) * (1 - share), iteration, config.replay)
    except ValueError as refusal:
        raise TooShortError(TOO_SHORT.format(duration(seconds))) from refusal
    chosen, learning, would_fit = budget.config, budget.seconds, 0
    if chosen.iterations > most:
        would_fit, chosen = chosen.iterations, _with(chosen, iterations=most)
        learning = iteration[chosen.real_batch].seconds(chosen)
    return FittedSetup(chosen, test, learning / (1 - share) + testing, testing, would_fit)


def _fitted_gradient_matching(
    config: DcConfig | DsaConfig,
    data: DataShape,
    seconds: float,
    speeds: Speeds,
    protocols: Sequence[EvaluateConfig],
    share: float,
) -> FittedSetup:
    """As many iterations as fit, at most the published number; arguments and errors as of `fitted_setup`."""

    def with_iterations(count: int) -> DcConfig | DsaConfig:
        return config.model_copy(update={"iterations": count})

    def needed(count: int) -> float:
        return speeds.estimate(condensation_workload(with_iterations(count), data)).seconds / (1 - share)

    most = type(config).model_fields["iterations"].default
    tests = {each: speeds.estimate(tests_workload((config,), data, each)).seconds for each in protocols}
    test, testing = _chosen_test(tests, seconds, seconds - needed(most))
    count = bisect_right(range(1, most + 1), seconds - testing, key=needed)
    if not count:
        raise TooShortError(TOO_SHORT.format(duration(seconds)))
    return FittedSetup(with_iterations(count), test, needed(count) + testing, testing)


def remedies(
    config: MethodConfig,
    data: DataShape,
    seconds: float,
    look: Look[Speeds],
    protocols: Sequence[EvaluateConfig] = (),
    share: float = 0.0,
) -> Iterator[FittedSetup]:
    """What fits into a time that is too short for a set-up: fewer images per class, or no test if it has one.

    One's own images are not made fewer, as they turn into patterns then. Arguments as of `fitted_setup`.
    """
    largest, fewer = max(spec.images_per_class for spec in config.all_sets()), None
    counts = FEWER_IMAGES if config.dataset in CATALOGUE else ()
    for most in (count for count in counts if count < largest and _has_loops(config, count)):
        with suppress(TooShortError):
            fewer = fitted_setup(with_fewer_images(config, most), data, seconds, look, protocols, share)
            if fewer.test_seconds <= TEST_SHARE * seconds:
                break
    if fewer is not None:
        yield fewer
    if protocols:
        yield from _without_test(config, data, seconds, look, share)


def _without_test(
    config: MethodConfig, data: DataShape, seconds: float, look: Look[Speeds], share: float
) -> Iterator[FittedSetup]:
    with suppress(TooShortError):
        yield fitted_setup(config, data, seconds, look, (), share)


def _with(config: CondenseConfig, **changes: int) -> CondenseConfig:
    return config.model_copy(update=changes)


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
    tests: Mapping[EvaluateConfig, float], seconds: float, left: float
) -> tuple[EvaluateConfig | None, float]:
    """The first test that takes at most its share of the time or what is left; else the quickest.

    Args:
        tests: seconds of each protocol, the best first.
        seconds: the time, in which everything has to be done.
        left: what all iterations leave of it.

    Returns:
        The protocol, None where there is none, and its seconds.

    Raises:
        TooShortError: even the quickest takes all the time.
    """
    if not tests:
        return None, 0.0
    most = max(TEST_SHARE * seconds, left)
    test = next((each for each, takes in tests.items() if takes <= most), min(tests, key=tests.__getitem__))
    if tests[test] >= seconds:
        raise TooShortError(
            f"{duration(seconds)} is too short: the test at the end alone takes about "
            f"{duration(tests[test])} here, even with {counted(test.repeats, 'network')}"
        )
    return test, tests[test]
