"""Cost of a set-up: the time and memory that it takes here, in a sentence."""

from collections.abc import Sequence
from dataclasses import replace

from app.answers.question import Look
from app.jobs.manager import get_manager
from app.jobs.throttle import Speed
from app.jobs.timings import cost_sentence, data_shape, job_speeds
from app.setup.forecast import learning_seconds
from app.setup.testing import requested_test, tests_workload
from dmcore.config import MethodConfig
from dmcore.config.formatting import SECONDS_IN_HOUR
from dmcore.execution.cost import condensation_workload, time_range, total_workload


def takes_sentence(configs: Sequence[MethodConfig], speed: Speed = "full") -> str:
    """What learning and testing these set-ups one after the other costs; empty where that cannot be said.

    Nor is anything said while a speed can only be measured after what is running.
    """
    data = data_shape(configs[0].dataset)
    if data is None:
        return ""
    learning = total_workload(condensation_workload(config, data) for config in configs)
    testing = tests_workload(configs, data, requested_test())
    look = job_speeds(learning + testing)
    if look.pending and get_manager().busy:
        return ""
    if look.value is None:
        return cost_sentence(look.then(lambda speeds: Look(speeds.estimate(learning))))
    images, tests = look.value.estimate(learning), look.value.estimate(testing)

    def both(of_images: float, of_tests: float) -> float:
        return learning_seconds(of_images, configs[0].iterations, speed) + of_tests

    estimate = replace(
        images,
        seconds=both(images.seconds, tests.seconds),
        quiet_seconds=both(images.quiet_seconds, tests.quiet_seconds),
    )
    tests_time = time_range(tests.quiet_seconds, tests.seconds)
    of_it = f" {tests_time} of it for the test at the end." if tests.seconds else ""
    advice = " Better on a GPU." if estimate.seconds > 2 * SECONDS_IN_HOUR else ""
    return cost_sentence(Look(estimate)) + of_it + advice
