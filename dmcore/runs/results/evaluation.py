"""Evaluate a set of a run by the published protocol, beside real images, and keep the results in the run.

Section 4.1 of the paper. What is kept names its protocol and how many networks it is the mean of.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Int64
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import DataSet, LabelledImages
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.networks import feature_width
from dmcore.randomness import numpy_generator
from dmcore.runs.creation import digest
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet, condensed_of, relabelled
from dmcore.runs.results.result_file import Kind, ResultFile, refuse_unwritable
from dmcore.training.evaluate import Event, NetworkTested, evaluate

LARGE_SIDE = 64
"""From this side on the published experiments use a ConvNet of depth 4."""


def evaluate_run(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None = None,
    kind: Kind = "condensed",
    *,
    plan: Plan | None = None,
) -> Generator[Event, None, None]:
    """Train fresh networks on a set (or on real images in its place), test them, and write `results/`.

    A result is written anew after each tested network, so that whatever ends the evaluation loses none.

    Args:
        folder: the run.
        set_name: which set; may be left open where there is only one.
        dataset: the real images the run was condensed from.
        config: the protocol. With `all_real` its epochs are passes over the whole training set.
        iteration: which images of the set; the latest when left open.
        kind: the condensed images; as many random real ones (drawn by `config.seed`); all real ones.
        plan: where and how to compute; left out, the best device of this machine.

    Raises:
        ValueError: no such set or iteration (names those there are), not the run's data set or classes, or a
            network that cannot be built for these images; all before the first is trained.
        StorageError: the results cannot be written; before the first is trained, or where the disk refuses
            only later, after all networks of that architecture were given, or when this is closed.
    """
    plan = plan or evaluation_plan()
    asked = _ask(folder, set_name, dataset, config, iteration, kind)
    refuse_unwritable(folder)
    for spec in asked.networks:
        kept = asked.result_file(folder, spec)
        try:
            for event in evaluate(asked.images, asked.label, asked.test, [spec], asked.protocol, plan):
                if isinstance(event, NetworkTested):
                    kept.take(event)
                yield event
        except GeneratorExit:
            kept.refuse_lost()
            raise
        kept.refuse_lost()


def condensed_for(
    dataset: DataSet, folder: RunFolder, set_name: str | None = None, iteration: int | None = None
) -> CondensedSet:
    """A set out of a run, labelled in the data set's order of classes.

    Raises:
        ValueError: no such set or iteration, or not the run's data set or classes.
    """
    condensed = condensed_of(folder, set_name, iteration)
    _refuse_other_data(folder, dataset)
    return replace(condensed, label=_label_by(dataset, condensed, folder), class_names=dataset.class_names)


def networks_of(
    config: EvaluateConfig, folder: RunFolder, shape: tuple[int, int, int]
) -> tuple[NetworkSpec, ...]:
    """The architectures asked for: the run's own with the run's options, others with their defaults."""
    own = folder.config.network_spec() if folder.config is not None else None
    large = min(shape[1:]) >= LARGE_SIDE
    usual = {"convnet": NetworkSpec(depth=4)} if large else {}
    if own is not None:
        usual[own.network] = own
    return tuple(usual.get(name) or NetworkSpec(network=name) for name in config.networks)


def random_real(real: LabelledImages, images_per_class: int, seed: int) -> tuple[Tensor, Tensor]:
    """As many random real images per class, without replacement: (uint8 images, label), class by class.

    Raises:
        ValueError: a class has fewer.
    """
    random = numpy_generator(seed, 0, "evaluation random real")
    chosen = []
    for name, members in zip(real.class_names, real.by_class, strict=True):
        if len(members) < images_per_class:
            raise ValueError(
                f"class {name!r} has {len(members)} real images, fewer than {images_per_class}: "
                "compare with all real images instead"
            )
        chosen.append(members[torch.from_numpy(random.permutation(len(members))[:images_per_class])])
    index = torch.cat(chosen)
    return real.images[index], real.label[index]


def _refuse_other_data(folder: RunFolder, dataset: DataSet) -> None:
    data = folder.description.data
    if data.digest is not None and data.digest != digest(dataset):
        raise ValueError(
            f"run {folder.id} was condensed from other training images than these of {dataset.title}: "
            f"evaluate it on {data.name} as it was then"
        )


def _label_by(dataset: DataSet, condensed: CondensedSet, folder: RunFolder) -> Int64[Tensor, " image"]:
    """The labels of a set by the data set's order of classes; bare numbers name no order.

    Raises:
        ValueError: the set has other classes.
    """
    names, known = condensed.class_names, dataset.class_names
    if sorted(names) == sorted(known):
        return relabelled(condensed.label, names, known, f"run {folder.id}", dataset.title)
    if names == tuple(map(str, range(len(known)))):
        return condensed.label
    raise ValueError(
        f"run {folder.id} has the classes {_different(names, known)}, {dataset.title} has "
        f"{_different(known, names)}: evaluate it on the data set it was condensed from"
    )


def _different(names: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Some of the names, first those that the others lack."""
    shown = sorted(names, key=lambda name: name in others)
    return ", ".join(shown[:4]) + (f" … ({len(shown)})" if len(shown) > 4 else "")


@dataclass(frozen=True)
class _Asked:
    """What is trained on, what is tested with, and how: checked."""

    set_name: str
    iteration: int
    kind: Kind
    images: Tensor
    label: Int64[Tensor, " image"]
    test: LabelledImages
    networks: tuple[NetworkSpec, ...]
    protocol: EvaluateConfig

    def result_file(self, folder: RunFolder, spec: NetworkSpec) -> ResultFile:
        """Where the result of one architecture goes."""
        return ResultFile(folder, self.set_name, self.iteration, self.kind, spec, self.protocol)


def _ask(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None,
    kind: Kind,
) -> _Asked:
    condensed = condensed_for(dataset, folder, set_name, iteration)
    specs = networks_of(config, folder, dataset.shape)
    for spec in specs:
        feature_width(spec, *dataset.shape)  # builds it without memory, so refuses what cannot be built
    protocol = config.model_copy(update={"augment": strategy(config.augment, dataset.mirrored_is_same)})
    test, reached = dataset.test, 0
    images: Tensor
    if kind == "condensed":
        images, label, reached = condensed.images, condensed.label, condensed.iteration
        test = replace(test, statistics=condensed.statistics)
    elif kind == "random_real":
        images, label = random_real(
            dataset.train, len(condensed.label) // len(condensed.class_names), config.seed
        )
    else:
        images, label = dataset.train.images, dataset.train.label
    return _Asked(condensed.name, reached, kind, images, label, test, specs, protocol)
