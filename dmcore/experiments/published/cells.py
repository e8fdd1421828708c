"""Published numbers for the cells of our tables, and the differences between the experiments.

The numbers themselves: `numbers`. A number is of the same experiment only if `differences` is
empty.
"""

from dataclasses import dataclass

from dmcore.config import Norm
from dmcore.config.network_source import parse_source
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.published.deviations import (
    EARLIER_TESTS,
    TAKEN_OVER,
    PublishedExperiment,
    deviations_from,
)
from dmcore.experiments.published.numbers import (
    DATA_TITLES,
    FASHION_MNIST,
    FASHION_SOURCES,
    FIGURE5,
    REPRINTED,
    SIZES,
    TABLE1,
    TABLE2,
    TABLE2_SIZE,
    TABLE3,
    TABLE3_DSA,
    TABLE3_SIZE,
    TABLE4,
    numbers_of,
)
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.table import Cell, Table


def published_on_other_data(table: Table) -> str:
    """Sentence with the paper's numbers for other data than a table's; empty if there are none to add."""
    if experiment_of(table).paper_table != 4 or table.dataset == "cifar10":
        return ""
    numbers = (f"{parse_source(source).name} {line}" for source, line in TABLE4.items())
    return (
        f"The paper's table 4 is of CIFAR-10 (ConvNets of width 128, {' / '.join(map(str, SIZES))} per class"
        f"): {'; '.join(numbers)}. Other data and other accuracies: not to be compared row by row."
    )


@dataclass(frozen=True)
class Published:
    """Published accuracy with its source."""

    value: float
    """Percent."""
    std: float | None
    """Percent, over networks; None if not published."""
    source: str
    """Name of the source; "the paper" only for what is in it."""


@dataclass(frozen=True)
class PublishedGroup:
    """Published numbers of one source that our experiments differ from alike."""

    source: str
    differences: tuple[str, ...]
    """As `differences` gives them; empty where ours are the same experiments."""
    numbers: dict[str, dict[str, Published]]
    """By row and column."""


def published_groups(table: Table) -> list[PublishedGroup]:
    """All published numbers for a table, grouped by source and differences."""
    groups: dict[tuple[str, tuple[str, ...]], PublishedGroup] = {}
    for row in table.rows:
        for column in table.columns:
            if (published := published_for(table, row, column)) is not None:
                key = published.source, differences(table, row, column)
                group = groups.setdefault(key, PublishedGroup(*key, {}))
                group.numbers.setdefault(row, {})[column] = published
    return list(groups.values())


def published_for(table: Table, row: str, column: str) -> Published | None:
    """Published number for a row and column: same data set by name, method and images per class.

    None if there is none: a data set given by its path may be incomplete.
    """
    numbers = {_number(table, table.cells[index]) for index in table.at(row, column)}
    return numbers.pop() if len(numbers) == 1 else None


def published_data(dataset: str) -> str | None:
    """Registry name of the published data set to compare a data set's results with; None where there is none.

    `fashion` is a part of Fashion-MNIST.
    """
    name = "fashion_mnist" if dataset == "fashion" else dataset
    return name if name in DATA_TITLES else None


def published_beside(table: Table, row: str, column: str) -> Published | None:
    """Published number of the data set that a table's is a part of, or is; None where there is none."""
    target = published_data(table.dataset)
    if target is None:
        return None
    return published_for(table.model_copy(update={"dataset": target}), row, column)


def differences(table: Table, row: str, column: str) -> tuple[str, ...]:
    """Differences of a row and column from the published experiment, each as a short text.

    Empty for the same experiment. Numbers of sets and networks are not compared.
    """
    if published_for(table, row, column) is None:
        if table.dataset not in CATALOGUE and table.dataset not in TABLE1:
            return ("data known by their path, which may be a part of a published data set",)
        return ("nothing was published for this data set, method and number of images",)
    texts: dict[str, None] = {}
    for index in table.at(row, column):
        cell = table.cells[index]
        theirs = published_experiment(table, cell, table.dataset)
        texts |= dict.fromkeys(deviation.text for deviation in deviations_from(theirs, cell, table.protocol))
    return tuple(texts)


def published_experiment(table: Table, cell: Cell, data: str) -> PublishedExperiment:
    """Published experiment that a cell follows, on the data set of this registry name."""
    number = _of_table(table, cell)
    sizes = {2: (TABLE2_SIZE,), 3: (TABLE3_SIZE,), 5: tuple(FIGURE5)}.get(number, SIZES)
    norm: Norm = "instance" if number in (1, 4, 5) else "batch"
    test = EARLIER_TESTS.get(data) if cell.recipe.method in TAKEN_OVER else None
    unknown = data == "fashion_mnist" and FASHION_SOURCES.get(cell.recipe.method) == REPRINTED
    return PublishedExperiment(data, norm, number == 3, sizes, test, unknown)


def _of_table(table: Table, cell: Cell) -> int:
    """Number of the paper's table that has a cell, 1 to 4; 5 for figure 5."""
    recipe, number = cell.recipe, experiment_of(table).paper_table
    if recipe.method not in ("dm", "dsa"):
        return 1
    if recipe.dm_config is not None and recipe.dm_config.source != "random":
        return 4
    if number == 3 or (number == 2 and cell.network.norm == "batch"):
        return number
    return 5 if recipe.method == "dm" and recipe.images_per_class > max(SIZES) else 1


def _number(table: Table, cell: Cell) -> Published | None:
    data, recipe, of_table = table.dataset, cell.recipe, _of_table(table, cell)
    size, value, source = recipe.images_per_class, None, f"the paper, table {of_table}"
    if of_table == 2 and size == TABLE2_SIZE:
        value = TABLE2[recipe.method].get(data)
    elif of_table == 3 and size == TABLE3_SIZE and data == "cifar10" and recipe.condense is not None:
        learner = recipe.condense.network
        of_learner = TABLE3.get(learner, {}) if recipe.method == "dm" else TABLE3_DSA
        value = of_learner.get(cell.network.network)
    elif of_table == 4 and data == "cifar10" and recipe.dm_config is not None:
        return _of_line(TABLE4.get(recipe.dm_config.source, ""), False, size, source)
    elif of_table == 5 and data == "cifar10":
        value, source = FIGURE5.get(size), "the paper, figure 5"
    elif of_table == 1:
        later = data == "fashion_mnist"
        line = (FASHION_MNIST if later else TABLE1.get(data, {})).get(recipe.method, "")
        source = FASHION_SOURCES.get(recipe.method, "") if later else source
        return _of_line(line, recipe.method == "whole", size, source)
    return None if value is None else Published(value, None, source)


def _of_line(line: str, whole: bool, size: int, source: str) -> Published | None:
    """Parse one of the numbers of a line such as `26.0±0.8 / 48.9±0.6 / 63.0±0.4`."""
    if not line or not (whole or size in SIZES):
        return None
    number = numbers_of(line)[0 if whole else SIZES.index(size)]
    return None if number is None else Published(number.value, number.std, source)
