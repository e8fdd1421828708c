"""Table 4 of the paper: DM by embedding networks (random, bands of trained ones, a few fixed ones, pixels).

The paper's rows are random, bands of validation accuracy, and all; the others are ours.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from dmcore.config import PoolConfig
from dmcore.config.models import SourceText
from dmcore.config.network_source import RANDOM, NetworkSource, parse_source
from dmcore.embedding.pool_index import PoolIndex, accuracy_bands, find_index, pool_states
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.published.deviations import PAPER_POOL
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table_config import PoolCount, StepCount, TableConfig, Unique

FIXED = (1, 8, 32)
"""Numbers of fixed networks in the default table."""
PIXEL_RATE = 0.1
"""Learning rate where pixels are matched: with the usual 1, operations that brighten make them diverge."""
PIXEL_NOTE = (
    f"Pixels: learned with a learning rate of {PIXEL_RATE:g}, as with the others' 1 the images run away: a "
    "network's norm bounds the features, and nothing bounds pixels."
)


def default_sources(index: PoolIndex | None, networks: int, dataset: str) -> tuple[NetworkSource, ...]:
    """Default rows of the table: those without a pool, and given a pool its bands and all of it."""
    pooled: tuple[NetworkSource, ...] = ()
    if index is not None:
        pooled = (*accuracy_bands(index.states(networks), dataset), parse_source("all"))
    fixed = (parse_source(f"fixed:{count}") for count in FIXED)
    return (parse_source("random"), *pooled, *fixed, parse_source("pixels"))


class Table4Config(TableConfig):
    """Table 4: DM by embedding networks, random and trained."""

    name = "table4"
    label = "Table 4"
    meaning = "The same condensation with random networks, with trained ones, with a few, and with none."
    row_title = "Networks"
    figure = "sources"
    compared_row = RANDOM.name
    paper_table = 4
    sets_by_row = True
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {"images_per_class": (1, 10), "pool_networks": 20, "pool_steps": 600},
        "paper": {
            "images_per_class": (1, 10, 50),
            "pool_networks": PAPER_POOL[0],
            "pool_steps": PAPER_POOL[1],
        },
    }
    leading = ("preset", "dataset", "sources", "images_per_class")

    sources: Annotated[tuple[SourceText, ...], Unique] = ()
    """Rows, a comma list of random, fixed:K, band:FROM-TO, all, interpolated:T and pixels; left open, random,
    the pool's bands, all, three numbers of fixed networks, and pixels."""
    pool_networks: PoolCount | None = None
    """Networks of the pool; missing ones are trained first."""
    pool_steps: StepCount | None = None
    """Updates of each network of the pool."""

    @property
    def network_sources(self) -> tuple[NetworkSource, ...]:
        """The chosen rows."""
        return tuple(map(parse_source, self.sources))

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set."""
        return f"{data.title}: which networks embed the images"

    def resolved(self, data: DataFacts, cache: Path | None = None) -> "Table4Config":
        """Fill what is left open; bands and all are among the default rows once the pool is complete."""
        filled = super().resolved(data, cache)
        if self.sources:
            return filled
        request = self.pool_request(data)
        index = None if cache is None else find_index(data.name, request.config, cache)
        return filled.with_rows(data, index)

    def default_sources(self, data: DataFacts, index: PoolIndex | None) -> tuple[NetworkSource, ...]:
        """Default rows; bands and all are among them once the pool is complete: until then they move."""
        networks = self.pool_request(data).networks
        complete = index is not None and index.networks >= networks
        return default_sources(index if complete else None, networks, data.name)

    def with_rows(self, data: DataFacts, index: PoolIndex | None) -> "Table4Config":
        """The configuration with its rows: the chosen sources in the default order, others at the end."""
        default, chosen = self.default_sources(data, index), self.network_sources
        ordered = [source for source in default if source in chosen or not chosen]
        ordered += [source for source in chosen if source not in default]
        return self.model_copy(update={"sources": tuple(map(str, ordered))})

    def command_for(self, data: DataFacts, index: PoolIndex | None) -> str:
        """Command line of a configuration with rows; it builds the pool first, so default bands are open."""
        rows = self.network_sources
        default = rows == self.default_sources(data, index) and any(source.pooled for source in rows)
        return (self.model_copy(update={"sources": ()}) if default else self).command_line

    def pool_request(self, data: DataFacts) -> PoolRequest:
        """Pool that sources of trained networks draw from."""
        filled = self._with_preset(data)
        assert filled.pool_steps is not None
        assert filled.pool_networks is not None
        network = self.settings(data).network
        config = PoolConfig(**network.model_dump(), pool_steps=filled.pool_steps)
        return PoolRequest(dataset=data.name, config=config, networks=filled.pool_networks)

    def pool(self, data: DataFacts) -> PoolRequest | None:
        """Pool that the rows draw from; None where none of the chosen rows does."""
        if self.sources and not any(source.pooled for source in self.network_sources):
            return None
        return self.pool_request(data)

    def empty_bands(self, data: DataFacts, index: PoolIndex | None) -> list[str]:
        """Errors of chosen bands without any network in a complete pool, a sentence each."""
        networks = self.pool_request(data).networks
        if index is None or index.networks < networks:
            return []
        errors = []
        for source in self.network_sources:
            if source.kind == "band":
                try:
                    pool_states(index, source, networks)
                except ValueError as refusal:
                    errors.append(str(refusal))
        return errors

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, source and number of images."""
        assert self.pool_networks is not None
        assert self.pool_steps is not None
        for seed in chosen.seeds:
            for source in self.network_sources:
                changes = _changes(source, self.pool_networks, self.pool_steps)
                for size, recipe in chosen.condensed(self.images_per_class, seed, **changes).items():
                    yield Cell(
                        row=source.name,
                        column=per_class(size),
                        recipe=recipe,
                        network=chosen.network,
                        repeats=chosen.repeats,
                    )


def source_kinds(table: Table) -> dict[str, str]:
    """Kind of the network source of each row, in order."""
    kinds = {
        cell.row: cell.recipe.dm_config.network_source.kind
        for cell in table.cells
        if cell.recipe.dm_config is not None
    }
    return {row: kinds.get(row, "") for row in table.rows}


def _changes(source: NetworkSource, networks: int, steps: int) -> dict[str, object]:
    """A run without a pool has no pool settings, so that tables with other pools reuse it."""
    pool = {"pool_networks": networks, "pool_steps": steps} if source.pooled else {}
    rate = {"image_lr": PIXEL_RATE} if source.kind == "pixels" else {}
    return {"source": str(source), **pool, **rate}
