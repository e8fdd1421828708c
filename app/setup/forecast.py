"""Forecast of a run before its start: when there is something to see, and when it is done, tests included."""

from dataclasses import dataclass

from app.jobs.manager import get_manager
from app.jobs.throttle import Speed, slow_seconds
from app.jobs.timings import data_shape, job_speeds
from app.setup.testing import requested_test, tests_workload
from dmcore.config import MethodConfig
from dmcore.execution.cost import condensation_workload

FIRST_SHAPES = 20
"""Iterations after which images that start as noise can be recognised."""


@dataclass(frozen=True)
class RunForecast:
    """Seconds from the start of a run."""

    shapes: float
    """Until its images can be recognised."""
    images: float
    """Until its last iteration."""
    tested: float
    """Until its images are tested, where they are."""


def learning_seconds(seconds: float, iterations: int, speed: Speed, done: int | None = None) -> float:
    """Seconds of the first `done` iterations, or of all, with a slow start and networks tested in between.

    Args:
        seconds: of all iterations by themselves.
        iterations: how many these are.
        speed: of the run.
        done: how many of them; left out, all.
    """
    each, upto = seconds / iterations, iterations if done is None else min(done, iterations)
    slow = slow_seconds(0, upto, each) if speed == "slow" else 0.0
    return (upto * each + slow) / (1 - get_manager().evaluation_share)


def run_forecast(config: MethodConfig, speed: Speed) -> RunForecast | None:
    """Forecast of a run of a named data set; None while a speed is unknown, and is being measured."""
    data = data_shape(config.dataset)
    if data is None:
        return None
    learning = condensation_workload(config, data)
    testing = tests_workload((config,), data, requested_test())
    speeds = job_speeds(learning + testing).value
    if speeds is None:
        return None
    seconds, iterations = speeds.estimate(learning).seconds, config.iterations
    images = learning_seconds(seconds, iterations, speed)
    shapes = learning_seconds(seconds, iterations, speed, FIRST_SHAPES)
    return RunForecast(shapes, images, images + speeds.estimate(testing).seconds)
