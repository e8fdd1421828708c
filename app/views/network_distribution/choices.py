"""What is asked for on the page Random or trained?: data, sources of networks, sizes. All in the address.

`DistributionChoices` is a value: the same choices and the same pool are always the same table. Must not
import torch, must not draw.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from app.jobs.pool_request import PoolRequest
from dmcore.config import PoolConfig
from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.embedding.pool_index import PoolIndex, pool_states
from dmcore.experiments.presets import DataFacts, Preset, PresetName, preset, resized
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import POOL, SIZES, table4, usual_sources

FLAGS = ("seeds", "repeats", "iterations", "epochs", "width", "pool_networks", "pool_steps")
"""Sizes that the command line names where they are not the preset's."""


@dataclass(frozen=True)
class DistributionChoices:
    """What was chosen; what is left open is the preset's."""

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
    def sizes(self) -> Preset:
        """Sizes of everything but the pool."""
        return resized(
            preset(self.preset, self.data),
            **{one: getattr(self, one) for one in FLAGS if not one.startswith("pool_")},
        )

    @property
    def asked_pool(self) -> PoolRequest:
        """The pool that sources of trained networks draw from."""
        networks, steps = POOL[self.preset]
        config = PoolConfig(**self.sizes.network.model_dump(), pool_steps=self.pool_steps or steps)
        return PoolRequest(dataset=self.data.name, config=config, networks=self.pool_networks or networks)

    def offered(self, index: PoolIndex | None) -> tuple[NetworkSource, ...]:
        """The usual rows: bands are among them once the pool is whole, for until then they move."""
        asked = self.asked_pool
        whole = index is not None and index.networks >= asked.networks
        return usual_sources(index if whole else None, asked.networks, self.data.name)

    def rows(self, index: PoolIndex | None) -> tuple[NetworkSource, ...]:
        """The rows of the table: those chosen, in the usual order, what is not usual at the end."""
        usual = self.offered(index)
        if not self.sources:
            return usual
        return (*(one for one in usual if one in self.sources), *self._unusual(usual))

    def table(self, index: PoolIndex | None) -> Table:
        """The table of these choices: the one that `command` fills."""
        asked = self.asked_pool
        return table4(
            self.data,
            self.sizes,
            self.rows(index),
            self.images_per_class,
            asked.networks,
            asked.config.pool_steps,
        )

    def command(self, index: PoolIndex | None) -> str:
        """What fills the same table in a terminal."""
        words = ["dmcore", "experiment", "table4", "--preset", self.preset, "--dataset", self.data.name]
        rows = self.rows(index)
        if rows != usual_sources(index, self.asked_pool.networks, self.data.name) or not any(
            one.pooled for one in rows
        ):
            words += ["--sources", ",".join(map(str, rows))]
        if self.images_per_class:
            words += ["--images-per-class", ",".join(map(str, self.images_per_class))]
        return shlex.join([*words, *self._flags(FLAGS)])

    @property
    def pool_command(self) -> str:
        """What builds the pool in a terminal."""
        asked, usual = self.asked_pool, PoolConfig()
        words = ["dmcore", "pool", "build", "--dataset", asked.dataset, "--networks", str(asked.networks)]
        for name in PoolConfig.model_fields:
            value = getattr(asked.config, name)
            if value != getattr(usual, name):
                words += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join(words)

    @property
    def usual_per_class(self) -> tuple[int, ...]:
        """Images per class of the preset."""
        return SIZES[self.preset]

    def _unusual(self, usual: Sequence[NetworkSource]) -> tuple[NetworkSource, ...]:
        return tuple(one for one in self.sources if one not in usual)

    def _flags(self, names: Sequence[str]) -> list[str]:
        words: list[str] = []
        for name in names:
            value = getattr(self, name)
            if value is not None:
                words += [f"--{name.replace('_', '-')}", str(value)]
        return words


def parse_sources(typed: Sequence[str]) -> tuple[NetworkSource, ...]:
    """Sources from their words, each once.

    Raises:
        ValueError: one is no source; names it, and the forms there are.
    """
    found: dict[NetworkSource, None] = {}
    for text in typed:
        try:
            found[parse_source(text)] = None
        except ValueError as refusal:
            raise ValueError(f"“{text}” names no networks: {refusal}") from refusal
    return tuple(found)


def empty_bands(index: PoolIndex | None, rows: Sequence[NetworkSource], networks: int) -> list[str]:
    """Why chosen bands of a whole pool have no network, a sentence each."""
    if index is None or index.networks < networks:
        return []
    said = []
    for source in rows:
        if source.kind == "band":
            try:
                pool_states(index, source, networks)
            except ValueError as refusal:
                said.append(str(refusal))
    return said
