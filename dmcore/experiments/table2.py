"""Table 2 of the paper: DM with batch norm instead of instance norm, in condensation and evaluation."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from dmcore.config import NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.table import Cell
from dmcore.experiments.table_config import TableConfig

NORMS: dict[Norm, str] = {"instance": "DM, instance norm", "batch": "DM, batch norm"}


class Table2Config(TableConfig):
    """Table 2: DM with instance and with batch norm."""

    name = "table2"
    label = "Table 2"
    meaning = "The same condensation with instance norm and with batch norm, learned and tested alike."
    row_title = "Learned and tested with"
    compared_row = NORMS["batch"]
    paper_table = 2
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {"images_per_class": (10,)},
        "paper": {"images_per_class": (50,)},
    }

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set."""
        return f"{data.title}: learned and tested with instance and with batch norm"

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, norm and number of images."""
        for seed in chosen.seeds:
            for norm, row in NORMS.items():
                network = NetworkSpec(**{**chosen.network.model_dump(), "norm": norm})
                for size, recipe in chosen.condensed(self.images_per_class, seed, norm=norm).items():
                    yield Cell(
                        row=row,
                        column=per_class(size),
                        recipe=recipe,
                        network=network,
                        repeats=chosen.repeats,
                    )
