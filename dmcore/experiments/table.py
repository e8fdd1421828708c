"""Table of the paper as a frozen value: its cells, each with a recipe of images and the network to test.

Every table is one of these, and the pages and the command line run all of them alike.
"""

import hashlib
from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dmcore.config import (
    CondenseConfig,
    Count,
    EvaluateConfig,
    FrozenModel,
    MethodConfig,
    NetworkSpec,
    Selection,
    TrainingConfig,
)
from dmcore.config.methods import METHODS, Method

FORMAT = 1


class Recipe(FrozenModel):
    """How to make one independent set of images: the method, its configuration and the seed."""

    method: Method | Literal["whole", "run"] | Selection
    """Distribution or gradient matching, all real images, a run on disk, or a selection of real images."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Of all random draws: another seed gives another set."""
    images_per_class: Count = 1
    """Which of the sets of `sizes`."""
    sizes: tuple[Count, ...] = (1,)
    """Images per class of all sets created together: they share real sides, or are nested."""
    condense: MethodConfig | None = None
    """`dm`: the run, with a set for each size; `dc`, `dsa`: the run, with its one set."""
    training: TrainingConfig | None = None
    """`whole`: the network; selections: the network whose features or forgetting counts they use, if any."""
    run: str = ""
    """`run`: its id."""
    set: str = ""
    """`run`: the name of its set."""
    iteration: int | None = None
    """`run`: iteration of the images; the latest if None."""

    @property
    def dm_config(self) -> CondenseConfig | None:
        """`condense` of distribution matching; None for other methods."""
        return self.condense if isinstance(self.condense, CondenseConfig) else None

    @property
    def group_key(self) -> str:
        """Key that is equal for sets created together."""
        return self.model_copy(update={"images_per_class": 1}).model_dump_json()

    def within(self, least: int) -> "Recipe | None":
        """Recipe without the sizes that need more real images than the smallest class has.

        A start from noise takes no real images, and a run exists already.

        Args:
            least: real images of the smallest class.

        Returns:
            The recipe; None if its own size is one of those left out.
        """
        if self.method in ("run", "whole"):
            return self
        specs = self.condense.all_sets() if self.condense else ()
        noise = {spec.images_per_class for spec in specs if spec.init == "noise"}
        feasible = [index for index, size in enumerate(self.sizes) if size in noise or size <= least]
        if len(feasible) == len(self.sizes):
            return self
        sizes = tuple(self.sizes[index] for index in feasible)
        if self.images_per_class not in sizes:
            return None
        condense = self.condense
        if isinstance(condense, CondenseConfig):
            condense = condense.model_copy(update={"sets": tuple(condense.sets[index] for index in feasible)})
        return self.model_copy(update={"sizes": sizes, "condense": condense})


class Cell(FrozenModel):
    """Cell of a table: one independent set of images, tested by one architecture.

    Cells of the same row and column hold independent sets; `report.entries.entry_of` averages over them.
    """

    row: str
    column: str
    recipe: Recipe
    network: NetworkSpec
    """Classifier that is trained on the set."""
    repeats: Count
    """Networks trained on it: repeats of one set."""

    @property
    def set_key(self) -> tuple[str, int]:
        """Key that is equal for cells known to have the same images, such as one mean image of each class.

        Others may turn out to have: of one image per class k-center and k-means choose the one of herding.
        """
        recipe = self.recipe
        if recipe.method == "whole":
            return recipe.group_key, 0
        if recipe.method == "mean_image" and recipe.images_per_class == 1:
            return recipe.method, 1  # whatever the seed
        return recipe.group_key, recipe.images_per_class


class Table(FrozenModel):
    """Rows, columns and cells of a table; a row and column has one cell for each independent set."""

    model_config = ConfigDict(populate_by_name=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    """`table1`, `table2`, `table3`, `figure5`, or `own`."""
    title: str
    dataset: str
    """What `load_dataset` takes."""
    protocol: EvaluateConfig
    """How classifiers are trained; its `networks` and `repeats` are ignored."""
    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...] = Field(alias="places")
    """Stored as `places`: files and keys of older versions stay valid."""

    @cached_property
    def key(self) -> str:
        """Hash of all but the title, 12 hexadecimal digits: names the results file."""
        text = f"{FORMAT}\n{self.model_dump_json(exclude={'title'}, by_alias=True)}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def compared_rows(self) -> tuple[str, ...]:
        """Rows of networks trained on a few images: all but those trained on all real ones."""
        whole = {cell.row for cell in self.cells if cell.recipe.method == "whole"}
        return tuple(row for row in self.rows if row not in whole)

    @cached_property
    def learned_rows(self) -> tuple[str, ...]:
        """Rows of learned sets, those of distribution matching first."""
        learned = [cell for cell in self.cells if cell.recipe.method in (*METHODS, "run")]
        learned.sort(key=lambda cell: cell.recipe.method in ("dc", "dsa"))
        return tuple(dict.fromkeys(cell.row for cell in learned))

    @cached_property
    def learned_row(self) -> str | None:
        """Row that pages compare with the others: the first of a learned set; None where there is none."""
        return next(iter(self.learned_rows), None)

    def at(self, row: str, column: str) -> list[int]:
        """Indices of the cells of a row and column: one for each independent set."""
        return [index for index, cell in enumerate(self.cells) if (cell.row, cell.column) == (row, column)]
