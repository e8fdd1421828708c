"""Evaluation of a run's synthetic set: train networks on it (or on real images), test them, store results.

The published protocol (section 4.1 of the paper). A stored result has its protocol and number of networks.
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
from dmcore.runs.description import ResultKind
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet, read_condensed_set, relabelled
from dmcore.runs.lock import used
from dmcore.runs.results.evaluation_tasks import architectures_of
from dmcore.runs.results.result_file import ResultFile, check_writable
from dmcore.runs.runs_root import update_format
from dmcore.training.evaluate import EvaluationEvent, NetworkTested, TrainingSet, evaluate


def evaluate_run(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None = None,
    kind: ResultKind = "condensed",
    *,
    plan: Plan | None = None,
) -> Generator[EvaluationEvent, None, None]:
    """Train networks from scratch on a set (or on real images instead), test them, and write `results/`.

    A result file is rewritten after each tested network, so that an interrupted evaluation loses none.

    Args:
        folder: the run.
        set_name: which set; may be left open where there is only one.
        dataset: the real images the run was condensed from.
        config: the protocol. With `all_real` its epochs are passes over the whole training set.
        iteration: which images of the set; the latest when left open.
        kind: the condensed images; as many random real ones (each network on a draw of its own, by
            `config.seed` and its number); all real ones.
        plan: where and how to compute; left out, the best device of this machine.

    Raises:
        ValueError: no such set or iteration (names the existing ones), not the run's data set or classes, or
            a network that cannot be built for these images; all before the first is trained.
        StorageError: the results cannot be written; before the first is trained, or where the disk refuses
            only later, after all networks of that architecture were given, or when this is closed.
    """
    plan = plan or evaluation_plan()
    evaluation = _prepare(folder, set_name, dataset, config, iteration, kind)
    check_writable(folder)
    update_format(folder)
    (first, *further), test = evaluation.sets, evaluation.test
    with used(folder.path):
        for spec in evaluation.networks:
            result_file = evaluation.result_file(folder, spec)
            try:
                for event in evaluate(*first, test, [spec], evaluation.protocol, plan, further):
                    if isinstance(event, NetworkTested):
                        result_file.add(event)
                    yield event
            except GeneratorExit:
                result_file.raise_write_error()
                raise
            result_file.raise_write_error()


def condensed_for(
    dataset: DataSet, folder: RunFolder, set_name: str | None = None, iteration: int | None = None
) -> CondensedSet:
    """Condensed set of a run with labels in the data set's order of classes.

    Raises:
        ValueError: no such set or iteration, or not the run's data set or classes.
    """
    condensed = read_condensed_set(folder, set_name, iteration)
    _check_same_data(folder, dataset)
    label = _reordered_label(dataset, condensed, folder)
    return replace(condensed, label=label, class_names=dataset.class_names)


def random_real(
    real: LabelledImages, images_per_class: int, seed: int, draw: int = 0
) -> tuple[Tensor, Tensor]:
    """Random real images, `images_per_class` of each class without replacement: (uint8 images, label).

    Draws of one seed are independent of each other.

    Raises:
        ValueError: a class has fewer.
    """
    random = numpy_generator(seed, draw, "evaluation random real")
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


def _check_same_data(folder: RunFolder, dataset: DataSet) -> None:
    data = folder.description.data
    if data.digest is not None and data.digest != dataset.train_digest:
        raise ValueError(
            f"run {folder.id} was condensed from other training images than these of {dataset.title}"
            f"{dataset.version_remark}: "
            f"evaluate it on {data.name} as it was then"
        )


def _reordered_label(dataset: DataSet, condensed: CondensedSet, folder: RunFolder) -> Int64[Tensor, " image"]:
    """Labels of a set in the data set's order of classes; classes named 0, 1 ... keep their labels.

    Raises:
        ValueError: the set has other classes.
    """
    names, target = condensed.class_names, dataset.class_names
    if sorted(names) == sorted(target):
        return relabelled(condensed.label, names, target, f"run {folder.id}", dataset.title)
    if names == tuple(map(str, range(len(target)))):
        return condensed.label
    raise ValueError(
        f"run {folder.id} has the classes {_different(names, target)}, {dataset.title} has "
        f"{_different(target, names)}: evaluate it on the data set it was condensed from"
    )


def _different(names: tuple[str, ...], others: tuple[str, ...]) -> str:
    """A few of the names, those missing among the others first."""
    ordered = sorted(names, key=lambda name: name in others)
    return ", ".join(ordered[:4]) + (f" … ({len(ordered)})" if len(ordered) > 4 else "")


@dataclass(frozen=True)
class _Evaluation:
    """Validated inputs of an evaluation: training images, test images, networks, protocol."""

    set_name: str
    iteration: int
    kind: ResultKind
    sets: tuple[TrainingSet, ...]
    """Training images: one set for all networks, or a draw for each."""
    test: LabelledImages
    networks: tuple[NetworkSpec, ...]
    protocol: EvaluateConfig

    def result_file(self, folder: RunFolder, spec: NetworkSpec) -> ResultFile:
        """File for the result of one architecture."""
        draws = len(self.sets)
        return ResultFile(folder, self.set_name, self.iteration, self.kind, spec, self.protocol, draws)


def _prepare(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None,
    kind: ResultKind,
) -> _Evaluation:
    condensed = condensed_for(dataset, folder, set_name, iteration)
    specs = architectures_of(config, folder, dataset.shape)
    for spec in specs:
        feature_width(spec, *dataset.shape)  # built on the meta device: raises where it cannot be built
    protocol = config.model_copy(update={"augment": strategy(config.augment, dataset.flip_keeps_label)})
    test, stored_iteration = dataset.test, 0
    sets: tuple[TrainingSet, ...]
    if kind == "condensed":
        sets, stored_iteration = ((condensed.images, condensed.label),), condensed.iteration
        test = replace(test, statistics=condensed.statistics)
    elif kind == "random_real":
        size = len(condensed.label) // len(condensed.class_names)
        sets = tuple(random_real(dataset.train, size, config.seed, draw) for draw in range(config.repeats))
    else:
        sets = ((dataset.train.images, dataset.train.label),)
    return _Evaluation(condensed.name, stored_iteration, kind, sets, test, specs, protocol)
