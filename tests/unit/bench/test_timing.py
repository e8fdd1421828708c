"""Predicted durations: of the right size, cancelled on request, and refused like the run itself."""

import time
from collections import deque

import pytest

from dmcore.bench.iteration_time import IterationTime
from dmcore.bench.quiet_time import quiet_seconds
from dmcore.bench.timing import extrapolated, measure_iteration
from dmcore.config import CondenseConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.matching import condense

SMALL = CondenseConfig(images_per_class=5, width=16, depth=2, real_batch=64, iterations=40)


@pytest.mark.timed
def test_prediction_is_near_the_real_duration() -> None:
    dataset = load_dataset("digits")
    times = []
    for _ in range(3):  # the machine may be disturbed: the nearest of three counts
        measured = measure_iteration(SMALL, dataset.shape, (10, 142), device="cpu")
        assert measured is not None
        steps = condense(dataset, SMALL, plan=make_plan(SMALL, dataset.shape, 10, "cpu"))
        next(steps)
        times.append(quiet_seconds(lambda: deque(steps, 0), "cpu") / measured.seconds(SMALL))  # noqa: B023
    assert min(max(ratio, 1 / ratio) for ratio in times) < 2


def test_time_grows_with_iterations_and_replay_spares_real_sides() -> None:
    halves = IterationTime(real=0.08, synthetic=0.01)
    assert halves.seconds(SMALL) == pytest.approx(40 * 0.09)
    replay = SMALL.model_copy(update={"replay": True, "replay_every": 8})
    assert halves.seconds(replay) == pytest.approx(5 * 0.08 + 40 * 0.01)


@pytest.mark.timed
def test_large_setup_is_measured_on_a_part_in_a_moment() -> None:
    paper = CondenseConfig(dataset="cifar10", images_per_class=50)
    began = time.perf_counter()
    measured = measure_iteration(paper, (3, 32, 32), (10, 5000), device="cpu")
    assert time.perf_counter() - began < 10
    assert measured is not None
    assert measured.seconds(paper) > 600


def test_measurement_is_given_up_when_asked() -> None:
    assert measure_iteration(SMALL, (1, 8, 8), (10, 142), device="cpu", keep_going=lambda: False) is None


def test_slow_first_call_of_each_size_does_not_end_the_doubling() -> None:
    sizes: set[tuple[int, int]] = set()

    def timed(classes: int, images: int) -> float:
        """A pass of 2 ms, and 10 µs an image; 0.2 s more where caches are cold or kernels are loaded."""
        is_first = (classes, images) not in sizes
        sizes.add((classes, images))
        return 0.002 + 1e-5 * classes * images + 0.2 * is_first

    seconds = extrapolated(timed, 1, 10, 256, lambda: True)
    assert seconds == pytest.approx(0.002 + 1e-5 * 2560)
    assert (10, 256) in sizes
    assert extrapolated(timed, 1, 100, 2560, lambda: True) == pytest.approx(0.002 + 1e-5 * 256_000)
    assert (100, 2560) not in sizes
