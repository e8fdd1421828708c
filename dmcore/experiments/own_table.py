"""A table of one's own: runs on disk beside selections of real images, judged by the same networks.

Rows are what is compared, columns the networks that are trained on it. Must not import torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmcore.config import NetworkSpec, Selection
from dmcore.experiments.presets import DataFacts, Preset, per_class
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.experiments.table1 import NAMES


@dataclass(frozen=True)
class ComparedSet:
    """A set of images of a run, at one iteration that was kept: later ones do not change the table."""

    run: str
    """Its id."""
    set: str
    """The set's name in the run."""
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
    """The table; baselines have as many images per class as the sets, for each number that occurs.

    Args:
        data: whose test images judge.
        chosen: seeds and trainings of the baselines, protocol and repeats.
        sets: what is compared, the first against all others.
        baselines: names of selections.
        networks: columns, by their names.
        whole: whether a network on all real images is the ceiling, in the columns of its architecture.

    Raises:
        ValueError: no sets, or no networks.
    """
    if not sets:
        raise ValueError("nothing is compared yet: choose at least one set of images of a run")
    if not networks:
        raise ValueError("no network is chosen: choose at least one to train on the images")
    sizes = tuple(sorted({one.images_per_class for one in sets}))
    found: list[tuple[str, Recipe]] = []
    independent: dict[str, int] = {}
    for one in sets:
        place = independent.get(one.row, 0)
        independent[one.row] = place + 1
        found.append((one.row, _recipe(one, place)))
    for seed in chosen.seeds:
        for method in baselines:
            for size, recipe in chosen.selected(method, sizes, seed).items():
                name = NAMES[method] if len(sizes) == 1 else f"{NAMES[method]}, {per_class(size)}"
                found.append((f"{name} (real images)" if name in independent else name, recipe))
    places = [
        Cell(row=row, column=column, recipe=recipe, network=network, repeats=chosen.repeats)
        for row, recipe in found
        for column, network in networks.items()
    ]
    if whole:
        ceiling = chosen.whole(chosen.seeds[0])
        places += [
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
        rows=tuple(dict.fromkeys(one.row for one in places)),
        columns=tuple(networks),
        cells=tuple(places),
    )


def _recipe(one: ComparedSet, place: int) -> Recipe:
    """`place` is the set's among those of its row: all rows get their first before one gets its second."""
    return Recipe(
        method="run",
        seed=place,
        images_per_class=one.images_per_class,
        sizes=(one.images_per_class,),
        run=one.run,
        set=one.set,
        iteration=one.iteration,
    )
