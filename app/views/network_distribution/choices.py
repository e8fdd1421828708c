"""Choices of the page Random or trained?: rows by the pool that is there, and the commands of both.

The same choices and the same pool always give the same table.
"""

import shlex
from collections.abc import Sequence

from app.jobs.pool_request import PoolRequest
from dmcore.config import PoolConfig
from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.embedding.pool_index import PoolIndex, pool_states
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.table4 import Table4Config


def pool_request(config: Table4Config, data: DataFacts) -> PoolRequest:
    """Request for the pool that sources of trained networks draw from."""
    pool, networks = config.pool_request(data)
    return PoolRequest(dataset=data.name, config=pool, networks=networks)


def with_rows(config: Table4Config, data: DataFacts, index: PoolIndex | None) -> Table4Config:
    """The configuration with its rows: the chosen sources in the default order, others at the end."""
    default, chosen = config.default_sources(data, index), config.network_sources
    ordered = [source for source in default if source in chosen or not chosen]
    ordered += [source for source in chosen if source not in default]
    return config.model_copy(update={"sources": tuple(map(str, ordered))})


def table_command(config: Table4Config, data: DataFacts, index: PoolIndex | None) -> str:
    """Command line of a configuration with rows: it trains the pool first, so default bands are left open."""
    rows = config.network_sources
    default = rows == config.default_sources(data, index) and any(source.pooled for source in rows)
    return (config.model_copy(update={"sources": ()}) if default else config).command_line


def pool_command(pool: PoolRequest) -> str:
    """Command line that builds a pool."""
    words = ["dmcore", "pool", "build", "--dataset", pool.dataset, "--networks", str(pool.networks)]
    for name, default in PoolConfig():
        value = getattr(pool.config, name)
        if value != default:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)


def parse_sources(texts: Sequence[str]) -> tuple[str, ...]:
    """Check sources of networks and write each in its usual form, without duplicates.

    Raises:
        ValueError: a text is no source; with the valid forms.
    """
    sources: dict[str, None] = {}
    for text in texts:
        try:
            sources[str(parse_source(text))] = None
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
