"""Settings of cells and tables by the names of their fields: what two experiments can differ in."""

from collections.abc import Mapping

from dmcore.experiments.table import Cell, Table

NO_SETTINGS = {"dataset", "seed", "sets", "networks", "repeats"}
"""Fields that are no setting: data are compared by themselves, seeds and networks are counted."""


def cell_settings(table: Table, cell: Cell) -> dict[str, object]:
    """All settings of a cell's images and of their test.

    Named as in `deviations.Deviation`: a field of the configuration, with `test_` before it for the test
    networks and `whole_` for networks trained on all real images. What learning networks and tested ones have
    alike, such as the width, is one setting; where the tested ones differ, theirs has `tested_` before it.
    """
    condense, size = cell.recipe.condense, cell.recipe.images_per_class
    settings: dict[str, object] = {}
    if condense is not None:
        settings = condense.model_dump(exclude=NO_SETTINGS)
        of_set = next((spec for spec in condense.all_sets() if spec.images_per_class == size), None)
        settings |= {} if of_set is None else of_set.model_dump(exclude={"name"})
    tested = cell.network.model_dump()
    settings |= _besides(settings, tested, "tested_")
    protocol = table.protocol.model_dump(exclude=NO_SETTINGS)
    settings |= {f"test_{name}": value for name, value in protocol.items()}
    if cell.recipe.training is not None:
        training = cell.recipe.training.model_dump(exclude=NO_SETTINGS).items()
        settings |= {f"whole_{name}": value for name, value in training if tested.get(name, ...) != value}
    return settings


def _besides(settings: Mapping[str, object], others: Mapping[str, object], prefix: str) -> dict[str, object]:
    """Other settings, under their own names where there are none so far; left out where they are equal."""
    return {
        f"{prefix}{name}" if name in settings else name: value
        for name, value in others.items()
        if name not in settings or settings[name] != value
    }


def table_settings(table: Table) -> dict[str, tuple[object, ...]]:
    """Different values of each setting of a table's cells, in their order; sizes are columns, not settings.

    `seeds` and `repeats` are the numbers of independent sets and of networks trained on each. A pool is a
    setting of those cells that use it.
    """
    seeds = len({cell.recipe.seed for cell in table.cells})
    values: dict[str, dict[object, None]] = {"seeds": {seeds: None}}
    for cell in table.cells:
        settings = {**cell_settings(table, cell), "repeats": cell.repeats}
        condense = cell.recipe.dm_config
        pooled = condense is not None and condense.network_source.pooled
        for name, value in settings.items():
            if name != "images_per_class" and (pooled or not name.startswith("pool_")):
                values.setdefault(name, {})[value] = None
    return {name: tuple(of_name) for name, of_name in values.items()}


def differing_settings(one: Table, other: Table) -> tuple[str, ...]:
    """Names of the settings in which two tables differ; what only one of them has is none of the other's."""
    ours, theirs = table_settings(one), table_settings(other)
    return tuple(name for name, values in ours.items() if theirs.get(name, values) != values)
