"""Numbers of the chapter on limits: recorded on the usual data set, else on digits, and published ones."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.data.method_accuracies import recorded_table1
from dmcore.config.models import DEFAULT_DATASET
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import RecordedEntry, recorded_entries
from dmcore.experiments.presets import per_class
from dmcore.experiments.published.numbers import (
    DATA_TITLES,
    FIGURE4_MINUTES,
    FIGURE4_SIZE,
    FIGURE5,
    SIZES,
    TABLE1,
    TABLE5_MINUTES,
    TABLE5_NETWORKS,
    numbers_of,
)
from dmcore.experiments.report.entries import entry_of, known_entries
from dmcore.experiments.table1 import NAMES

DATA = {"fashion": "clothes", "digits": "digits"}
"""Data sets of recorded results, in the order in which they are taken, and what they are called here."""
CURVE_DATA = "cifar10"
HARD = ("mnist", "cifar10", "cifar100", "tinyimagenet")
"""Published data sets, from easy to hard."""
HARD_SIZE = 10
"""Images per class."""
ALIKE = 1.0
"""Points between accuracies that are alike here."""


@dataclass(frozen=True)
class SizeCurve:
    """Accuracy in percent by images per class, of learned and of random real images."""

    data: str
    """Name for people."""
    learned: Mapping[int, float]
    random: Mapping[int, float]
    whole: float
    """Of all real images."""
    entry: RecordedEntry | None
    """None of published numbers."""

    @property
    def largest(self) -> int:
        """Most images per class with both."""
        return max(self.learned.keys() & self.random.keys())

    def lead(self, images_per_class: int) -> float:
        """Points by which learned images are ahead."""
        return self.learned[images_per_class] - self.random[images_per_class]

    def share(self, accuracy: float) -> float:
        """Percent of the accuracy of all real images."""
        return 100 * accuracy / self.whole


class Value(NamedTuple):
    """Accuracy or share in percent, or minutes, with what it is of and the method whose mark it has."""

    label: str
    number: float
    method: str = "DM"


def recorded_of(table: str) -> RecordedEntry | None:
    """Recorded results of a table or figure: of the first of `DATA` that has them; None without any."""
    assert next(iter(DATA)) == DEFAULT_DATASET
    found = {
        entry.results.table.dataset: entry
        for entry in recorded_entries()
        if entry.results is not None and entry.results.table.name == table
    }
    return next((found[data] for data in DATA if data in found), None)


def recorded_curve() -> SizeCurve | None:
    """Recorded figure 5; None where it is not there, or has no size with both learned and random images."""
    entry = recorded_of("figure5")
    if entry is None or entry.results is None:
        return None
    results = entry.results

    def by_size(row: str) -> dict[int, float]:
        return {int(each.column.split()[0]): each.mean for each in known_entries(results, [row])}

    learned, random = by_size(NAMES["dm"]), by_size(NAMES["random"])
    whole = known_entries(results, [NAMES["whole"]])
    if not learned.keys() & random.keys() or not whole:
        return None
    return SizeCurve(DATA[results.table.dataset], learned, random, whole[0].mean, entry)


@dataclass(frozen=True)
class LearnedTest:
    """How a table learned and tested images of one number per class, and what it found."""

    mean: float
    lead: float
    """Ahead of random real images; not a number where the table has none."""
    iterations: int
    networks: int
    """On each set."""


def size_tests(images_per_class: int) -> tuple[LearnedTest, LearnedTest] | None:
    """The recorded curve and table 1 of its data, for one size; None where one has no number of it."""
    curve = recorded_curve()
    table1 = None if curve is None or curve.entry is None else recorded_table1(dataset_of(curve.entry))
    if curve is None or curve.entry is None or table1 is None:
        return None
    column = per_class(images_per_class)
    tests = learned_test(curve.entry, NAMES["dm"], column), learned_test(table1, NAMES["dm"], column)
    return None if tests[0] is None or tests[1] is None else (tests[0], tests[1])


def dataset_of(entry: RecordedEntry) -> str:
    """Name of the data of a recorded table."""
    assert entry.results is not None
    return entry.results.table.dataset


def learned_test(entry: RecordedEntry, row: str, column: str) -> LearnedTest | None:
    """What a recorded table found of learned images; None without a number of theirs."""
    assert entry.results is not None
    results = entry.results
    learned, random = entry_of(results, row, column), entry_of(results, NAMES["random"], column)
    if learned is None or learned.networks_per_set is None:
        return None
    condense = results.table.cells[results.table.at(row, column)[0]].recipe.condense
    assert condense is not None
    lead = math.nan if random is None else learned.mean - random.mean
    return LearnedTest(learned.mean, lead, condense.iterations, learned.networks_per_set)


def published_curve() -> SizeCurve:
    """Published accuracies on CIFAR-10: table 1, and figure 5 for larger sets."""
    lines = TABLE1[CURVE_DATA]

    def by_size(method: str) -> dict[int, float]:
        numbers = zip(SIZES, numbers_of(lines[method]), strict=True)
        return {size: number.value for size, number in numbers if number is not None}

    return SizeCurve(
        DATA_TITLES[CURVE_DATA], by_size("dm") | FIGURE5, by_size("random"), _whole(CURVE_DATA), None
    )


def images_of(data: str) -> int:
    """Real training images of each class of a data set of the catalogue."""
    entry = CATALOGUE[data]
    return entry.train_count // entry.classes


class PublishedCost(NamedTuple):
    """Published minutes on CIFAR-10: of condensing once, and of training one network."""

    condensing: float
    """Less than that."""
    training_all: float
    training_learned: float
    data: str = DATA_TITLES[CURVE_DATA]
    """Name for people."""
    size: int = FIGURE4_SIZE
    """Images per class."""

    @property
    def networks(self) -> int:
        """Networks from which on condensing first takes less time altogether."""
        return math.floor(self.condensing / (self.training_all - self.training_learned)) + 1


def published_cost() -> PublishedCost:
    """Minutes of figure 4 and of the search of table 5, each network of which is trained once."""
    one = {method: minutes / TABLE5_NETWORKS for method, minutes in TABLE5_MINUTES.items()}
    return PublishedCost(FIGURE4_MINUTES["dm"], one["whole"], one["dm"])


def hard_data() -> list[Value]:
    """Published accuracy of learned images as a share of that of all real ones, by data set."""
    at = SIZES.index(HARD_SIZE)
    values = []
    for data in HARD:
        number = numbers_of(TABLE1[data]["dm"])[at]
        assert number is not None
        values.append(Value(DATA_TITLES[data], 100 * number.value / _whole(data)))
    return values


def _whole(data: str) -> float:
    (number,) = numbers_of(TABLE1[data]["whole"])
    assert number is not None
    return number.value
