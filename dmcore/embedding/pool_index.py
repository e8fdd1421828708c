"""What a pool of trained networks holds: which states, how accurate, in which files. Table 4 of the paper.

Pages and tables read this to know which bands of accuracy are full, so it must not import torch.
"""

import hashlib
import shlex
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from dmcore.config import FrozenModel, PoolConfig
from dmcore.config.network_source import NetworkSource
from dmcore.files.atomic import write_atomically

FORMAT = 1
INDEX = "index.json"
PAPER_BANDS = ((10, 20), (20, 30), (30, 40), (40, 50), (50, 60), (60, 70), (70, 100))
"""Validation accuracies in percent that table 4 groups its CIFAR-10 networks by."""
QUANTILE_BANDS = 5
"""Bands of data for which the paper has none."""
Percent = Annotated[float, Field(ge=0, le=100)]


class PoolState(FrozenModel):
    """One network as it was at one step of its training."""

    network: int
    """Number of the network, which decides all that is random in its training."""
    step: int
    """Updates behind it."""
    accuracy: Percent
    """Of the held-out part of the training images."""


class PoolFile(FrozenModel):
    """One network with all its states."""

    network: int
    name: str
    """In the folder of the index."""
    bytes: int
    states: tuple[tuple[int, Percent], ...]
    """Step and validation accuracy of each, in the order of the steps."""


class PoolIndex(FrozenModel):
    """All finished networks of a pool."""

    config: PoolConfig
    dataset: str
    """What `load_dataset` takes."""
    data: str
    """Digest of the data set."""
    validation: str
    """Which images the accuracies are of, in words."""
    files: tuple[PoolFile, ...] = ()

    @property
    def networks(self) -> int:
        """How many networks 0, 1, 2 … are there without a gap."""
        numbers = {one.network for one in self.files}
        return next(number for number in range(len(numbers) + 1) if number not in numbers)

    @property
    def bytes(self) -> int:
        """Size on the disk."""
        return sum(one.bytes for one in self.files)

    def states(self, networks: int | None = None) -> tuple[PoolState, ...]:
        """All states, of the first so many networks where a number is given."""
        return tuple(
            PoolState(network=one.network, step=step, accuracy=accuracy)
            for one in self.files
            if networks is None or one.network < networks
            for step, accuracy in one.states
        )


def pool_folder(data_digest: str, config: PoolConfig, cache: Path) -> Path:
    """Where the pool of a data set and an architecture lies: named by all that decides its networks."""
    text = f"{FORMAT}\n{data_digest}\n{config.pool_config().model_dump_json()}"
    return cache / "pools" / hashlib.sha256(text.encode()).hexdigest()[:16]


def read_index(folder: Path) -> PoolIndex | None:
    """The index as it stands; None where no network has been finished, or where it is damaged."""
    try:
        return PoolIndex.model_validate_json((folder / INDEX).read_bytes())
    except (OSError, ValidationError):
        return None


def find_index(dataset: str, config: PoolConfig, cache: Path) -> PoolIndex | None:
    """The pool of a data set by its name, without opening the data: the newest where several have it.

    Networks whose files are gone or cut short are left out: they have to be trained again.
    """
    files = sorted(cache.glob(f"pools/*/{INDEX}"), key=lambda file: file.stat().st_mtime, reverse=True)
    wanted = (dataset, config.pool_config())
    for file in files:
        found = read_index(file.parent)
        if found is not None and (found.dataset, found.config) == wanted:
            there = tuple(one for one in found.files if _size(file.parent / one.name) == one.bytes)
            return found.model_copy(update={"files": there})
    return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def write_index(folder: Path, index: PoolIndex) -> None:
    """Write it whole or not at all.

    Raises:
        StorageError: the disk is full or refuses.
    """
    write_atomically(folder / INDEX, index.model_dump_json(indent=1).encode())


def accuracy_bands(states: Sequence[PoolState], dataset: str) -> tuple[NetworkSource, ...]:
    """The bands that networks of a data set are grouped by.

    For CIFAR-10 the paper's; for other data, whose accuracies differ, bands with about as many states each,
    between whole percents.
    """
    if dataset == "cifar10":
        return tuple(NetworkSource("band", low=float(low), high=float(high)) for low, high in PAPER_BANDS)
    if not states:
        return ()
    accuracies = np.array([one.accuracy for one in states])
    inner = np.rint(np.quantile(accuracies, np.linspace(0, 1, QUANTILE_BANDS + 1)[1:-1]))
    lows = (np.floor(accuracies.min()), *inner)
    edges = sorted({min(99.0, float(one)) for one in lows})  # 100 ends the last band
    rest = pairwise((*edges[1:], 101.0))  # an edge below an empty band would make a row that nothing can fill
    filled = [low for low, high in rest if np.any((low <= accuracies) & (accuracies < high))]
    bands = pairwise((edges[0], *filled, 100.0))
    return tuple(NetworkSource("band", low=low, high=high) for low, high in bands)


def build_command(index: PoolIndex, networks: int) -> str:
    """What to type in a terminal for a pool of so many networks; only what is not the default is named."""
    default = PoolConfig()
    changed = {name: value for name, value in index.config if value != getattr(default, name)}
    values = {"dataset": index.dataset, **changed, "networks": networks}
    words = ["dmcore", "pool", "build"]
    for name, value in values.items():
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, str(value)]
    return shlex.join(words)


def pool_states(index: PoolIndex, source: NetworkSource, networks: int) -> tuple[PoolState, ...]:
    """What a source draws from: of the first `networks` networks of the pool.

    Raises:
        ValueError: the pool is smaller, or no state is in the band; with the remedy.
    """
    if index.networks < networks:
        command = f"with `{build_command(index, networks)}`"
        raise ValueError(
            f"the pool has {index.networks} of the {networks} networks asked for: build "
            f"{networks - index.networks} more {command}, or draw from {index.networks} with --pool-networks"
            if index.networks
            else f"the pool of {networks} networks is not there yet: build it first, {command}"
        )
    states = index.states(networks)
    if source.kind == "interpolated":
        last = max(one.step for one in states)
        return tuple(one for one in states if one.step == last)
    found = tuple(one for one in states if source.kind != "band" or source.contains(one.accuracy))
    if not found:
        full = ", ".join(
            f"{low}–{high} % ({count})"
            for low, high in zip(range(0, 100, 10), range(10, 110, 10), strict=True)
            if (count := sum(low <= one.accuracy < high + (high == 100) for one in states))
        )
        raise ValueError(
            f"no network of the pool has {source.low:g} to {source.high:g} % validation accuracy (there are: "
            f"{full}): choose another band, or build more networks or train them for more steps"
        )
    return found
