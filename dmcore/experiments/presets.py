"""Presets of the tables, paper and laptop: condensation, training, evaluation protocol, seeds and repeats.

They depend on facts of the data set: from the catalogue, from a run of it, or from the loaded images.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel

from dmcore.config import (
    METHODS,
    CondenseConfig,
    DcConfig,
    EvaluateConfig,
    Method,
    MethodConfig,
    NetworkSpec,
    Selection,
    SetChange,
    TrainingConfig,
)
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.laptop_presets import laptop_condense_config, laptop_training_config
from dmcore.config.protocols import METHOD_PROTOCOLS, PAPER, QUICK
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.table import Recipe

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.folder import RunFolder

Model = TypeVar("Model", bound=BaseModel)
PresetName = Literal["laptop", "paper"]
PRESETS: tuple[PresetName, ...] = ("laptop", "paper")
PROTOCOLS = {"laptop": QUICK, "paper": PAPER}
"""Evaluation protocol of each preset."""
LARGE_SIDE = 64
"""From this side on the published experiments use a ConvNet of depth 4, and half the iterations."""
LAPTOP_GRADIENT_ITERATIONS = ((10, 10), (1, 300))
"""Least images per class, and iterations of DC and DSA in the laptop preset: minutes, with their loops."""
SHARED_BY_METHODS = {"dataset", "width", "depth", "real_batch"}
"""Settings of a preset's distribution matching that its gradient matching has, too."""
HIGH_RATE_FROM = 100
"""Images per class from which the published pixels' learning rate is ten."""


@dataclass(frozen=True)
class DataFacts:
    """Facts on a data set that a table needs before the data are opened."""

    name: str
    """What `load_dataset` takes."""
    title: str
    shape: tuple[int, int, int]
    train_count: int


@dataclass(frozen=True)
class Preset:
    """Preset of a table, laptop or paper: settings of its condensations, trainings and tests."""

    name: PresetName
    condense: CondenseConfig
    training: TrainingConfig
    protocol: EvaluateConfig
    seeds: tuple[int, ...]
    repeats: int
    gradient_iterations: int | None = None
    """Iterations of DC and DSA; None: those of the preset for the images per class."""

    @property
    def network(self) -> NetworkSpec:
        """ConvNet that embeds the images and is tested."""
        return self.condense.network_spec()

    def condensed(self, sizes: Sequence[int], seed: int, **changes: object) -> dict[int, Recipe]:
        """Recipes of distribution matching by images per class: one run with a set for each size."""
        config = CondenseConfig.model_validate(
            {
                **self.condense.model_dump(),
                **changes,
                "seed": seed,
                "sets": [_set(size, changes) for size in sizes],
            }
        )
        return {
            size: Recipe(method="dm", seed=seed, images_per_class=size, sizes=tuple(sizes), condense=config)
            for size in sizes
        }

    def gradient_matched(
        self, method: Literal["dc", "dsa"], sizes: Sequence[int], seed: int, **changes: object
    ) -> dict[int, Recipe]:
        """Recipes of DC or DSA by images per class: a run for each size, with its published loops.

        Raises:
            ValueError: a size that has no published loops.
        """
        unpublished = [size for size in sizes if size not in PUBLISHED_LOOPS]
        if unpublished:
            *others, last = map(str, PUBLISHED_LOOPS)
            raise ValueError(
                f"DC and DSA have no published loops for {unpublished[0]} images per class: ask for "
                f"{', '.join(others)} or {last}, or leave these methods out"
            )
        shared = self.condense.model_dump(include=SHARED_BY_METHODS)
        recipes = {}
        for size in sizes:
            config = METHODS[method].model_validate(
                {
                    **shared,
                    **changes,
                    "images_per_class": size,
                    "iterations": self.gradient_iterations or gradient_iterations(self.name, size),
                    "seed": seed,
                }
            )
            recipes[size] = Recipe(
                method=method, seed=seed, images_per_class=size, sizes=(size,), condense=config
            )
        return recipes

    def selected(self, method: Selection, sizes: Sequence[int], seed: int) -> dict[int, Recipe]:
        """Recipes of a selection by images per class; each seed has a trained network of its own."""
        training = self.training.model_copy(update={"seed": seed})
        return {
            size: Recipe(
                method=method, seed=seed, images_per_class=size, sizes=tuple(sizes), training=training
            )
            for size in sizes
        }

    def whole(self, seed: int) -> Recipe:
        """Recipe of the reference: all real images, augmented as the protocol has it."""
        changes = {"seed": seed, "augment": self.protocol.augment}
        return Recipe(method="whole", seed=seed, training=self.training.model_copy(update=changes))


def preset(name: PresetName, data: DataFacts) -> Preset:
    """Create the preset for a data set."""
    if name == "laptop":
        config = laptop_condense_config(data.shape).model_copy(update={"dataset": data.name})
        training = laptop_training_config(data.shape, data.train_count)
        return Preset(name, config, training, QUICK, (0, 1, 2), QUICK.repeats)
    large = min(data.shape[1:]) >= LARGE_SIDE
    config = CondenseConfig(
        dataset=data.name, depth=4 if large else 3, iterations=10_000 if large else 20_000
    )
    training = TrainingConfig(depth=config.depth)
    return Preset(name, config, training, PAPER, (0, 1, 2, 3, 4), PAPER.repeats)


def protocol_of(name: PresetName, method: Method | None) -> EvaluateConfig:
    """Evaluation protocol of a preset, or with as many networks the one published with a method."""
    usual = PROTOCOLS[name]
    return usual if method is None else METHOD_PROTOCOLS[method].model_copy(update={"repeats": usual.repeats})


def gradient_iterations(name: PresetName, images_per_class: int) -> int:
    """Iterations of DC and DSA in a preset, each with the loops for these images per class."""
    if name == "paper":
        return DcConfig.model_fields["iterations"].default  # type: ignore[no-any-return]
    return next(count for size, count in LAPTOP_GRADIENT_ITERATIONS if images_per_class >= size)


def override_preset(
    chosen: Preset,
    *,
    seeds: int | None = None,
    repeats: int | None = None,
    epochs: int | None = None,
    iterations: int | None = None,
    width: int | None = None,
    real_batch: int | None = None,
) -> Preset:
    """Replace some settings of a preset; those that are None stay.

    Args:
        chosen: the preset.
        seeds: number of independent sets.
        repeats: networks trained on each set.
        epochs: of each test network.
        iterations: of each condensation by distribution matching.
        width: of all ConvNets.
        real_batch: real images per class and iteration.

    Raises:
        ValidationError: a setting out of range.
    """
    overrides = {
        name: value
        for name, value in (
            *(("seeds", seeds), ("repeats", repeats), ("epochs", epochs)),
            *(("iterations", iterations), ("width", width), ("real_batch", real_batch)),
        )
        if value is not None
    }

    def changed(model: Model, *names: str) -> Model:
        changes = {name: overrides[name] for name in names if name in overrides}
        return model.model_validate({**model.model_dump(), **changes})

    return replace(
        chosen,
        condense=changed(chosen.condense, "iterations", "width", "real_batch"),
        training=changed(chosen.training, "width"),
        protocol=changed(chosen.protocol, "epochs"),
        seeds=chosen.seeds if seeds is None else tuple(range(seeds)),
        repeats=EvaluateConfig(repeats=chosen.repeats if repeats is None else repeats).repeats,
    )


def per_class(count: int) -> str:
    """Name of the column for so many images per class."""
    return f"{count} per class"


def condensed_title(config: MethodConfig, data_title: str) -> str:
    """Title of a table's condensation in the list of runs; different configurations can have the same."""
    sizes = ", ".join(str(spec.images_per_class) for spec in config.all_sets())
    norm = f", {config.norm} norm" if config.norm is not None else ""
    source = getattr(config, "source", "random")
    networks = f"{config.network}{norm}{'' if source == 'random' else f', {source}'}"
    return f"{data_title}, {config.method.upper()} with {networks}, {sizes} per class, seed {config.seed}"


def _set(size: int, changes: Mapping[str, object]) -> SetChange:
    """Set of one size; a learning rate among the changes applies to all sets."""
    high_rate = size >= HIGH_RATE_FROM and "image_lr" not in changes
    return SetChange(images_per_class=size, image_lr=10.0 if high_rate else None)


def catalogue_facts(name: str) -> DataFacts | None:
    """Facts of a named data set from the catalogue, without loading it; None for a path."""
    entry = CATALOGUE.get(name)
    return None if entry is None else DataFacts(name, entry.title, entry.shape, entry.train_count)


def facts_from_runs(name: str, runs: Iterable["RunFolder"]) -> DataFacts | None:
    """Facts of the data set at a path from the first run of it; None where no run has counted its images."""
    for run in runs:
        data = run.description.data
        if data.name == name and data.train_count:
            shape = (data.channels, data.height, data.width)
            return DataFacts(name, data.title or name, shape, data.train_count)
    return None


def facts_of(dataset: "DataSet") -> DataFacts:
    """Facts of a loaded data set."""
    return DataFacts(dataset.name, dataset.title, dataset.shape, len(dataset.train))
