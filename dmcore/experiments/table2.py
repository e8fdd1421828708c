"""Table 2 of the paper: DM with batch norm instead of instance norm, in condensation and evaluation."""

from collections.abc import Sequence

from dmcore.config import NetworkSpec, Norm
from dmcore.experiments.presets import DataFacts, Preset, per_class
from dmcore.experiments.table import Cell, Table

NORMS: dict[Norm, str] = {"instance": "DM, instance norm", "batch": "DM, batch norm"}
SIZES = {"laptop": (10,), "paper": (50,)}


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
