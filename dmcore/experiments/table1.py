"""Table 1 of the paper: distribution matching against gradient matching, selections, and all real images.

The paper's rows are random, herding, forgetting, DC, DSA and DM; mean image, k-center, k-means and the
least forgotten images are ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

from dmcore.config import Selection
from dmcore.experiments.presets import DataFacts, Preset, PresetName, per_class
from dmcore.experiments.table import Cell, Recipe
from dmcore.experiments.table_config import GradientTableConfig, Titles, Unique

MethodName = Literal[
    "random",
    "mean_image",
    "herding",
    "k_center",
    "k_means",
    "forgetting",
    "least_forgotten",
    "dc",
    "dsa",
    "dm",
    "whole",
]
SELECTIONS: tuple[Selection, ...] = get_args(Selection)
METHODS: tuple[MethodName, ...] = ("random", "mean_image", "herding", "k_center", "forgetting", "dm", "whole")
"""Rows of both presets. The others are asked for by name: DC and DSA take longer from 10 images per class on,
and the recorded tables have no more selections."""
NAMES: dict[MethodName, str] = {
    "random": "Random",
    "mean_image": "Mean image",
    "herding": "Herding",
    "k_center": "k-center",
    "k_means": "k-means",
    "forgetting": "Forgetting",
    "least_forgotten": "Least forgotten",
    "dc": "DC",
    "dsa": "DSA",
    "dm": "DM",
    "whole": "Whole set",
}
PAPER_ROWS = "Random, herding, forgetting, DC, DSA and DM are the paper's; the others are ours."


class Table1Config(GradientTableConfig):
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
    leading = (*GradientTableConfig.leading, "methods")

    methods: Annotated[tuple[MethodName, ...], Unique, Titles(NAMES, PAPER_ROWS)] = ()
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


def _recipes(method: MethodName, sizes: Sequence[int], seed: int, chosen: Preset) -> dict[int, Recipe]:
    if method == "dm":
        return chosen.condensed(sizes, seed)
    if method in ("dc", "dsa"):
        return chosen.gradient_matched(method, sizes, seed)
    if method == "whole":
        return dict.fromkeys(sizes, chosen.whole(seed))
    selection = next(name for name in SELECTIONS if name == method)
    return chosen.selected(selection, sizes, seed)
