"""Table 1 of the paper: distribution matching against selections of real images, and all real images.

The paper's rows are random, herding, forgetting and DM; mean image, k-center and the least forgotten images
are ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from dmcore.config import Selection
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.experiments.table_config import TableConfig, Unique

MethodName = Literal[
    "random", "mean_image", "herding", "k_center", "forgetting", "least_forgotten", "dm", "whole"
]
SELECTIONS: tuple[Selection, ...] = get_args(Selection)
METHODS: tuple[MethodName, ...] = ("random", "mean_image", "herding", "k_center", "forgetting", "dm", "whole")
NAMES: dict[MethodName, str] = {
    "random": "Random",
    "mean_image": "Mean image",
    "herding": "Herding",
    "k_center": "k-center",
    "forgetting": "Forgetting",
    "least_forgotten": "Least forgotten",
    "dm": "DM",
    "whole": "Whole set",
}
SIZES = {"laptop": (1, 10), "paper": (1, 10, 50)}


class Table1Config(TableConfig):
    """Table 1: DM against selections of real images, and all real images."""

    name = "table1"
    label = "Table 1"
    meaning = (
        "Distribution matching against real images that are chosen in other ways, as many of each class."
    )
    row_title = "Method"
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]] = {
        "laptop": {"images_per_class": (1, 10), "methods": METHODS},
        "paper": {"images_per_class": (1, 10, 50), "methods": METHODS},
    }
    leading = (*TableConfig.leading, "methods")

    methods: Annotated[tuple[MethodName, ...], Unique] = ()
    """Rows, a comma list."""

    def title(self, data: DataFacts) -> str:
        """Title with the name of the data set."""
        return f"{data.title}: test accuracy of networks trained on few images"

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield a cell for each seed, method and number of images."""
        for seed in chosen.seeds:
            for method in self.methods:
                for size, recipe in _recipes(method, self.images_per_class, seed, chosen).items():
                    repeats = 1 if method == "whole" else chosen.repeats
                    yield Cell(
                        row=NAMES[method],
                        column=per_class(size),
                        recipe=recipe,
                        network=chosen.network,
                        repeats=repeats,
                    )


def table1(
    data: DataFacts,
    chosen: Preset,
    methods: Sequence[str] = METHODS,
    sizes: Sequence[int] = (),
    name: str = "table1",
) -> Table:
    """Create table 1, or a part of it.

    Args:
        data: the data set.
        chosen: the preset.
        methods: rows, names of `NAMES`.
        sizes: images per class; the preset's if empty.
        name: the table's name.
    """
    sizes = tuple(sizes) or SIZES[chosen.name]
    cells = [
        Cell(
            row=NAMES[method],
            column=per_class(size),
            recipe=recipe,
            network=chosen.network,
            repeats=1 if method == "whole" else chosen.repeats,
        )
        for seed in chosen.seeds
        for method in methods
        for size, recipe in _recipes(method, sizes, seed, chosen).items()
    ]
    return Table(
        name=name,
        title=f"{data.title}: test accuracy of networks trained on few images",
        dataset=data.name,
        protocol=chosen.protocol,
        row_title="Method",
        column_title="Images per class",
        rows=tuple(NAMES[method] for method in methods),
        columns=tuple(per_class(size) for size in sizes),
        cells=tuple(cells),
    )


def _recipes(method: str, sizes: Sequence[int], seed: int, chosen: Preset) -> dict[int, Recipe]:
    if method == "dm":
        return chosen.condensed(sizes, seed)
    if method == "whole":
        return dict.fromkeys(sizes, chosen.whole(seed))
    selection = next(name for name in SELECTIONS if name == method)
    return chosen.selected(selection, sizes, seed)
