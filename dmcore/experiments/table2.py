"""Table 2 of the paper: DM with batch norm instead of instance norm, in condensation and evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from dmcore.config import NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table_config import TableConfig

NORMS: dict[Norm, str] = {"instance": "DM, instance norm", "batch": "DM, batch norm"}
SIZES = {"laptop": (10,), "paper": (50,)}


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


def table2(data: DataFacts, chosen: Preset, sizes: Sequence[int] = ()) -> Table:
    """Create table 2 for one data set; `sizes` are images per class, the preset's if empty."""
    sizes = tuple(sizes) or SIZES[chosen.name]
    cells = [
        Cell(
            row=row,
            column=per_class(size),
            recipe=recipe,
            network=NetworkSpec(**{**chosen.network.model_dump(), "norm": norm}),
            repeats=chosen.repeats,
        )
        for seed in chosen.seeds
        for norm, row in NORMS.items()
        for size, recipe in chosen.condensed(sizes, seed, norm=norm).items()
    ]
    return Table(
        name="table2",
        title=f"{data.title}: learned and tested with instance and with batch norm",
        dataset=data.name,
        protocol=chosen.protocol,
        row_title="Learned and tested with",
        column_title="Images per class",
        rows=tuple(NORMS.values()),
        columns=tuple(per_class(size) for size in sizes),
        cells=tuple(cells),
    )
