"""Base of the experiments: a frozen configuration, with the presets it starts from and the table it makes.

From a configuration come the command line's options, the presets, the table, the command that runs it and,
in the form, the choices with `Titles`; other fields need a widget. A new experiment is a subclass in a module
of its own, and an entry of `registry.EXPERIMENTS`.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, Field

from dmcore.config import Count, FrozenModel
from dmcore.config.methods import Method
from dmcore.config.models import DEFAULT_DATASET, FromOneTo, ImageCount, NetworkCount, Width
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.presets import DataFacts, Preset, PresetName, override_preset, preset, protocol_of
from dmcore.experiments.table import Cell, Table

Config = TypeVar("Config", bound="TableConfig")
Unique = AfterValidator(lambda values: tuple(dict.fromkeys(values)))
"""Drops the doubles of a list."""


@dataclass(frozen=True)
class Titles:
    """Annotation of a field with choices: their names for people, a note on them and a label, for a form."""

    titles: Mapping[Any, str]
    note: str = ""
    label: str = ""
    """Left empty, the name of the field."""


PROTOCOL_TITLES: Mapping[Method, str] = {"dm": "as DM and DSA", "dc": "as DC"}
"""Published trainings of the test networks; that of DSA is DM's."""
PROTOCOL = Titles(
    PROTOCOL_TITLES,
    "As published with DM and DSA: augmented, 1\u202f000 epochs; with DC: not augmented, 300 epochs. Sets of "
    "all methods are tested by the same one. Left open, augmented; on a laptop 200 epochs.",
    "Training of the test networks",
)
SeedCount = Annotated[int, FromOneTo(1000)]
"""Independent sets of a method; the paper has 5."""
PoolCount = Annotated[int, FromOneTo(10**4)]
StepCount = Annotated[int, FromOneTo(10**9)]
SizeList = Annotated[tuple[Annotated[int, FromOneTo(10**6)], ...], Unique]


class TableConfig(FrozenModel):
    """Configuration of a table; what is left open (None or empty) is the preset's."""

    name: ClassVar[str]
    """Of the experiment: its command, its files, and `Table.name`."""
    label: ClassVar[str]
    """Name for people, such as `Table 1`."""
    meaning: ClassVar[str]
    """Sentence on what it compares."""
    row_title: ClassVar[str]
    column_title: ClassVar[str] = "Images per class"
    figure: ClassVar[str] = "dots"
    """Figure that a page draws: dots by method, lines by images per class (sizes), a matrix, dots by source
    (sources), or one of its own."""
    compared_row: ClassVar[str | None] = "DM"
    """Row that verdicts compare with all others, where the table has it; None: the first."""
    paper_table: ClassVar[int] = 1
    """Table of the paper that the learned sets are of."""
    cell_text: ClassVar[str] = "{row}, {column}"
    """Description of a cell at work."""
    sets_by_row: ClassVar[bool] = False
    """Whether the row says more about a set at work than its architecture and seed."""
    has_command: ClassVar[bool] = True
    """Whether `dmcore experiment` runs it."""
    usual_dataset: ClassVar[Mapping[PresetName, str]] = {"laptop": DEFAULT_DATASET, "paper": "cifar10"}
    """Data set where none is named."""
    usual: ClassVar[Mapping[PresetName, Mapping[str, Any]]]
    """Values of each preset, where the experiment has others than `presets.preset`."""
    leading: ClassVar[tuple[str, ...]] = ("preset", "dataset", "images_per_class")
    """Options that stand first in a command."""

    preset: PresetName = "laptop"
    """laptop (the default) takes minutes, paper is as published and meant for a GPU."""
    dataset: Annotated[str, Field(max_length=4096)] = ""
    """A known name, or the path of an image folder or zip; left open, fashion; for the
    paper preset and for table3 cifar10."""
    images_per_class: SizeList = ()
    """Images per class, a comma list; table3 takes one number."""
    seeds: SeedCount | None = None
    """Independent sets of each method; a verdict needs three."""
    repeats: NetworkCount | None = None
    """Networks trained on each set."""
    iterations: Count | None = None
    """Updates of the synthetic images by DM."""
    protocol: Annotated[Method | None, PROTOCOL] = None
    """Training of those networks as published with a method: dc without augmentation for 300 epochs; dm, as
    dsa, with it for 1,000; left open, with it, and for the laptop 200 epochs."""
    epochs: Count | None = None
    """Passes of each of those networks over its set."""
    width: Width | None = None
    """Filters in each layer of every ConvNet."""
    real_batch: ImageCount | None = None
    """Real images per class and iteration."""

    @property
    def dataset_name(self) -> str:
        """Name or path of the data set; the experiment's usual one where it is left open."""
        return self.dataset or self.usual_dataset[self.preset]

    def resolved(self: Config, data: DataFacts, cache: Path | None = None) -> Config:
        """Fill what is left open with the values of the preset.

        Args:
            data: the data set.
            cache: folder of the pools of trained networks, for rows that depend on a pool.
        """
        return self._with_preset(data)

    def _with_preset(self: Config, data: DataFacts) -> Config:
        base = self._base(data)
        values: dict[str, Any] = {
            "dataset": data.name,
            "seeds": len(base.seeds),
            "repeats": base.repeats,
            "iterations": base.condense.iterations,
            "epochs": base.protocol.epochs,
            "width": base.network.width,
            "real_batch": base.condense.real_batch,
            **self.usual[self.preset],
        }
        return self.model_copy(
            update={name: value for name, value in values.items() if _is_open(getattr(self, name))}
        )

    def _base(self, data: DataFacts) -> Preset:
        """The preset, with the chosen protocol."""
        return replace(preset(self.preset, data), protocol=protocol_of(self.preset, self.protocol))

    def left_open(self: Config, data: DataFacts, cache: Path | None = None) -> Config:
        """Leave open what has the preset's values: the inverse of `resolved`."""
        usual = type(self)(preset=self.preset, protocol=self.protocol).resolved(data, cache)
        same = {
            name: info.default
            for name, info in type(self).model_fields.items()
            if name not in ("preset", "dataset", "protocol") and getattr(self, name) == getattr(usual, name)
        }
        return self.model_copy(update=same)

    def settings(self, data: DataFacts) -> Preset:
        """Condensation, training, protocol and seeds of all cells."""
        filled = self._with_preset(data)
        return override_preset(
            self._base(data),
            seeds=filled.seeds,
            repeats=filled.repeats,
            epochs=filled.epochs,
            iterations=filled.iterations,
            width=filled.width,
            real_batch=filled.real_batch,
        )

    def table(self, data: DataFacts, cache: Path | None = None) -> Table:
        """Create the table; arguments as in `resolved`.

        Raises:
            ValueError: there is nothing to compare.
        """
        filled = self.resolved(data, cache)
        chosen = filled.settings(data)
        cells = tuple(filled.cells(chosen))
        return Table(
            name=self.name,
            title=filled.title(data),
            dataset=data.name,
            protocol=chosen.protocol,
            row_title=self.row_title,
            column_title=self.column_title,
            rows=tuple(dict.fromkeys(cell.row for cell in cells)),
            columns=tuple(dict.fromkeys(cell.column for cell in cells)),
            cells=cells,
        )

    def title(self, data: DataFacts) -> str:
        """Title of the table, of a resolved configuration."""
        raise NotImplementedError

    def cells(self, chosen: Preset) -> Iterator[Cell]:
        """Yield the cells, of a resolved configuration: all of a seed before any of the next.

        Args:
            chosen: its settings.
        """
        raise NotImplementedError

    def pool(self, data: DataFacts) -> PoolRequest | None:
        """Pool of trained networks that the table draws from; None if it needs none."""
        return None

    @classmethod
    def titled_fields(cls) -> dict[str, Titles]:
        """Fields whose choices have names for people, as the form draws them."""
        return {
            name: titles
            for name, info in cls.model_fields.items()
            for titles in info.metadata
            if isinstance(titles, Titles)
        }

    @property
    def command_line(self) -> str:
        """Equivalent shell command; options that are left open are not in it."""
        words = self.options((*self.leading, *type(self).model_fields))
        return shlex.join(["dmcore", "experiment", self.name, *words])

    def options(self, names: Iterable[str]) -> list[str]:
        """Words of a command that give these fields; none for those that are left open."""
        words = []
        for name in dict.fromkeys(names):
            value = getattr(self, name)
            if not _is_open(value):
                text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                words += [f"--{name.replace('_', '-')}", text]
        return words


class GradientTableConfig(TableConfig):
    """Configuration of a table with rows of gradient matching, where they are asked for."""

    gradient_iterations: Count | None = None
    """Iterations of DC and DSA; left open, 1,000, and for the laptop 300 at 1 image per class, else 10."""

    def settings(self, data: DataFacts) -> Preset:
        """Settings with the iterations of gradient matching."""
        return replace(super().settings(data), gradient_iterations=self.gradient_iterations)


def _is_open(value: object) -> bool:
    return value is None or value in ((), "")
