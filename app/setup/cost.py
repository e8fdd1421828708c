"""Cost of a set-up: the time and memory that it takes here, in a sentence."""

from collections.abc import Sequence
from dataclasses import replace

from app.answers.question import Look
from app.jobs.throttle import Speed
from app.jobs.timings import cost_sentence, data_shape, job_speeds
from app.setup.forecast import learning_seconds
from app.setup.testing import requested_test, tests_workload
from dmcore.config import CondenseConfig
from dmcore.config.formatting import SECONDS_IN_HOUR
from dmcore.execution.cost import condensation_workload, time_range, total_workload


def takes_sentence(configs: Sequence[CondenseConfig], speed: Speed = "full") -> str:
    """What learning and testing these set-ups one after the other costs; empty where that cannot be said."""
    data = data_shape(configs[0].dataset)
    if data is None:
        return ""
    learning = total_workload(condensation_workload(config, data) for config in configs)
    testing = tests_workload(configs, data, requested_test())
    look = job_speeds(learning + testing)
    if look.value is None:
        return cost_sentence(look.then(lambda speeds: Look(speeds.estimate(learning))))
    estimate, tests = look.value.estimate(learning), look.value.estimate(testing).seconds
    images = learning_seconds(estimate.seconds, configs[0].iterations, speed)
    estimate = replace(estimate, seconds=images + tests)
    of_it = f" {time_range(tests, estimate.slowdown)} of it for the test at the end." if tests else ""
    advice = " Better on a GPU." if estimate.seconds > 2 * SECONDS_IN_HOUR else ""
    return cost_sentence(Look(estimate)) + of_it + advice
