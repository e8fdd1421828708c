"""Choices of the page Random or trained?: data set, embedding networks, sizes; their table and commands.

The same choices and the same pool always give the same table.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from app.jobs.pool_request import PoolRequest
from dmcore.config import PoolConfig
from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.embedding.pool_index import PoolIndex, pool_states
from dmcore.experiments.presets import DataFacts, Preset, PresetName, override_preset, preset
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import POOL, SIZES, default_sources, table4

SIZE_OPTIONS = ("seeds", "repeats", "iterations", "epochs", "width", "pool_networks", "pool_steps")
"""Sizes that the command line names where they differ from the preset's."""


@dataclass(frozen=True)
class DistributionChoices:
    """Choices of table 4; None or empty: the preset's."""

    data: DataFacts
    preset: PresetName = "laptop"
    sources: tuple[NetworkSource, ...] = ()
    images_per_class: tuple[int, ...] = ()
    seeds: int | None = None
    repeats: int | None = None
    iterations: int | None = None
    epochs: int | None = None
    width: int | None = None
    pool_networks: int | None = None
    pool_steps: int | None = None

    @property
    def resolved_preset(self) -> Preset:
        """The preset with the chosen sizes, but for the pool."""
        return override_preset(
            preset(self.preset, self.data),
            **{name: getattr(self, name) for name in SIZE_OPTIONS if not name.startswith("pool_")},
        )

    @property
    def pool_request(self) -> PoolRequest:
        """Request for the pool that sources of trained networks draw from."""
        networks, steps = POOL[self.preset]
        config = PoolConfig(**self.resolved_preset.network.model_dump(), pool_steps=self.pool_steps or steps)
        return PoolRequest(dataset=self.data.name, config=config, networks=self.pool_networks or networks)

    def default_rows(self, index: PoolIndex | None) -> tuple[NetworkSource, ...]:
        """Default rows; bands are among them once the pool is complete, because until then they move."""
        pool = self.pool_request
        complete = index is not None and index.networks >= pool.networks
        return default_sources(index if complete else None, pool.networks, self.data.name)

    def rows(self, index: PoolIndex | None) -> tuple[NetworkSource, ...]:
        """Rows of the table: the chosen sources in the default order, others at the end."""
        default = self.default_rows(index)
        if not self.sources:
            return default
        others = (source for source in self.sources if source not in default)
        return (*(source for source in default if source in self.sources), *others)

    def table(self, index: PoolIndex | None) -> Table:
        """Table of these choices, the same as that of `command`."""
        pool = self.pool_request
        return table4(
            self.data,
            self.resolved_preset,
            self.rows(index),
            self.images_per_class,
            pool.networks,
            pool.config.pool_steps,
        )

    def command(self, index: PoolIndex | None) -> str:
        """Command line that runs the same table."""
        words = ["dmcore", "experiment", "table4", "--preset", self.preset, "--dataset", self.data.name]
        rows = self.rows(index)
        if rows != default_sources(index, self.pool_request.networks, self.data.name) or not any(
            source.pooled for source in rows
        ):
            words += ["--sources", ",".join(map(str, rows))]
        if self.images_per_class:
            words += ["--images-per-class", ",".join(map(str, self.images_per_class))]
        return shlex.join([*words, *self._options(SIZE_OPTIONS)])

    @property
    def pool_command(self) -> str:
        """Command line that builds the pool."""
        pool, default = self.pool_request, PoolConfig()
        words = ["dmcore", "pool", "build", "--dataset", pool.dataset, "--networks", str(pool.networks)]
        for name in PoolConfig.model_fields:
            value = getattr(pool.config, name)
            if value != getattr(default, name):
                words += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join(words)

    @property
    def preset_images_per_class(self) -> tuple[int, ...]:
        """Images per class of the preset."""
        return SIZES[self.preset]

    def _options(self, names: Sequence[str]) -> list[str]:
        words: list[str] = []
        for name in names:
            value = getattr(self, name)
            if value is not None:
                words += [f"--{name.replace('_', '-')}", str(value)]
        return words


def parse_sources(texts: Sequence[str]) -> tuple[NetworkSource, ...]:
    """Parse sources of networks, without duplicates.

    Raises:
        ValueError: a text is no source; with the valid forms.
    """
    sources: dict[NetworkSource, None] = {}
    for text in texts:
        try:
            sources[parse_source(text)] = None
        except ValueError as refusal:
            raise ValueError(f"“{text}” names no networks: {refusal}") from refusal
    return tuple(sources)


def empty_bands(index: PoolIndex | None, rows: Sequence[NetworkSource], networks: int) -> list[str]:
    """Errors of chosen bands without any network in a complete pool, a sentence each."""
    if index is None or index.networks < networks:
        return []
    errors = []
    for source in rows:
        if source.kind == "band":
            try:
                pool_states(index, source, networks)
            except ValueError as refusal:
                errors.append(str(refusal))
    return errors
