"""Table 3 of the paper: cross-architecture generalisation, learned on (rows) and tested on (columns)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import model_validator

from dmcore.config import NetworkName, NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, PresetName
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table_config import TableConfig, Unique

NAMES: dict[NetworkName, str] = {
    "convnet": "ConvNet",
    "alexnet": "AlexNet",
    "vgg11": "VGG-11",
    "resnet18": "ResNet-18",
    "resnet18_ap": "ResNet-18 AP",
    "mlp": "MLP",
    "lenet": "LeNet",
}
Learner = Literal["convnet", "alexnet", "vgg11", "resnet18", "resnet18_ap"]
NormChoice = Literal["own"] | Norm
NORMS: tuple[NormChoice, ...] = ("own", *get_args(Norm))
LEARNERS: tuple[Learner, ...] = get_args(Learner)
"""Architectures that can embed in a condensation; the others are only tested."""
PAPER: tuple[Learner, ...] = ("convnet", "alexnet", "vgg11", "resnet18")
LAPTOP_LEARNERS: tuple[Learner, ...] = ("convnet", "alexnet", "vgg11")
LAPTOP_TESTERS: tuple[NetworkName, ...] = ("convnet", "alexnet", "mlp")
"""In few passes LeNet learns little (after 100 it is near chance); AlexNet takes most of the time."""
SIZES = {"laptop": 10, "paper": 50}
LAPTOP_ITERATIONS = {"convnet": 300}
LAPTOP_FEW = 60
"""Iterations on a laptop with the larger architectures, which take a multiple of the time."""


class Table3Config(TableConfig):
    """Table 3: learned on one architecture, tested on others."""

    name = "table3"
    label = "Table 3"
    meaning = "Images learned on one architecture, tested on another."
    row_title = "Learned on"
    column_title = "Tested on"
    figure = "matrix"
    paper_table = 3
    cell_text = "learned on {row}, testing {column}"
    usual_dataset: ClassVar[Mapping[PresetName, str]] = {"laptop": "cifar10", "paper": "cifar10"}
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {
            "images_per_class": (10,),
            "learners": LAPTOP_LEARNERS,
            "testers": LAPTOP_TESTERS,
            "norm": "own",
            "seeds": 1,
            "iterations": None,
        },
        "paper": {"images_per_class": (50,), "learners": PAPER, "testers": PAPER, "norm": "batch"},
    }
    leading = (*TableConfig.leading, "learners", "testers", "norm")

    learners: Annotated[tuple[Learner, ...], Unique] = ()
    """Rows, architectures that sets are learned on, a comma list."""
    testers: Annotated[tuple[NetworkName, ...], Unique] = ()
    """Columns, architectures that are trained on the sets, a comma list."""
    norm: NormChoice | None = None
    """Normalisation of all networks that have any; own: each architecture's."""

    @model_validator(mode="after")
    def _one_size(self) -> "Table3Config":
        if len(self.images_per_class) > 1:
            raise ValueError("--images-per-class: table3 takes one number")
        return self

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set and the images per class."""
        (size,) = self.images_per_class
        return f"{data.title}, {size} per class: learned on one architecture, tested on another"

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, architecture that learns, and architecture that is tested."""
        norm = None if self.norm in ("own", None) else self.norm
        for seed in chosen.seeds:
            for learner in self.learners:
                changes: dict[str, object] = _spec(learner, norm, chosen).model_dump()
                if self.preset == "laptop":
                    changes["replay"] = learner != "convnet"
                    if self.iterations is None:
                        changes["iterations"] = LAPTOP_ITERATIONS.get(learner, LAPTOP_FEW)
                (recipe,) = chosen.condensed(self.images_per_class, seed, **changes).values()
                for tester in self.testers:
                    yield Cell(
                        row=NAMES[learner],
                        column=NAMES[tester],
                        recipe=recipe,
                        network=_spec(tester, norm, chosen),
                        repeats=chosen.repeats,
                    )


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
