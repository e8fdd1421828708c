"""Differences between a cell of a table and a published experiment, as short texts.

What the paper leaves open is taken from our defaults, which are those of the published code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel

from dmcore.config import (
    ALL_OPERATIONS,
    DEFAULT_NORMS,
    CondenseConfig,
    DsaConfig,
    EvaluateConfig,
    GradientMatchingConfig,
    NetworkSpec,
    Norm,
    Operation,
    TrainingConfig,
)
from dmcore.config.formatting import grouped, joined
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import HIGH_RATE_FROM
from dmcore.experiments.table import Cell
from dmcore.experiments.table3 import NAMES

LARGE_IMAGE_DATA = ("tinyimagenet", "imagenet64")
"""Data sets of 64×64 pixels: half the iterations, and a ConvNet of depth 4."""
PAPER_POOL = (60, 10_000)
"""Networks of the pool, and updates of each, of our paper preset; the paper does not give its numbers."""
NETWORK_METHODS = ("whole", "herding", "forgetting")
"""Methods whose result depends on a network that was trained on all real images."""

TAKEN_OVER = ("random", "herding", "forgetting", "dc")
"""Methods whose published numbers are of earlier papers, which tested otherwise."""


class EarlierTest(NamedTuple):
    """Training of the test networks in an earlier paper."""

    epochs: int
    augmentation: str


EARLIER_TESTS = {
    "mnist": EarlierTest(1000, "one crop, scaling or rotation of each image"),
    "cifar10": EarlierTest(300, "no augmentation"),
    "cifar100": EarlierTest(300, "no augmentation"),
    "fashion_mnist": EarlierTest(300, "no augmentation"),
}
"""Of the methods in `TAKEN_OVER`, by data set. Source: the code of DC."""

UNKNOWN_TRAINING = "the training of the networks: that of theirs is not known here"

NETWORK_TEXTS = {
    "width": "width {}, not {}",
    "depth": "depth {}, not {}",
    "activation": "{} activation, not {}",
    "pooling": "{} pooling, not {}",
}
"""Options that only a ConvNet has."""
CONDENSE_TEXTS = {
    "iterations": "{} iterations, not {}",
    "real_batch": "{} real images per class and iteration, not {}",
}
SET_TEXTS = {
    "image_lr": "learning rate {} of the pixels, not {}",
    "momentum": "momentum {} of the pixels, not {}",
    "init": "started from {}, not {}",
}
GRADIENT_TEXTS = {
    "distance": "distance of gradients {}, not {}",
    "network_lr": "learning rate {} of the matched network, not {}",
    "network_batch": "batches of {} for the matched network, not {}",
}
LOOP_TEXTS = {
    "outer_steps": "{} matching steps of an iteration, not {}",
    "inner_epochs": "{} epochs between matching steps, not {}",
}
POOL_TEXTS = {
    "pool_networks": "a pool of {} networks, not our paper preset's {}",
    "pool_steps": "networks of the pool trained for {} steps, not our paper preset's {}",
}
PROTOCOL_TEXTS = {
    "epochs": "{} epochs of each test network, not {}",
    "learning_rate": "learning rate {} of the test networks, not {}",
    "momentum": "momentum {} of the test networks, not {}",
    "weight_decay": "weight decay {} of the test networks, not {}",
    "batch": "batches of {} for the test networks, not {}",
}
TRAINING_TEXTS = {
    "epochs": "{} epochs over all real images, not {}",
    "learning_rate": "learning rate {} over all real images, not {}",
    "momentum": "momentum {} over all real images, not {}",
    "weight_decay": "weight decay {} over all real images, not {}",
    "batch": "batches of {} of all real images, not {}",
}


@dataclass(frozen=True)
class PublishedExperiment:
    """Data, networks and sizes of a published number; its method comes from the cell."""

    data: str
    """Registry name of the data set."""
    norm: Norm
    """Of all networks."""
    any_network: bool = False
    """Whether the architectures are the cell's own (table 3), not ConvNets."""
    sizes: tuple[int, ...] = ()
    """Images per class that numbers were published for; empty where any are."""
    test: EarlierTest | None = None
    """Of the test networks, where the paper took the number over; None: by the paper's own protocol."""
    unknown_training: bool = False
    """Whether it is not known how the networks that the number is of were trained."""


class Deviation(NamedTuple):
    """Setting in which a cell is another experiment than the published one."""

    setting: str
    """Name of the setting: a field of the configuration, with `test_` before it for the test networks and
    `whole_` for networks trained on all real images."""
    text: str
    """Ours and theirs, as a short text."""


def deviations_from(theirs: PublishedExperiment, cell: Cell, protocol: EvaluateConfig) -> Iterator[Deviation]:
    """Yield each difference; one of several networks comes once for each."""
    recipe, size = cell.recipe, cell.recipe.images_per_class
    networks, steps = PAPER_POOL
    paper = CondenseConfig(
        depth=4 if theirs.data in LARGE_IMAGE_DATA else 3,
        iterations=10_000 if theirs.data in LARGE_IMAGE_DATA else 20_000,
        image_lr=10.0 if size >= HIGH_RATE_FROM else 1.0,
        pool_networks=networks,
        pool_steps=steps,
    )
    if recipe.condense is not None and theirs.sizes and size not in theirs.sizes:
        published = joined(map(grouped, theirs.sizes)).replace(" and ", " or ")
        yield Deviation("images_per_class", f"{grouped(size)} images per class, not {published}")
    if isinstance(recipe.condense, GradientMatchingConfig):
        yield from _gradient_matching(recipe.condense, theirs, paper.depth)
    elif (ours := recipe.dm_config) is not None:
        yield from _network(ours.network_spec(), theirs, paper.depth)
        yield from _changed(ours, paper, CONDENSE_TEXTS)
        spec = next((spec for spec in ours.all_sets() if spec.images_per_class == size), None)
        yield from _changed(ours if spec is None else spec, paper, SET_TEXTS)
        yield from _operations("augment", ours.augment, theirs.data, "condensing")
        if ours.replay:
            yield Deviation("replay", "replay of real means")
        if ours.network_source.pooled:
            yield from _changed(ours, paper, POOL_TEXTS)
        if ours.network_source.pooled and ours.pool_half:
            yield Deviation("pool_half", "a pool stored in half precision")
    if theirs.unknown_training:
        yield from _network(cell.network, theirs, paper.depth)
        yield Deviation("test_protocol", UNKNOWN_TRAINING)
        return
    if recipe.method != "whole":
        yield from _network(cell.network, theirs, paper.depth)
        yield from _test(protocol, theirs)
    if recipe.method in NETWORK_METHODS and recipe.training is not None:
        yield from _network(recipe.training.network_spec(), theirs, paper.depth)
        yield from _changed(recipe.training, TrainingConfig(), TRAINING_TEXTS, "whole_")
        augment = recipe.training.augment
        yield from _operations("whole_augment", augment, theirs.data, "training on all real images")


def _gradient_matching(
    ours: GradientMatchingConfig, theirs: PublishedExperiment, depth: int
) -> Iterator[Deviation]:
    """Learning by DC or DSA; loops are published for these images per class, or nothing to compare with."""
    yield from _network(ours.network_spec(), theirs, depth)
    usual = type(ours).model_validate({"images_per_class": ours.images_per_class, **_given_loops(ours)})
    yield from _changed(ours, usual, CONDENSE_TEXTS)
    yield from _changed(ours, usual, SET_TEXTS)
    yield from _changed(ours, usual, GRADIENT_TEXTS)
    published = PUBLISHED_LOOPS.get(ours.images_per_class, ours.loops)
    for name, count, of_theirs in zip(LOOP_TEXTS, ours.loops, published, strict=True):
        if count != of_theirs:
            yield Deviation(name, LOOP_TEXTS[name].format(grouped(count), grouped(of_theirs)))
    if isinstance(ours, DsaConfig):
        yield from _operations("augment", ours.augment, theirs.data, "condensing")


def _given_loops(ours: GradientMatchingConfig) -> dict[str, int | None]:
    return {"outer_steps": ours.outer_steps, "inner_epochs": ours.inner_epochs}


def _test(ours: EvaluateConfig, theirs: PublishedExperiment) -> Iterator[Deviation]:
    """Training of the test networks."""
    if theirs.test is None:
        yield from _changed(ours, EvaluateConfig(), PROTOCOL_TEXTS, "test_")
        yield from _operations("test_augment", ours.augment, theirs.data, "training the test networks")
        return
    usual = EvaluateConfig(epochs=ours.epochs)
    yield from _changed(ours, usual, PROTOCOL_TEXTS, "test_")
    augmentation = "no augmentation" if ours.augment == () else "our augmentation"
    if EarlierTest(ours.epochs, augmentation) != theirs.test:
        text = (
            f"test networks of {grouped(ours.epochs)} epochs with {augmentation}, not of "
            f"{grouped(theirs.test.epochs)} epochs with {theirs.test.augmentation}: the number is "
            "an earlier paper's"
        )
        yield Deviation("test_protocol", text)


def _network(ours: NetworkSpec, theirs: PublishedExperiment, depth: int) -> Iterator[Deviation]:
    name = NAMES[ours.network]
    if ours.network != "convnet" and not theirs.any_network:
        yield Deviation("network", f"{name}, not {NAMES['convnet']}")
        return
    norm = DEFAULT_NORMS[ours.network] if ours.norm is None else ours.norm
    if norm != theirs.norm:
        yield Deviation("norm", f"{name} with {_norm(norm)}, not {_norm(theirs.norm)}")
    if ours.network == "convnet":
        yield from _changed(ours, NetworkSpec(depth=depth), NETWORK_TEXTS)


def _changed(
    ours: BaseModel, theirs: BaseModel, texts: Mapping[str, str], prefix: str = ""
) -> Iterator[Deviation]:
    for field, text in texts.items():
        our_value, their_value = getattr(ours, field), getattr(theirs, field)
        if our_value != their_value:
            yield Deviation(prefix + field, text.format(_value_text(our_value), _value_text(their_value)))


def _operations(
    setting: str, ours: tuple[Operation, ...] | None, data: str, doing: str
) -> Iterator[Deviation]:
    """The published strategy is all six operations, without flip where that changes the meaning."""
    entry = CATALOGUE.get(data)
    usual = {
        operation
        for operation in ALL_OPERATIONS
        if operation != "flip" or entry is None or entry.flip_keeps_label
    }
    if ours is not None and set(ours) != usual:
        text = f"{', '.join(ours) or 'no augmentation'} while {doing}, not {', '.join(sorted(usual))}"
        yield Deviation(setting, text)


def _norm(norm: Norm) -> str:
    return "no norm" if norm == "none" else f"{norm} norm"


def _value_text(value: object) -> str:
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        return f"{value:g}"
    return {"real": "real images", "wrong_class": "images of a wrong class"}.get(str(value), str(value))
