"""Cache of evaluation results: one fresh network trained on one small set and tested, keyed by content.

The same images, network, protocol and repeat are never trained twice: not for another table, not after a
kill, not for more repeats.
"""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.execution.plan import Plan, evaluation_plan, events_under_plan
from dmcore.execution.workers import round_robin
from dmcore.networks import feature_width
from dmcore.randomness import numpy_generator
from dmcore.training.checks import check_trainable
from dmcore.training.evaluate import EpochDone, NetworkTested, train_network
from dmcore.training.result_cache_files import CachedResult, read_cached_result, write_cached_result

FORMAT = 1
CURVE_IMAGES = 1000
"""Test images, as many of each class, for the accuracy curve of the first network of each set."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Images, labels and normalisation that a classifier is trained on: a part of the cache key."""

    images: Tensor
    """Normalised float32 or stored uint8 [image, channel, height, width]."""
    label: Int64[Tensor, " image"]
    """Class of each image, in the order of the test images' classes."""
    statistics: Statistics
    """Normalisation of these images, applied to the test images too."""

    @cached_property
    def digest(self) -> str:
        """Hash of pixels, labels and normalisation, 16 hexadecimal digits."""
        content = hashlib.sha256(f"{self.statistics} {self.images.dtype} {tuple(self.images.shape)}".encode())
        for tensor in (self.images, self.label):
            content.update(np.ascontiguousarray(tensor.cpu().numpy()).data)
        return content.hexdigest()[:16]


@dataclass(frozen=True)
class TrainingEpoch:
    """Event: one epoch of a network whose result is not cached yet."""

    network: NetworkSpec
    repeat: int
    epoch: int
    epochs: int
    accuracy: float | None
    """Percent of `CURVE_IMAGES` test images at epochs of the accuracy curve, first repeat only; else None."""


def evaluate_cached(
    training_set: TrainingSet,
    dataset: DataSet,
    network: NetworkSpec,
    repeats: Sequence[int],
    protocol: EvaluateConfig,
    cache: Path,
    plan: Plan | None = None,
) -> Iterator[CachedResult | TrainingEpoch]:
    """Evaluate one set with one architecture: yields cached results at once, the others as they are trained.

    Args:
        training_set: what to train on.
        dataset: its test images are used.
        network: the architecture with its options.
        repeats: indices of the networks; they seed everything random in them.
        protocol: how to train; its `networks` and `repeats` are ignored.
        cache: the cache root.
        plan: where and how to compute; if None, on the best device of this machine.

    Raises:
        ValueError: no test images, images of another size, or a network too deep for them.
        StorageError: the cache cannot be written to.
    """
    check_trainable(training_set.images, training_set.label, dataset.test)
    feature_width(network, *dataset.shape)  # builds it without memory: raises if it cannot be built
    files = {
        repeat: cached_result_file(training_set, dataset, network, repeat, protocol, cache)
        for repeat in repeats
    }
    missing = []
    for repeat, file in files.items():
        cached = read_cached_result(file, network, repeat)
        if cached is None:
            missing.append(repeat)
        else:
            yield cached
    if not missing:
        return
    plan = plan or evaluation_plan()
    test = replace(dataset.test, statistics=training_set.statistics).to(plan.torch_device)
    curve_test = stratified_subset(test, CURVE_IMAGES)
    trainings = (
        _trained(
            training_set,
            test,
            curve_test if repeat == 0 else None,
            network,
            repeat,
            protocol,
            files[repeat],
            plan,
        )
        for repeat in missing
    )
    yield from events_under_plan(plan, round_robin(trainings, plan.workers))


def cached_result_file(
    training_set: TrainingSet,
    dataset: DataSet,
    network: NetworkSpec,
    repeat: int,
    protocol: EvaluateConfig,
    cache: Path,
) -> Path:
    """Path of a cached result: the hash of all that determines it."""
    settings = protocol.model_copy(
        update={
            "networks": (network.network,),
            "repeats": 1,
            "augment": strategy(protocol.augment, dataset.flip_keeps_label),
        }
    )
    parts = (
        FORMAT,
        training_set.digest,
        dataset.digest,
        network.model_dump_json(),
        settings.model_dump_json(),
        repeat,
    )
    name = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]
    return cache / "cells" / name[:2] / f"{name}.json"


def stratified_subset(test: LabelledImages, most: int) -> LabelledImages:
    """Subset of at most `most` test images, as many of each class: always the same ones."""
    if len(test) <= most:
        return test
    random = numpy_generator(0, 0, "watched test images")
    per_class = max(1, most // len(test.class_names))
    chosen = torch.cat(
        [members[torch.from_numpy(random.permutation(len(members))[:per_class])] for members in test.by_class]
    ).to(test.images.device)
    return replace(test, images=test.images[chosen], label=test.label[chosen])


def _trained(
    training_set: TrainingSet,
    test: LabelledImages,
    curve_test: LabelledImages | None,
    network: NetworkSpec,
    repeat: int,
    protocol: EvaluateConfig,
    file: Path,
    plan: Plan,
) -> Generator[CachedResult | TrainingEpoch, None, None]:
    """Train one network, test it and store the result."""
    curve: list[tuple[int, float]] = []
    events = train_network(
        training_set.images, training_set.label, test, network, repeat, protocol, plan, curve_test
    )
    for event in events:
        if isinstance(event, EpochDone):
            if event.accuracy is not None:
                curve.append((event.epoch, event.accuracy))
            yield TrainingEpoch(network, repeat, event.epoch, event.epochs, event.accuracy)
        elif isinstance(event, NetworkTested):
            confusion = tuple(tuple(row) for row in event.confusion.tolist())
            result = CachedResult(file, network, repeat, event.accuracy, confusion, tuple(curve), fresh=True)
            write_cached_result(result)
            yield result
