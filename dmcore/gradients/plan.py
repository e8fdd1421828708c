"""Execution plan of gradient matching, and what it refuses before anything is computed."""

import torch

from dmcore.config.gradient_matching import DcConfig, DsaConfig, GradientMatchingConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.fused_training import VERSION
from dmcore.execution.machine import usable_cores
from dmcore.execution.memory_check import refuse_if_too_large
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.gradients.draws import STATISTICS_BATCH
from dmcore.networks import build_network, uses_batch_statistics
from dmcore.networks.double_backward import check_double_backward
from dmcore.randomness import torch_generator
from dmcore.training.minibatch import cached_piece_size


def make_gradient_plan(
    config: DcConfig | DsaConfig,
    shape: tuple[int, int, int],
    classes: int,
    device: str = "auto",
    threads: int | None = None,
) -> Plan:
    """Make the execution plan of a run on this machine: classes and pieces of a minibatch go to workers.

    Args:
        config: the run.
        shape: channels, height, width of its images.
        classes: how many classes its data set has.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; None: all that this process may use.

    Raises:
        ValueError: the device does not work here, or it needs more memory than is free.
    """
    plan, spec = evaluation_plan(device, threads), config.network_spec()
    plan = plan.model_copy(update={"workers": min(plan.workers, classes)})
    per_image = activation_bytes(spec, shape, classes)
    refuse_if_too_large(config, shape, classes, per_image, plan.torch_device, plan.workers)
    if plan.device != "cpu":
        return plan
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
    piece = cached_piece_size(spec, shape, classes, network)
    # images meet in a batch norm while the network is trained: such a minibatch cannot go to workers
    joint = uses_batch_statistics(spec)
    threads = usable_cores(threads) if joint else 1
    return plan.model_copy(update={"piece": piece, "threads": threads, "quick": VERSION})


def check_gradient_matching(config: GradientMatchingConfig, dataset: DataSet, plan: Plan) -> None:
    """Raise if the run's network or data set cannot be matched by gradients.

    Raises:
        ValueError: a layer without double backward, or too few real images for the statistics of batch norm.
    """
    spec = config.network_spec()
    least, name = dataset.train.smallest_class
    if uses_batch_statistics(spec) and least < STATISTICS_BATCH:
        raise ValueError(
            f"class {name!r} has {least} real image{'s' * (least != 1)}, and gradient matching sets the "
            f"statistics of batch norm from {STATISTICS_BATCH} of each class: leave that class out, or take "
            "another norm"
        )
    network = empty_network(
        spec, dataset.shape, len(dataset.class_names), plan.torch_device, plan.channels_last
    )
    initialise(network, torch_generator(config.seed, 0, "double backward"))
    check_double_backward(network, dataset.shape, config.network)
