"""Table 4 of the paper: DM by embedding networks (random, bands of trained ones, a few fixed ones, pixels).

The paper's rows are random, bands of validation accuracy, and all; the others are ours.
"""

from collections.abc import Sequence

from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.embedding.pool_index import PoolIndex, accuracy_bands
from dmcore.experiments.deviations import PAPER_POOL
from dmcore.experiments.presets import DataFacts, Preset, per_class
from dmcore.experiments.table import Cell, Table

SIZES = {"laptop": (1, 10), "paper": (1, 10, 50)}
FIXED = (1, 8, 32)
"""Numbers of fixed networks in the default table."""
PIXEL_RATE = 0.1
"""Learning rate where pixels are matched: with the usual 1, operations that brighten make them diverge."""
PIXEL_NOTE = (
    f"Pixels: learned with a learning rate of {PIXEL_RATE:g}, as with the others' 1 the images run away: a "
    "network's norm bounds the features, and nothing bounds pixels."
)
POOL = {"laptop": (20, 600), "paper": PAPER_POOL}
"""Networks of the pool, and updates of each, by preset."""


def default_sources(index: PoolIndex | None, networks: int, dataset: str) -> tuple[NetworkSource, ...]:
    """Default rows of the table: those without a pool, and given a pool its bands and all of it."""
    pooled: tuple[NetworkSource, ...] = ()
    if index is not None:
        pooled = (*accuracy_bands(index.states(networks), dataset), parse_source("all"))
    fixed = (parse_source(f"fixed:{count}") for count in FIXED)
    return (parse_source("random"), *pooled, *fixed, parse_source("pixels"))


def table4(
    data: DataFacts,
    chosen: Preset,
    sources: Sequence[NetworkSource],
    sizes: Sequence[int] = (),
    networks: int = 0,
    steps: int = 0,
) -> Table:
    """Create table 4, or a part of it.

    Args:
        data: the data set.
        chosen: the preset.
        sources: rows.
        sizes: images per class; the preset's if empty.
        networks: of the pool; the preset's if 0.
        steps: updates of each of them; the preset's if 0.
    """
    sizes = tuple(sizes) or SIZES[chosen.name]
    default_networks, default_steps = POOL[chosen.name]
    cells = [
        Cell(
            row=source.name,
            column=per_class(size),
            recipe=recipe,
            network=chosen.network,
            repeats=chosen.repeats,
        )
        for seed in chosen.seeds
        for source in sources
        for size, recipe in chosen.condensed(
            sizes, seed, **_changes(source, networks or default_networks, steps or default_steps)
        ).items()
    ]
    return Table(
        name="table4",
        title=f"{data.title}: which networks embed the images",
        dataset=data.name,
        protocol=chosen.protocol,
        row_title="Networks",
        column_title="Images per class",
        rows=tuple(dict.fromkeys(source.name for source in sources)),
        columns=tuple(per_class(size) for size in sizes),
        cells=tuple(cells),
    )


def _changes(source: NetworkSource, networks: int, steps: int) -> dict[str, object]:
    """A run without a pool has no pool settings, so that tables with other pools reuse it."""
    pool = {"pool_networks": networks, "pool_steps": steps} if source.pooled else {}
    rate = {"image_lr": PIXEL_RATE} if source.kind == "pixels" else {}
    return {"source": str(source), **pool, **rate}
