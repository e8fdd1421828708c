"""Address of a table or race on the page that runs it: its configuration as query parameters."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.tables.form import field_key
from dmcore.config import CondenseConfig, EvaluateConfig, GradientMatchingConfig
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.figure4.config import NAMES as RACE_NAMES
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.presets import (
    PRESETS,
    PresetName,
    catalogue_facts,
    gradient_iterations,
    protocol_of,
)
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES, Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import LEARNER_NAMES, Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import PROTOCOL_TITLES, GradientTableConfig, TableConfig, Titles

Params = dict[str, str | list[str]]
ACCURACY_KEYS = {
    "images_per_class": "sizes",
    "methods": "methods",
    "protocol": "protocol",
    "seeds": "seeds",
    "repeats": "repeats",
}
DISTRIBUTION_KEYS = {
    "images_per_class": "per_class",
    "sources": "sources",
    **{
        name: f"table4_{name}"
        for name in (
            *("protocol", "seeds", "repeats", "iterations", "epochs", "width"),
            *("pool_networks", "pool_steps"),
        )
    },
}
ARCHITECTURE_KEYS = {
    "learners": "rows",
    "testers": "columns",
    "norm": "norm",
    "images_per_class": "images",
    "seeds": "sets",
    "repeats": "networks",
    "iterations": "iterations",
    "protocol": "protocol",
    "epochs": "epochs",
}
RACE_KEYS = {
    "methods": "race_methods",
    "images_per_class": "race_images",
    "seconds": "race_seconds",
    "seeds": "race_seeds",
    "repeats": "race_repeats",
    "epochs": "race_epochs",
    "width": "race_width",
    "real_batch": "race_real",
}
"""Parameters of the pages by the configuration's fields; those of Architectures begin with the preset."""


@dataclass(frozen=True)
class TableAddress:
    """Where a table opens: query parameters, and the settings that its page has no field for."""

    params: Params
    keys: tuple[str, ...]
    """All parameters of the page's form: those that are not in `params` are left open."""
    missing: tuple[str, ...] = ()
    """Names of settings that the address cannot hold: the page takes the preset's."""


def config_of(table: Table) -> TableConfig | None:
    """Configuration that gives a stored table exactly; None where there is none, or its data have no name."""
    facts = catalogue_facts(table.dataset)
    if facts is None:
        return None
    experiment = experiment_of(table)
    for preset in PRESETS:
        config = experiment(preset=preset, dataset=table.dataset, **_options(table, preset))
        try:
            if config.table(facts).key == table.key:
                return config.left_open(facts)
        except ValueError:  # such options make no table
            continue
    return None


def table_address(config: TableConfig) -> TableAddress:
    """Address of a configuration with a named data set; what is left open is not in it."""
    if isinstance(config, Table3Config):
        keys = {name: f"{config.preset}_{key}" for name, key in ARCHITECTURE_KEYS.items()}
        params: Params = {"table3_preset": config.preset, "table3_data": config.dataset_name}
    elif isinstance(config, Table4Config):
        keys = DISTRIBUTION_KEYS
        params = {"table4_preset": config.preset, "table4_data": CATALOGUE[config.dataset_name].title}
    else:
        keys = {**ACCURACY_KEYS, "methods": field_key(config, "methods")}
        title = CATALOGUE[config.dataset_name].title
        params = {"compare": config.label, "preset": config.preset, "data": title}
    missing, values = [], config
    facts = catalogue_facts(config.dataset_name)
    if (
        isinstance(config, Table1Config) and facts is not None
    ):  # left open, Accuracy may take the recorded ones
        filled = config.resolved(facts)
        values = config.model_copy(update={"repeats": filled.repeats, "methods": filled.methods})
    for name in type(config).model_fields:
        value = getattr(values, name)
        value = (
            "dm" if (name, value) == ("protocol", "dsa") else value
        )  # one training, the form names it once
        if name in ("preset", "dataset") or value in (None, (), ""):
            continue
        if name in keys:
            params[keys[name]] = _texts(value, config.titled_fields().get(name))
        else:
            missing.append(name.replace("_", " "))
    return TableAddress(params, (*params, *keys.values()), tuple(missing))


def race_address(config: Figure4Config) -> TableAddress:
    """Address of a race; what is as usual is not in it. One of a data set without a name opens as usual."""
    usual, data = Figure4Config(), CATALOGUE.get(config.dataset_name)
    if data is None:
        return TableAddress({}, ("race_data", *RACE_KEYS.values()), ("data set",))
    params: Params = {"race_data": data.title}
    for name, key in RACE_KEYS.items():
        if (value := getattr(config, name)) != getattr(usual, name):
            params[key] = [RACE_NAMES[method] for method in value] if name == "methods" else str(value)
    return TableAddress(params, ("race_data", *RACE_KEYS.values()))


def _texts(value: object, titles: Titles | None) -> str | list[str]:
    if isinstance(value, tuple):
        return [str(_texts(each, titles)) for each in value]
    return str(value) if titles is None else titles.titles[str(value)]


def _options(table: Table, preset: PresetName) -> dict[str, object]:
    """Options of the configuration that a table's cells have, where it has this preset."""
    cells, experiment = table.cells, experiment_of(table)
    condensed = [cell.recipe.dm_config for cell in cells if cell.recipe.dm_config is not None]
    convnets = {cell.network.width for cell in cells if cell.network.network == "convnet"}
    learned = [cell for cell in cells if cell.recipe.method != "whole"]
    options: dict[str, object] = {
        "images_per_class": tuple(dict.fromkeys(cell.recipe.images_per_class for cell in learned)),
        "seeds": len({cell.recipe.seed for cell in cells}),
        "repeats": max((cell.repeats for cell in learned), default=None),
        **_protocol(table.protocol, preset),
        "iterations": _single(config.iterations for config in condensed),
        "real_batch": _single(config.real_batch for config in condensed),
        "width": _single(convnets),
    }
    if issubclass(experiment, Table1Config):
        names = {title: name for name, title in NAMES.items()}
        options["methods"] = tuple(names[row] for row in table.rows)
    if experiment is Table2Config:
        options["methods"] = tuple(dict.fromkeys(cell.recipe.method for cell in cells))
    if issubclass(experiment, GradientTableConfig):
        options["gradient_iterations"] = _gradient_iterations(table, preset)
    if experiment is Table3Config:
        norms = {cell.network.norm for cell in cells if cell.network.network not in ("mlp", "lenet")}
        titles = {title: name for name, title in LEARNER_NAMES.items()}
        options["learners"] = tuple(titles[row] for row in table.rows)
        options["testers"] = tuple(dict.fromkeys(cell.network.network for cell in cells))
        options["norm"] = next(iter(norms)) or "own"
    if experiment is Table4Config:
        options["sources"] = tuple(dict.fromkeys(config.source for config in condensed))
        options |= _pool(condensed)
    return options


def _protocol(protocol: EvaluateConfig, preset: PresetName) -> dict[str, object]:
    """Published protocol of a table, and its epochs where they are others."""
    for method in (None, *PROTOCOL_TITLES):
        if protocol_of(preset, method) == protocol:
            return {"protocol": method}
    return {"protocol": "dc" if protocol.augment == () else None, "epochs": protocol.epochs}


def _gradient_iterations(table: Table, preset: PresetName) -> int | None:
    """Iterations of DC and DSA where they are not this preset's for the images per class of each."""
    condensed = [cell.recipe.condense for cell in table.cells]
    matched = [each for each in condensed if isinstance(each, GradientMatchingConfig)]
    if all(each.iterations == gradient_iterations(preset, each.images_per_class) for each in matched):
        return None
    return _single(each.iterations for each in matched)


def _pool(condensed: Iterable[CondenseConfig]) -> dict[str, object]:
    pooled = [config for config in condensed if config.network_source.pooled]
    return {
        "pool_networks": _single(config.pool_networks for config in pooled),
        "pool_steps": _single(config.pool_steps for config in pooled),
    }


def _single(values: Iterable[int]) -> int | None:
    """The value that all have; None where they differ."""
    unique = set(values)
    return unique.pop() if len(unique) == 1 else None
