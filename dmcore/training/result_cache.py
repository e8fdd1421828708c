"""Cells of the paper's tables: one fresh network trained on one small set and tested, kept by content.

The same images, network, protocol and repeat are never trained twice: not for another table, not after a
kill, not for more repeats. Knows no run folders and no tables.
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
"""Test images, as many of each class, that the first network of each set is tested on while it learns."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Images to train on; what they are called does not matter to their cells."""

    images: Tensor
    """Normalised float32 or stored uint8 [image, channel, height, width]."""
    label: Int64[Tensor, " image"]
    """By the order of the test images' classes."""
    statistics: Statistics
    """By which the images are normalised, and test images will be."""

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that differ when a pixel, a label or the normalisation differs."""
        content = hashlib.sha256(f"{self.statistics} {self.images.dtype} {tuple(self.images.shape)}".encode())
        for tensor in (self.images, self.label):
            content.update(np.ascontiguousarray(tensor.cpu().numpy()).data)
        return content.hexdigest()[:16]


@dataclass(frozen=True)
class TrainingEpoch:
    """One epoch of a cell that is being computed."""

    network: NetworkSpec
    repeat: int
    epoch: int
    epochs: int
    accuracy: float | None
    """Percent of `CURVE_IMAGES` test images, at some epochs of the first repeat."""


def evaluate_cached(
    judged: TrainingSet,
    dataset: DataSet,
    network: NetworkSpec,
    repeats: Sequence[int],
    protocol: EvaluateConfig,
    cache: Path,
    plan: Plan | None = None,
) -> Iterator[CachedResult | TrainingEpoch]:
    """The cells of one set and architecture: those that are known at once, the others as they are trained.

    Args:
        judged: what to train on.
        dataset: its test images judge.
        network: the architecture with its options.
        repeats: which networks; their numbers decide all that is random in them.
        protocol: how to train; its `networks` and `repeats` do not count.
        cache: the cache root.
        plan: where and how to compute; left out, on the best device of this machine.

    Raises:
        ValueError: no test images, images of another size, or a network too deep for them.
        StorageError: the cache cannot be written to.
    """
    check_trainable(judged.images, judged.label, dataset.test)
    feature_width(network, *dataset.shape)  # builds it without memory, so refuses what cannot be built
    files = {one: cached_result_file(judged, dataset, network, one, protocol, cache) for one in repeats}
    missing = []
    for repeat, file in files.items():
        known = read_cached_result(file, network, repeat)
        if known is None:
            missing.append(repeat)
        else:
            yield known
    if not missing:
        return
    plan = plan or evaluation_plan()
    test = replace(dataset.test, statistics=judged.statistics).to(plan.torch_device)
    watched = stratified_subset(test, CURVE_IMAGES)
    trainings = (
        _trained(
            judged, test, watched if repeat == 0 else None, network, repeat, protocol, files[repeat], plan
        )
        for repeat in missing
    )
    yield from events_under_plan(plan, round_robin(trainings, plan.workers))


def cached_result_file(
    judged: TrainingSet,
    dataset: DataSet,
    network: NetworkSpec,
    repeat: int,
    protocol: EvaluateConfig,
    cache: Path,
) -> Path:
    """Where a cell is kept: a name made of all that decides its number."""
    how = protocol.model_copy(
        update={
            "networks": (network.network,),
            "repeats": 1,
            "augment": strategy(protocol.augment, dataset.flip_keeps_label),
        }
    )
    parts = (FORMAT, judged.digest, dataset.digest, network.model_dump_json(), how.model_dump_json(), repeat)
    name = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]
    return cache / "cells" / name[:2] / f"{name}.json"


def stratified_subset(test: LabelledImages, most: int) -> LabelledImages:
    """At most so many test images, as many of each class as there are: always the same ones."""
    if len(test) <= most:
        return test
    random = numpy_generator(0, 0, "watched test images")
    each = max(1, most // len(test.class_names))
    chosen = torch.cat(
        [members[torch.from_numpy(random.permutation(len(members))[:each])] for members in test.by_class]
    ).to(test.images.device)
    return replace(test, images=test.images[chosen], label=test.label[chosen])


def _trained(
    judged: TrainingSet,
    test: LabelledImages,
    watched: LabelledImages | None,
    network: NetworkSpec,
    repeat: int,
    protocol: EvaluateConfig,
    file: Path,
    plan: Plan,
) -> Generator[CachedResult | TrainingEpoch, None, None]:
    """Train one network, test it and keep the cell."""
    curve: list[tuple[int, float]] = []
    events = train_network(judged.images, judged.label, test, network, repeat, protocol, plan, watched)
    for event in events:
        if isinstance(event, EpochDone):
            if event.accuracy is not None:
                curve.append((event.epoch, event.accuracy))
            yield TrainingEpoch(network, repeat, event.epoch, event.epochs, event.accuracy)
        elif isinstance(event, NetworkTested):
            confusion = tuple(tuple(row) for row in event.confusion.tolist())
            cell = CachedResult(file, network, repeat, event.accuracy, confusion, tuple(curve), fresh=True)
            write_cached_result(cell)
            yield cell
