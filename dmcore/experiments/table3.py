"""Table 3 of the paper: cross-architecture generalisation, learned on (rows) and tested on (columns)."""

from collections.abc import Sequence
from typing import Literal

from dmcore.config import NetworkName, NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset
from dmcore.experiments.table import Cell, Table

NAMES: dict[NetworkName, str] = {
    "convnet": "ConvNet",
    "alexnet": "AlexNet",
    "vgg11": "VGG-11",
    "resnet18": "ResNet-18",
    "resnet18_ap": "ResNet-18 AP",
    "mlp": "MLP",
    "lenet": "LeNet",
}
LEARNERS = tuple(network for network in NAMES if network not in ("mlp", "lenet"))
"""Architectures that can embed in a condensation; the others are only tested."""
PAPER: tuple[NetworkName, ...] = ("convnet", "alexnet", "vgg11", "resnet18")
LAPTOP_LEARNERS: tuple[NetworkName, ...] = ("convnet", "alexnet", "vgg11")
LAPTOP_TESTERS: tuple[NetworkName, ...] = ("convnet", "alexnet", "mlp")
"""In few passes LeNet learns little (after 100 it is near chance); AlexNet takes most of the time."""
SIZES = {"laptop": 10, "paper": 50}
LAPTOP_ITERATIONS = {"convnet": 300}
LAPTOP_FEW = 60
"""Iterations on a laptop with the larger architectures, which take a multiple of the time."""


def table3(
    data: DataFacts,
    chosen: Preset,
    learners: Sequence[NetworkName] = (),
    testers: Sequence[NetworkName] = (),
    norm: Norm | Literal["own"] | None = None,
    images_per_class: int = 0,
) -> Table:
    """Create table 3, or a part of it.

    Args:
        data: the data set.
        chosen: the preset.
        learners: rows, of `LEARNERS`; the preset's if empty.
        testers: columns; the preset's if empty.
        norm: of all networks, or `own`: each architecture's; if None, batch norm in the paper preset and each
            architecture's own in the laptop preset.
        images_per_class: the preset's if 0.
    """
    paper = chosen.name == "paper"
    learners = tuple(learners) or (PAPER if paper else LAPTOP_LEARNERS)
    testers = tuple(testers) or (PAPER if paper else LAPTOP_TESTERS)
    norm = norm or ("batch" if paper else "own")
    fixed_norm = None if norm == "own" else norm
    size = images_per_class or SIZES[chosen.name]
    all_seeds = paper or "seeds" in chosen.overridden
    seeds = chosen.seeds if all_seeds else chosen.seeds[:1]
    cells = [
        Cell(
            row=NAMES[learner],
            column=NAMES[tester],
            recipe=chosen.condensed((size,), seed, **_learning(learner, fixed_norm, chosen))[size],
            network=_spec(tester, fixed_norm, chosen),
            repeats=chosen.repeats,
        )
        for seed in seeds
        for learner in learners
        for tester in testers
    ]
    return Table(
        name="table3",
        title=f"{data.title}, {size} per class: learned on one architecture, tested on another",
        dataset=data.name,
        protocol=chosen.protocol,
        row_title="Learned on",
        column_title="Tested on",
        rows=tuple(NAMES[learner] for learner in learners),
        columns=tuple(NAMES[tester] for tester in testers),
        cells=tuple(cells),
    )


def _learning(learner: NetworkName, norm: Norm | None, chosen: Preset) -> dict[str, object]:
    changes: dict[str, object] = _spec(learner, norm, chosen).model_dump()
    if chosen.name == "laptop":
        if "iterations" not in chosen.overridden:
            changes["iterations"] = LAPTOP_ITERATIONS.get(learner, LAPTOP_FEW)
        changes["replay"] = learner != "convnet"
    return changes


def _spec(network: NetworkName, norm: Norm | None, chosen: Preset) -> NetworkSpec:
    """A ConvNet of the preset's size; other architectures have one size. MLP and LeNet have no norm."""
    norm = None if network in ("mlp", "lenet") else norm
    if network == "convnet":
        return NetworkSpec(**{**chosen.network.model_dump(), "norm": norm})
    return NetworkSpec(network=network, norm=norm)
