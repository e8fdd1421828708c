"""Options of the table experiments (`dmcore experiment table1` ...) and the table they describe.

Torch is not needed: options are listed by `--help`, and a complete table is printed without it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import tyro

from dmcore.cli.flags import WrongArgumentsError, check_number, comma_list, most_of, one_of, parse_count
from dmcore.cli.options import Integer, Text, WithData, WithDevice, WithRuns, canonical_name
from dmcore.config import CondenseConfig, Norm, PoolConfig
from dmcore.config.network_source import NetworkSource, parse_source
from dmcore.data.catalogue import CATALOGUE
from dmcore.embedding.pool_index import find_index
from dmcore.experiments.figure5 import METHODS as FIGURE5_METHODS
from dmcore.experiments.figure5 import figure5
from dmcore.experiments.presets import (
    MOST_SEEDS,
    PRESETS,
    DataFacts,
    Preset,
    PresetName,
    override_preset,
    preset,
)
from dmcore.experiments.table1 import METHODS, NAMES, table1
from dmcore.experiments.table2 import table2
from dmcore.experiments.table3 import LEARNERS, table3
from dmcore.experiments.table3 import NAMES as ARCHITECTURES
from dmcore.experiments.table4 import POOL, default_sources, table4

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.experiments.table import Table

TABLES = ("table1", "table2", "table3", "table4", "figure5")
TABLE_OPTIONS = {
    *("preset", "dataset", "images_per_class", "seeds", "repeats", "epochs"),
    *("iterations", "width", "real_batch", "device", "threads"),
}
"""Options of every table."""
TAKEN = {
    "table1": {*TABLE_OPTIONS, "methods"},
    "table2": TABLE_OPTIONS,
    "table3": {*TABLE_OPTIONS, "learners", "testers", "norm"},
    "table4": {*TABLE_OPTIONS, "sources", "pool_networks", "pool_steps"},
    "figure5": {*TABLE_OPTIONS, "methods"},
    "figure3": {"runs", "features", "map"},
}
"""Options of each experiment."""
NORMS: tuple[Norm | Literal["own"], ...] = ("own", *get_args(Norm))


def _listed(names: Iterable[str], several: bool = False) -> Any:
    metavar = "{" + ",".join(names) + "}" + ",…" * several
    return tyro.conf.arg(constructor=str, metavar=metavar, help_behavior_hint="")


Sources = Annotated[str | None, tyro.conf.arg(constructor=str, metavar="SOURCE,…", help_behavior_hint="")]
Numbers = Annotated[str | None, tyro.conf.arg(constructor=str, metavar="INT,…", help_behavior_hint="")]


@dataclass(frozen=True, kw_only=True)
class TableOptions(WithRuns, WithData, WithDevice):
    """Options of a table; those left open are the preset's."""

    preset: Annotated[str | None, _listed(PRESETS)] = None
    """Tables: laptop (the default) takes minutes, paper is as published and meant for a GPU."""
    dataset: Text = None
    """Tables: a known name, or the path of an image folder or zip; left open, fashion_mnist or cifar10."""
    images_per_class: Numbers = None
    """Tables: images per class, a comma list; table3 takes one number."""
    methods: Annotated[str | None, _listed(NAMES, several=True)] = None
    """table1, figure5: rows, a comma list."""
    learners: Annotated[str | None, _listed(LEARNERS, several=True)] = None
    """table3: rows, architectures that sets are learned on, a comma list."""
    testers: Annotated[str | None, _listed(ARCHITECTURES, several=True)] = None
    """table3: columns, architectures that are trained on the sets, a comma list."""
    norm: Annotated[str | None, _listed(NORMS)] = None
    """table3: normalisation of all networks that have any; own: each architecture's."""
    sources: Annotated[
        str | None, tyro.conf.arg(constructor=str, metavar="SOURCE,…", help_behavior_hint="")
    ] = None
    """table4: rows, a comma list of random, fixed:K, band:FROM-TO, all, interpolated:T and pixels; left open,
    random, the pool's bands, all, three numbers of fixed networks, and pixels."""
    pool_networks: Integer = None
    """table4: networks of the pool; missing ones are trained first."""
    pool_steps: Integer = None
    """table4: updates of each network of the pool."""
    seeds: Integer = None
    """Tables: independent sets of each method; a verdict needs three."""
    repeats: Integer = None
    """Tables: networks trained on each set."""
    epochs: Integer = None
    """Tables: passes of each of those networks over its set."""
    iterations: Integer = None
    """Tables: updates of the synthetic images."""
    width: Integer = None
    """Tables: filters in each layer of every ConvNet."""
    real_batch: Integer = None
    """Tables: real images per class and iteration."""

    def check_options_of(self, name: str) -> None:
        """Check that all options given belong to the experiment.

        Raises:
            WrongArgumentsError: names the first that does not, and the experiments that have it.
        """
        for option in fields(self):
            owners = [experiment for experiment, options in TAKEN.items() if option.name in options]
            if owners and name not in owners and getattr(self, option.name) != option.default:
                flag = option.name.replace("_", "-")
                belongs = f"{' and '.join(owners)} {'has' if len(owners) == 1 else 'have'}"
                raise WrongArgumentsError(f"--{flag}: {name} has no such option, {belongs}")

    def dataset_name(self, name: str) -> str:
        """Canonical name or absolute path of the data set."""
        default = "cifar10" if name == "table3" or self.preset_name() == "paper" else "fashion_mnist"
        return canonical_name(self.dataset or default)

    def preset_name(self) -> PresetName:
        """Name of the preset.

        Raises:
            WrongArgumentsError: there is no such preset.
        """
        return one_of("preset", self.preset or "laptop", PRESETS)

    def pool_request(self, data: DataFacts) -> tuple[PoolConfig, int]:
        """Configuration of the pool that table4 draws from, and its number of networks.

        Raises:
            WrongArgumentsError: a number is out of range.
        """
        networks, steps = POOL[self.preset_name()]
        check_number("pool-networks", self.pool_networks, most_of(CondenseConfig, "pool_networks"))
        check_number("pool-steps", self.pool_steps, most_of(CondenseConfig, "pool_steps"))
        spec = self._sizes(data).network
        config = PoolConfig(**spec.model_dump(), pool_steps=self.pool_steps or steps)
        return config, self.pool_networks or networks

    def network_sources(self) -> tuple[NetworkSource, ...]:
        """Network sources given for the rows of table4.

        Raises:
            WrongArgumentsError: there is no such source.
        """
        typed = comma_list(self.sources or "")
        try:
            return tuple(dict.fromkeys(parse_source(text) for text in typed))
        except ValueError as refusal:
            raise WrongArgumentsError(f"--sources {self.sources}: {refusal}") from refusal

    def needs_pool(self, name: str, data: DataFacts, cache: Path) -> bool:
        """Whether networks of a pool have to be trained before the table can be built."""
        sources = self.network_sources()
        if name != "table4" or (sources and not any(source.pooled for source in sources)):
            return False
        config, networks = self.pool_request(data)
        index = find_index(data.name, config, cache)
        return index is None or index.networks < networks

    def build_table(self, name: str, data: DataFacts, cache: Path) -> "Table":
        """Build the requested table; without its pool it has no rows of the pool.

        Raises:
            WrongArgumentsError: something is not allowed; the message names the option.
            ValidationError: a size is out of range.
        """
        chosen = self._sizes(data)
        sizes = self._images_per_class()
        if name == "table2":
            return table2(data, chosen, sizes)
        if name == "table3":
            if len(sizes) > 1:
                raise WrongArgumentsError("--images-per-class: table3 takes one number")
            return table3(
                data,
                chosen,
                _several("learners", self.learners, LEARNERS),
                _several("testers", self.testers, tuple(ARCHITECTURES)),
                None if self.norm is None else one_of("norm", self.norm, NORMS),
                sizes[0] if sizes else 0,
            )
        if name == "table4":
            config, networks = self.pool_request(data)
            index = find_index(data.name, config, cache)
            sources = self.network_sources() or default_sources(index, networks, data.name)
            return table4(data, chosen, sources, sizes, networks, config.pool_steps)
        methods = _several("methods", self.methods, tuple(NAMES))
        if name == "figure5":
            return figure5(data, chosen, methods or FIGURE5_METHODS, sizes)
        return table1(data, chosen, methods or METHODS, sizes)

    def _sizes(self, data: DataFacts) -> Preset:
        check_number("seeds", self.seeds, MOST_SEEDS)
        return override_preset(
            preset(self.preset_name(), data),
            seeds=self.seeds,
            repeats=self.repeats,
            epochs=self.epochs,
            iterations=self.iterations,
            width=self.width,
            real_batch=self.real_batch,
        )

    def _images_per_class(self) -> tuple[int, ...]:
        counts = []
        for item in comma_list(self.images_per_class or ""):
            counts.append(parse_count("images-per-class", item, most_of(CondenseConfig, "images_per_class")))
        return tuple(dict.fromkeys(counts))


def catalogue_facts(name: str) -> DataFacts | None:
    """Facts of a named data set from the catalogue, without loading it; None for a path."""
    entry = CATALOGUE.get(name)
    return None if entry is None else DataFacts(name, entry.title, entry.shape, entry.train_count)


def facts_from_runs(path: str, runs_root: Path) -> DataFacts | None:
    """Facts of the data set at a path from the newest run of it; None without such a run."""
    from dmcore.runs.runs_root import list_runs

    for run in list_runs(runs_root):
        data = run.description.data
        if data.name == path and data.train_count is not None:
            return DataFacts(path, data.title, (data.channels, data.height, data.width), data.train_count)
    return None


def facts_of(dataset: "DataSet") -> DataFacts:
    """Facts of a loaded data set."""
    return DataFacts(dataset.name, dataset.title, dataset.shape, len(dataset.train))


def _several(flag: str, typed: str | None, allowed: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(one_of(flag, item, allowed) for item in comma_list(typed or "")))
