"""A table of the paper as a value: which sets of images, judged by which networks, stand in which cells.

Every table is one of these, and the pages and the command line fill all of them alike. Must not import torch.
"""

import hashlib
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from dmcore.config import (
    Choice,
    CondenseConfig,
    Count,
    EvaluateConfig,
    NetworkSpec,
    Selection,
    TrainingConfig,
)

FORMAT = 1


class Recipe(Choice):
    """How one independent set of images comes about."""

    method: Literal["dm", "whole", "run"] | Selection
    """Distribution matching, all real images, a run that is there, or a selection of real images."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Of whatever is drawn: another seed is another set."""
    images_per_class: Count = 1
    """Which of the sets that are made together."""
    sizes: tuple[Count, ...] = (1,)
    """Images per class of all sets that are made together: they share real sides, or are nested."""
    condense: CondenseConfig | None = None
    """`dm`: the run, with a set for each size."""
    training: TrainingConfig | None = None
    """`whole`: the network; selections: the one they look through, where they do."""
    run: str = ""
    """`run`: its id."""
    set: str = ""
    """`run`: the name of its set."""
    iteration: int | None = None
    """`run`: of which images; left open, the latest."""

    @property
    def made_together(self) -> str:
        """The same for sets that are made together."""
        return self.model_copy(update={"images_per_class": 1}).model_dump_json()

    def within(self, least: int) -> "Recipe | None":
        """The same, made only together with what classes of so many real images give; None if it is not one.

        A start from noise takes no real images, and a run is there already.
        """
        if self.method in ("run", "whole"):
            return self
        specs = self.condense.all_sets() if self.condense else ()
        noise = {one.images_per_class for one in specs if one.init == "noise"}
        kept = [place for place, size in enumerate(self.sizes) if size in noise or size <= least]
        if len(kept) == len(self.sizes):
            return self
        sizes = tuple(self.sizes[place] for place in kept)
        if self.images_per_class not in sizes:
            return None
        condense = self.condense
        if condense is not None:
            condense = condense.model_copy(update={"sets": tuple(condense.sets[place] for place in kept)})
        return self.model_copy(update={"sizes": sizes, "condense": condense})


class Place(Choice):
    """One set judged by one architecture, and where in the table that stands."""

    row: str
    column: str
    recipe: Recipe
    network: NetworkSpec
    """What is trained on the set."""
    repeats: Count
    """Networks trained on it: repeats of one set."""


class Table(Choice):
    """Rows and columns, and what fills them; several places of one cell are independent sets."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    """`table1`, `table2`, `table3`, `figure5`, or `own`."""
    title: str
    dataset: str
    """What `load_dataset` takes."""
    protocol: EvaluateConfig
    """How networks are trained; its `networks` and `repeats` do not count."""
    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    places: tuple[Place, ...]

    @cached_property
    def key(self) -> str:
        """12 hexadecimal digits that differ where the table does."""
        text = f"{FORMAT}\n{self.model_dump_json(exclude={'title'})}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def at(self, row: str, column: str) -> list[int]:
        """Numbers of the places that stand in one cell."""
        return [index for index, one in enumerate(self.places) if (one.row, one.column) == (row, column)]
