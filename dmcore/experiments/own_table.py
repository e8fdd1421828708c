"""Own comparison table: sets of runs on disk against selections of real images, tested by the same networks.

Rows are the compared sets, columns the networks that are trained on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmcore.config import NetworkSpec, Selection
from dmcore.experiments.presets import DataFacts, Preset, per_class
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.experiments.table1 import NAMES


@dataclass(frozen=True)
class ComparedSet:
    """Set of a run at one stored iteration, as a row of the table; later iterations do not change it."""

    run: str
    """Id of the run."""
    set: str
    """Name of the set in the run."""
    iteration: int
    images_per_class: int
    row: str
    """Sets with the same row are independent sets of it."""


def own_table(
    data: DataFacts,
    chosen: Preset,
    sets: Sequence[ComparedSet],
    baselines: Sequence[Selection],
    networks: Mapping[str, NetworkSpec],
    whole: bool = False,
) -> Table:
    """Create the table; baselines have as many images per class as the sets, for each number that occurs.

    Args:
        data: data set of the test images.
        chosen: seeds and trainings of the baselines, protocol and repeats.
        sets: the compared sets, the first against all others.
        baselines: names of selections.
        networks: columns, by their names.
        whole: whether to add a network on all real images as upper reference, in the columns of its
            architecture.

    Raises:
        ValueError: no sets, or no networks.
    """
    if not sets:
        raise ValueError("there is nothing to compare yet: choose at least one set of images of a run")
    if not networks:
        raise ValueError("no network is chosen: choose at least one to train on the images")
    sizes = tuple(sorted({chosen_set.images_per_class for chosen_set in sets}))
    recipes: list[tuple[str, Recipe]] = []
    sets_of_row: dict[str, int] = {}
    for chosen_set in sets:
        number = sets_of_row.get(chosen_set.row, 0)
        sets_of_row[chosen_set.row] = number + 1
        recipes.append((chosen_set.row, _recipe(chosen_set, number)))
    for seed in chosen.seeds:
        for method in baselines:
            for size, recipe in chosen.selected(method, sizes, seed).items():
                name = NAMES[method] if len(sizes) == 1 else f"{NAMES[method]}, {per_class(size)}"
                recipes.append((f"{name} (real images)" if name in sets_of_row else name, recipe))
    cells = [
        Cell(row=row, column=column, recipe=recipe, network=network, repeats=chosen.repeats)
        for row, recipe in recipes
        for column, network in networks.items()
    ]
    if whole:
        ceiling = chosen.whole(chosen.seeds[0])
        cells += [
            Cell(row=NAMES["whole"], column=column, recipe=ceiling, network=network, repeats=1)
            for column, network in networks.items()
            if network == chosen.training.network_spec()
        ]
    return Table(
        name="own",
        title=f"{data.title}: sets of images compared",
        dataset=data.name,
        protocol=chosen.protocol,
        row_title="Images",
        column_title="Tested with",
        rows=tuple(dict.fromkeys(cell.row for cell in cells)),
        columns=tuple(networks),
        cells=tuple(cells),
    )


def _recipe(chosen_set: ComparedSet, number: int) -> Recipe:
    """`number` counts the sets of a row: every row gets its first before any gets its second."""
    return Recipe(
        method="run",
        seed=number,
        images_per_class=chosen_set.images_per_class,
        sizes=(chosen_set.images_per_class,),
        run=chosen_set.run,
        set=chosen_set.set,
        iteration=chosen_set.iteration,
    )
