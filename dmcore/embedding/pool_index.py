"""Index of a pool of trained networks: states, validation accuracies, files, accuracy bands (table 4)."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from dmcore.config import FrozenModel, PoolConfig
from dmcore.config.network_source import RANDOM, NetworkSource
from dmcore.embedding.pool_request import PoolRequest
from dmcore.files.atomic import write_atomically

FORMAT = 1
INDEX = "index.json"
PAPER_BANDS = ((10, 20), (20, 30), (30, 40), (40, 50), (50, 60), (60, 70), (70, 100))
"""Bands of validation accuracy in percent that table 4 groups its CIFAR-10 networks by."""
QUANTILE_BANDS = 5
"""Number of bands, by quantiles, for data sets that table 4 does not have."""
OUTSIDE = "in no band"
"""Name of the group of states that no band contains."""
Percent = Annotated[float, Field(ge=0, le=100)]


class PoolState(FrozenModel):
    """State of a network at one step of its training, with its accuracy."""

    network: int
    """Number of the network, the seed of its training."""
    step: int
    """Training steps so far."""
    accuracy: Percent
    """Validation accuracy in percent, on the held-out part of the training images."""


class PoolFile(FrozenModel):
    """File of one network with all its states."""

    network: int
    name: str
    """File name in the folder of the index."""
    bytes: int
    states: tuple[tuple[int, Percent], ...]
    """Step and validation accuracy of each state, in the order of the steps."""


class PoolIndex(FrozenModel):
    """Index of the finished networks of a pool (`index.json`)."""

    config: PoolConfig
    dataset: str
    """Name or path of the data set, as `load_dataset` takes it."""
    data: str
    """Digest of the data set."""
    validation: str
    """Description of the validation images."""
    files: tuple[PoolFile, ...] = ()

    @property
    def networks(self) -> int:
        """Number of networks 0, 1, 2 … without a gap."""
        numbers = {file.network for file in self.files}
        return next(number for number in range(len(numbers) + 1) if number not in numbers)

    @property
    def bytes(self) -> int:
        """Size on disk."""
        return sum(file.bytes for file in self.files)

    def states(self, networks: int | None = None) -> tuple[PoolState, ...]:
        """All states; of the first `networks` networks where a number is given."""
        return tuple(
            PoolState(network=file.network, step=step, accuracy=accuracy)
            for file in self.files
            if networks is None or file.network < networks
            for step, accuracy in file.states
        )


def pool_folder(data_digest: str, config: PoolConfig, cache: Path) -> Path:
    """Folder of a pool, named by a hash of what determines its networks: data set and configuration."""
    text = f"{FORMAT}\n{data_digest}\n{config.pool_config().model_dump_json()}"
    return cache / "pools" / hashlib.sha256(text.encode()).hexdigest()[:16]


def read_index(folder: Path) -> PoolIndex | None:
    """Read the index of a pool; None where no network is finished, or where it is damaged."""
    try:
        return PoolIndex.model_validate_json((folder / INDEX).read_bytes())
    except (OSError, ValidationError):
        return None


def find_index(dataset: str, config: PoolConfig, cache: Path) -> PoolIndex | None:
    """Find the pool of a data set by its name, without loading the data; the newest of several.

    Networks whose files are missing or truncated are left out: they have to be trained again.
    """
    files = sorted(cache.glob(f"pools/*/{INDEX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    requested = (dataset, config.pool_config())
    for file in files:
        index = read_index(file.parent)
        if index is not None and (index.dataset, index.config) == requested:
            complete = tuple(entry for entry in index.files if _size(file.parent / entry.name) == entry.bytes)
            return index.model_copy(update={"files": complete})
    return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def write_index(folder: Path, index: PoolIndex) -> None:
    """Write the index atomically.

    Raises:
        StorageError: the disk is full or writing failed.
    """
    write_atomically(folder / INDEX, index.model_dump_json(indent=1).encode())


def accuracy_bands(states: Sequence[PoolState], dataset: str) -> tuple[NetworkSource, ...]:
    """Accuracy bands that the networks of a data set are grouped by.

    For CIFAR-10 those of table 4; for other data, whose accuracies differ, quantile bands with about as many
    states each, rounded to whole percents.
    """
    if dataset == "cifar10":
        return tuple(NetworkSource("band", low=float(low), high=float(high)) for low, high in PAPER_BANDS)
    if not states:
        return ()
    accuracies = np.array([state.accuracy for state in states])
    inner = np.rint(np.quantile(accuracies, np.linspace(0, 1, QUANTILE_BANDS + 1)[1:-1]))
    lows = (np.floor(accuracies.min()), *inner)
    edges = sorted({min(99.0, float(low)) for low in lows})  # 100 ends the last band
    rest = pairwise((*edges[1:], 101.0))  # an edge below an empty band would make an empty row
    filled = [low for low, high in rest if np.any((low <= accuracies) & (accuracies < high))]
    bands = pairwise((edges[0], *filled, 100.0))
    return tuple(NetworkSource("band", low=low, high=high) for low, high in bands)


def by_band(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> dict[str, list[float]]:
    """Group accuracies (percent) by the first band that contains them; last, those in no band, if any."""
    grouped_accuracies: dict[str, list[float]] = {band.name: [] for band in bands}
    outside: list[float] = []
    for state in states:
        band = next((band for band in bands if band.contains(state.accuracy)), None)
        (outside if band is None else grouped_accuracies[band.name]).append(state.accuracy)
    return grouped_accuracies | ({OUTSIDE: outside} if outside else {})


def comparable_sources(index: PoolIndex | None, dataset: str, available: int) -> tuple[NetworkSource, ...]:
    """Sources that can be compared: without a pool those that need none."""
    trained: tuple[NetworkSource, ...] = ()
    if index is not None and available:
        states = index.states(available)
        bands = [
            band
            for band in accuracy_bands(states, dataset)
            if any(band.contains(state.accuracy) for state in states)
        ]
        trained = (*bands, NetworkSource("all"))
    return (RANDOM, NetworkSource("fixed", count=1), *trained, NetworkSource("pixels"))


def pool_states(index: PoolIndex, source: NetworkSource, networks: int) -> tuple[PoolState, ...]:
    """States of the first `networks` networks of the pool that a network source draws from.

    Raises:
        ValueError: the pool is smaller, or no state is in the band; with the remedy.
    """
    if index.networks < networks:
        request = PoolRequest(dataset=index.dataset, config=index.config, networks=networks)
        command = f"with `{request.command_line}`"
        raise ValueError(
            f"the pool has {index.networks} of the {networks} requested networks: build "
            f"{networks - index.networks} more {command}, or draw from {index.networks} with --pool-networks"
            if index.networks
            else f"the pool of {networks} networks is not there yet: build it first, {command}"
        )
    states = index.states(networks)
    if source.kind == "interpolated":
        last = max(state.step for state in states)
        return tuple(state for state in states if state.step == last)
    matches = tuple(state for state in states if source.kind != "band" or source.contains(state.accuracy))
    if not matches:
        bands = ", ".join(
            f"{low}–{high} % ({count})"
            for low, high in zip(range(0, 100, 10), range(10, 110, 10), strict=True)
            if (count := sum(low <= state.accuracy < high + (high == 100) for state in states))
        )
        raise ValueError(
            f"no network of the pool has {source.low:g} to {source.high:g} % validation accuracy (there are: "
            f"{bands}): choose another band, or build more networks or train them for more steps"
        )
    return matches
