"""Configurations of the gallery's entries: runs, tables and races. Never imports torch."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.config.command_line import recompute_command
from dmcore.config.formatting import joined
from dmcore.config.laptop_presets import laptop_condense_config
from dmcore.config.protocols import whole_set_protocol
from dmcore.experiments.figure4.config import NAMES as METHOD_NAMES
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.presets import DataFacts, catalogue_facts
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import TableConfig
from dmcore.runs.description import RESULT_KINDS, ResultKind

PROTOCOL = EvaluateConfig(epochs=200, repeats=3)
"""Of the recorded runs."""


class GalleryEvaluation(NamedTuple):
    """Evaluation of a recorded run: which training images, by which protocol."""

    kind: ResultKind
    protocol: EvaluateConfig
    iteration: int | None = None
    """Of condensed images before the last iteration."""


@dataclass(frozen=True)
class GalleryRun:
    """Recorded run: a condensation, and networks trained on its images and on real ones."""

    name: str
    label: str
    """Title for people, after that of the data set."""
    config: CondenseConfig
    kinds: tuple[ResultKind, ...] = RESULT_KINDS
    protocol: EvaluateConfig = PROTOCOL
    tested_at: tuple[int, ...] = ()
    """Iterations whose images are tested too, by the same protocol: besides the last, which always is."""
    most_snapshots: int = 48
    """Iterations whose images are kept, where they are not too large."""
    scenes: bool = False
    """Whether the scenes of its first updates are stored, which a page draws without computing."""
    map: bool = False
    """Whether the map of its images among the real ones is stored, likewise."""

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return self.config.dataset

    @property
    def title(self) -> str:
        """Title for people."""
        return f"{_facts(self.dataset).title}, {self.label}"

    @property
    def key(self) -> str:
        """Digest of the configuration and of the protocols of its evaluations.

        Not of the moments that are tested: what is computed stays of this configuration when some are added.
        """
        parts = (self.config, *self.protocols.values())
        text = " ".join((*self.kinds, *(part.model_dump_json() for part in parts)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def command(self) -> str:
        """Command that makes the run and tests its last images."""
        return recompute_command(self.config, self.protocols.items())

    @property
    def protocols(self) -> dict[ResultKind, EvaluateConfig]:
        """Protocol of each kind of training images."""
        return {
            kind: whole_set_protocol(self.protocol) if kind == "all_real" else self.protocol
            for kind in self.kinds
        }

    @property
    def evaluations(self) -> tuple[GalleryEvaluation, ...]:
        """All evaluations: of each kind, then of the images at `tested_at`."""
        kinds = (GalleryEvaluation(kind, protocol) for kind, protocol in self.protocols.items())
        moments = (GalleryEvaluation("condensed", self.protocol, iteration) for iteration in self.tested_at)
        return (*kinds, *moments)


@dataclass(frozen=True)
class GalleryTable:
    """Recorded results of a table or figure."""

    name: str
    config: TableConfig

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return self.config.dataset_name

    @property
    def title(self) -> str:
        """Title for people."""
        return f"{self.config.label}, {self.table().title}"

    @property
    def key(self) -> str:
        """Key of the table, which its results file is named by."""
        return self.table().key

    @property
    def command(self) -> str:
        """Command that computes the table."""
        return self.config.command_line

    def table(self) -> Table:
        """The table, which depends on nothing on disk."""
        return self.config.table(_facts(self.dataset))


@dataclass(frozen=True)
class GalleryRace:
    """Recorded race of methods (figure 4): its accuracies are those of the machine that it ran on."""

    name: str
    config: Figure4Config

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return self.config.dataset_name

    @property
    def title(self) -> str:
        """Title for people."""
        methods = joined([METHOD_NAMES[method] for method in self.config.lanes])
        size = f"{self.config.images_per_class} per class"
        return f"Figure 4, {_facts(self.dataset).title}, {size}: {methods} against seconds of condensing"

    @property
    def key(self) -> str:
        """Key of the race, which its folder is named by."""
        return self.config.key

    @property
    def command(self) -> str:
        """Command that runs the race."""
        return self.config.command_line


GalleryEntry = GalleryRun | GalleryTable | GalleryRace


def _facts(name: str) -> DataFacts:
    facts = catalogue_facts(name)
    assert facts is not None, f"{name} is not in the catalogue"
    return facts


def _laptop(dataset: str, **changes: object) -> CondenseConfig:
    laptop = laptop_condense_config(_facts(dataset).shape)
    return CondenseConfig.model_validate(
        {**laptop.model_dump(), "dataset": dataset, "images_per_class": 1, **changes}
    )


UNPOOLED = ("fixed:1", "fixed:8", "fixed:32", "pixels")
SOURCES: dict[str, tuple[str, ...]] = {
    "digits": (
        "random",
        *("band:4-18", "band:18-57", "band:57-86", "band:86-98", "band:98-100"),
        "all",
        *UNPOOLED,
    ),
    "fashion": ("random", "all", *UNPOOLED),
}
"""Rows of table 4, the default ones, written out: left open, they depend on the pool on disk."""
PLAYED = (0, 1, 2, 3, 4, 6, 8, 11, 13, 18, 25, 34, 42, 58, 71, 98, 133, 162, 219, 298, 369)
"""Iterations before the last that the front page plays, evenly in log time."""
LEARNED = {"methods": ("dm",), "images_per_class": (1, 10), "repeats": 3}
"""Tables that differ in one setting from the learned images of table 1."""
ENTRIES: tuple[GalleryEntry, ...] = (
    GalleryRun(
        "fashion-from-noise",
        "1 per class from noise",
        _laptop("fashion", init="noise"),
        kinds=("condensed", "random_real"),  # all real images are tested in table 1
        tested_at=PLAYED,
        scenes=True,
        map=True,
    ),
    GalleryRun("digits-from-noise", "1 per class from noise", _laptop("digits", init="noise")),
    GalleryRun(
        "fashion-ten",
        "10 per class from real images",
        _laptop("fashion", images_per_class=10),
        kinds=("condensed", "random_real"),  # all real images are tested in table 1
    ),
    *(
        GalleryRun(
            f"fashion-no-augmentation-{seed}",
            f"1 per class without augmentation, seed {seed}",
            _laptop("fashion", augment=(), seed=seed),
            kinds=("condensed",),
            most_snapshots=2,  # they are shown beside others, not watched
        )
        for seed in range(3)
    ),
    GalleryTable("table1-digits", Table1Config(dataset="digits")),
    GalleryTable("table2-digits", Table2Config(dataset="digits")),
    GalleryTable("table3-digits", Table3Config(dataset="digits")),
    GalleryTable("table4-digits", Table4Config(dataset="digits", sources=SOURCES["digits"])),
    GalleryTable("figure5-digits", Figure5Config(dataset="digits", images_per_class=(1, 10, 50, 100))),
    GalleryTable(
        "table1-fashion",
        Table1Config(
            dataset="fashion", methods=("random", "mean_image", "herding", "dm", "whole"), repeats=3
        ),
    ),
    GalleryTable("table1-fashion-all-methods", Table1Config(dataset="fashion")),
    GalleryTable("table2-fashion", Table2Config(dataset="fashion")),
    GalleryTable("table3-fashion", Table3Config(dataset="fashion")),
    GalleryTable("table4-fashion", Table4Config(dataset="fashion", sources=SOURCES["fashion"])),
    GalleryTable("figure5-fashion", Figure5Config(dataset="fashion", images_per_class=(1, 10, 50))),
    *(
        GalleryTable(
            f"setting-fashion-{name}",
            Table1Config.model_validate({**LEARNED, "dataset": "fashion", **setting}),
        )
        for name, setting in (
            ("real-batch", {"real_batch": 256}),
            ("iterations", {"iterations": 2000}),
            ("width", {"width": 64}),
        )
    ),
    GalleryRace("figure4-fashion", Figure4Config(dataset="fashion")),
)


def chosen_entries(names: Sequence[str]) -> tuple[GalleryEntry, ...]:
    """Entries of these names, in the order of the gallery; all without names.

    Raises:
        ValueError: there is no such entry; the message names the nearest.
    """
    known = [entry.name for entry in ENTRIES]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
            raise ValueError(f"the gallery has no entry {name!r}: {hint}")
    return tuple(entry for entry in ENTRIES if not names or entry.name in names)
