"""Cost of a race's tests before it is run; the time for condensing is given. Torch is not needed."""

from dmcore.execution.cost import DataShape, Workload, training_workload
from dmcore.experiments.figure4.config import Figure4Config


def testing_workload(config: Figure4Config, data: DataShape, workers: int) -> Workload:
    """Workload of all tests of a race, which come on top of the condensing.

    Args:
        config: the race.
        data: its data set.
        workers: networks that are trained at the same time.
    """
    network = config.lane_config(config.lanes[0], 0, data.shape).network_spec()
    images = data.classes * config.images_per_class
    each = training_workload(network, images, config.repeats, config.protocol(0), data, workers)
    return each * float(config.count_tests())
