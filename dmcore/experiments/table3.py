"""Table 3 of the paper: cross-architecture generalisation, learned on (rows) and tested on (columns).

Images are learned by DM; where it is asked for, one more row is learned by DSA, on a ConvNet as in the paper.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import field_validator

from dmcore.config import NetworkName, NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, PresetName
from dmcore.experiments.table import Cell, Recipe
from dmcore.experiments.table_config import GradientTableConfig, Titles, Unique

NAMES: dict[NetworkName, str] = {
    "convnet": "ConvNet",
    "alexnet": "AlexNet",
    "vgg11": "VGG-11",
    "resnet18": "ResNet-18",
    "resnet18_ap": "ResNet-18 AP",
    "mlp": "MLP",
    "lenet": "LeNet",
}
Learner = Literal["convnet", "alexnet", "vgg11", "resnet18", "resnet18_ap", "dsa"]
NormChoice = Literal["own", Norm]
NORM_NAMES: dict[NormChoice, str] = {
    norm: {"own": "each its own", "none": "none"}.get(norm, f"{norm} norm") for norm in get_args(NormChoice)
}
LEARNERS: tuple[Learner, ...] = get_args(Learner)
"""Architectures that DM can learn on, and DSA on a ConvNet; the others are only tested."""
LEARNER_NAMES: dict[Learner, str] = {
    learner: "ConvNet by DSA" if learner == "dsa" else NAMES[learner] for learner in LEARNERS
}
PAPER: tuple[Learner, ...] = ("convnet", "alexnet", "vgg11", "resnet18")
LAPTOP_LEARNERS: tuple[Learner, ...] = ("convnet", "alexnet", "vgg11")
LAPTOP_TESTERS: tuple[NetworkName, ...] = ("convnet", "alexnet", "mlp")
"""In few passes LeNet learns little (after 100 it is near chance); AlexNet takes most of the time."""
LAPTOP_ITERATIONS = {"convnet": 300}
LAPTOP_FEW = 60
"""Iterations on a laptop with the larger architectures, which take a multiple of the time."""


class Table3Config(GradientTableConfig):
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
    leading = (*GradientTableConfig.leading, "learners", "testers", "norm")

    learners: Annotated[tuple[Learner, ...], Unique, Titles(LEARNER_NAMES)] = ()
    """Rows, architectures that sets are learned on by DM, and dsa for DSA on a ConvNet, a comma list."""
    testers: Annotated[tuple[NetworkName, ...], Unique, Titles(NAMES)] = ()
    """Columns, architectures that are trained on the sets, a comma list."""
    norm: Annotated[NormChoice | None, Titles(NORM_NAMES)] = None
    """Normalisation of all networks that have any; own: each architecture's."""

    @field_validator("images_per_class")
    @classmethod
    def _one_size(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if len(sizes) > 1:
            raise ValueError("table3 takes one number")
        return sizes

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set and the images per class."""
        (size,) = self.images_per_class
        return f"{data.title}, {size} per class: learned on one architecture, tested on another"

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, architecture that learns, and architecture that is tested."""
        norm = None if self.norm == "own" else self.norm
        for seed in chosen.seeds:
            for learner in self.learners:
                recipe = self._recipe(chosen, learner, norm, seed)
                for tester in self.testers:
                    yield Cell(
                        row=LEARNER_NAMES[learner],
                        column=NAMES[tester],
                        recipe=recipe,
                        network=_spec(tester, norm, chosen),
                        repeats=chosen.repeats,
                    )

    def _recipe(self, chosen: Preset, learner: Learner, norm: Norm | None, seed: int) -> Recipe:
        if learner == "dsa":
            (recipe,) = chosen.gradient_matched("dsa", self.images_per_class, seed, norm=norm).values()
            return recipe
        changes: dict[str, object] = _spec(learner, norm, chosen).model_dump()
        if self.preset == "laptop":
            changes["replay"] = learner != "convnet"
            if self.iterations is None:
                changes["iterations"] = LAPTOP_ITERATIONS.get(learner, LAPTOP_FEW)
        (recipe,) = chosen.condensed(self.images_per_class, seed, **changes).values()
        return recipe


def _spec(network: NetworkName, norm: Norm | None, chosen: Preset) -> NetworkSpec:
    """A ConvNet of the preset's size; other architectures have one size. MLP and LeNet have no norm."""
    norm = None if network in ("mlp", "lenet") else norm
    if network == "convnet":
        return NetworkSpec(**{**chosen.network.model_dump(), "norm": norm})
    return NetworkSpec(network=network, norm=norm)
