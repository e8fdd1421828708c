"""Computation behind a row and column of a table: whether another table has it too."""

from dmcore.config.protocols import without_repeats
from dmcore.experiments.table import Table


def same_computation(recorded: Table, chosen: Table, row: str, column: str) -> bool:
    """Whether two tables compute a row and column alike, apart from how many sets and networks.

    Args:
        recorded: table whose results are shown beside those of the other.
        chosen: the other.
        row: of both.
        column: of both.
    """
    ours = {_computation(chosen, index) for index in chosen.at(row, column)}
    return bool(ours) and ours == {_computation(recorded, index) for index in recorded.at(row, column)}


def _computation(table: Table, index: int) -> str:
    """All settings on which a cell's accuracy depends but seeds, as text."""
    cell = table.cells[index]
    recipe, condense = cell.recipe, cell.recipe.condense
    sets = () if condense is None else condense.all_sets()
    parts = (
        without_repeats(table.protocol),
        cell.network.network_spec(),
        *(spec for spec in sets if spec.images_per_class == recipe.images_per_class),
    )
    of_seeds_and_sizes = {"seed", "sets", "images_per_class"}
    making = recipe.model_dump_json(
        exclude={"seed": True, "sizes": True, "training": {"seed"}, "condense": of_seeds_and_sizes}
    )
    return "\n".join((table.dataset, making, *(part.model_dump_json() for part in parts)))
