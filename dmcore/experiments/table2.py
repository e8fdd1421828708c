"""Table 2 of the paper: batch norm instead of instance norm, in condensation and evaluation, DM and DSA."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from dmcore.config import NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.table import Cell, Recipe
from dmcore.experiments.table_config import GradientTableConfig, Titles, Unique

MethodName = Literal["dm", "dsa"]
NAMES: dict[MethodName, str] = {"dm": "DM", "dsa": "DSA"}
DSA_TIME = "DSA takes longer than DM from 10 images per class on."
NORMS: tuple[Norm, ...] = ("instance", "batch")


def row_name(method: MethodName, norm: Norm) -> str:
    """Row of a method with a norm: 'DM, batch norm'."""
    return f"{NAMES[method]}, {norm} norm"


class Table2Config(GradientTableConfig):
    """Table 2: DM, and where asked for DSA, with instance and with batch norm."""

    name = "table2"
    label = "Table 2"
    meaning = "The same condensation with instance norm and with batch norm, learned and tested alike."
    row_title = "Learned and tested with"
    compared_row = row_name("dm", "batch")
    paper_table = 2
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {"images_per_class": (10,), "methods": ("dm",)},
        "paper": {"images_per_class": (50,), "methods": ("dm",)},
    }
    leading = (*GradientTableConfig.leading, "methods")

    methods: Annotated[tuple[MethodName, ...], Unique, Titles(NAMES, DSA_TIME)] = ()
    """Learning methods, dm and dsa, a comma list; left open, dm."""

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set."""
        return f"{data.title}: learned and tested with instance and with batch norm"

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, method, norm and number of images."""
        for seed in chosen.seeds:
            for method in self.methods:
                for norm in NORMS:
                    network = NetworkSpec(**{**chosen.network.model_dump(), "norm": norm})
                    for size, recipe in self._recipes(chosen, method, norm, seed).items():
                        yield Cell(
                            row=row_name(method, norm),
                            column=per_class(size),
                            recipe=recipe,
                            network=network,
                            repeats=chosen.repeats,
                        )

    def _recipes(self, chosen: Preset, method: MethodName, norm: Norm, seed: int) -> dict[int, Recipe]:
        if method == "dm":
            return chosen.condensed(self.images_per_class, seed, norm=norm)
        return chosen.gradient_matched(method, self.images_per_class, seed, norm=norm)
