"""Published numbers for the cells of our tables, and the differences between the experiments.

The numbers are those of the paper's tables 1 to 4 and figure 5; Fashion-MNIST is not in it. A number is of
the same experiment only if `differences` is empty.
"""

import re
from dataclasses import dataclass

from dmcore.config.network_source import parse_source
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.deviations import PublishedExperiment, differences_from
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.table import Cell, Table

LATER_PAPERS = "published later, by papers that re-ran the methods"
SIZES = (1, 10, 50)
"""Images per class of table 1."""

TABLE1 = {
    "mnist": {
        "random": "64.9±3.5 / 95.1±0.9 / 97.9±0.2",
        "herding": "89.2±1.6 / 93.7±0.3 / 94.8±0.2",
        "forgetting": "35.5±5.6 / 68.1±3.3 / 88.2±1.2",
        "dm": "89.7±0.6 / 97.5±0.1 / 98.6±0.1",
        "whole": "99.6±0.0",
    },
    "cifar10": {
        "random": "14.4±2.0 / 26.0±1.2 / 43.4±1.0",
        "herding": "21.5±1.2 / 31.6±0.7 / 40.4±0.6",
        "forgetting": "13.5±1.2 / 23.3±1.0 / 23.3±1.1",
        "dm": "26.0±0.8 / 48.9±0.6 / 63.0±0.4",
        "whole": "84.8±0.1",
    },
    "cifar100": {
        "random": "4.2±0.3 / 14.6±0.5 / 30.0±0.4",
        "herding": "8.4±0.3 / 17.3±0.3 / 33.7±0.5",
        "forgetting": "4.5±0.2 / 15.1±0.3 / 30.5±0.3",
        "dm": "11.4±0.3 / 29.7±0.3 / 43.6±0.4",
        "whole": "56.2±0.3",
    },
    "tinyimagenet": {
        "random": "1.4±0.1 / 5.0±0.2 / 15.0±0.4",
        "herding": "2.8±0.2 / 6.3±0.2 / 16.7±0.3",
        "forgetting": "1.6±0.1 / 5.1±0.2 / 15.0±0.3",
        "dm": "3.9±0.2 / 12.9±0.4 / 24.1±0.3",
        "whole": "37.6±0.4",
    },
    "imagenet64": {"random": "0.52 / 1.94 / 7.54", "dm": "1.3 / 5.7 / 11.4"},
}
"""By data set and method, for each of `SIZES`; `whole` has one number."""
FASHION_MNIST = {
    "random": "51.4 / 73.8 / 82.5",
    "herding": "67.0 / 71.1 / 71.9",
    "dm": "70.7 / 83.5 / 88.1",
    "whole": "93.5",
}
TABLE2 = {"cifar10": 65.2, "cifar100": 48.0, "tinyimagenet": 28.2}
"""DM at 50 per class, learned and tested with batch norm."""
TABLE3 = {
    "convnet": {"convnet": 65.2, "alexnet": 61.3, "vgg11": 59.9, "resnet18": 57.0},
    "alexnet": {"convnet": 60.5, "alexnet": 59.8, "vgg11": 58.9, "resnet18": 54.6},
    "vgg11": {"convnet": 54.2, "alexnet": 52.6, "vgg11": 52.8, "resnet18": 49.1},
    "resnet18": {"convnet": 52.2, "alexnet": 50.9, "vgg11": 49.6, "resnet18": 52.2},
}
"""CIFAR-10, 50 per class, batch norm: learned on, then tested on."""
TABLE4 = {
    "random": "26.0 / 48.9 / 63.0",
    "band:10-20": "26.2 / 48.7 / 62.7",
    "band:20-30": "25.9 / 48.1 / 62.1",
    "band:30-40": "26.1 / 50.7 / 62.8",
    "band:40-50": "26.7 / 51.1 / 63.0",
    "band:50-60": "26.8 / 49.9 / 61.9",
    "band:60-70": "27.3 / 48.6 / 60.6",
    "band:70-100": "26.5 / 48.2 / 60.0",
    "all": "26.4 / 50.7 / 62.5",
}
"""DM on CIFAR-10 by embedding networks, for each of `SIZES`; bands are validation accuracies."""
FIGURE5 = {100: 67.0, 200: 71.2, 500: 76.1, 1000: 79.8, 1250: 80.8}
"""DM on CIFAR-10, by images per class; smaller sets are in table 1."""


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
        theirs = PublishedExperiment(
            data=table.dataset,
            norm="instance" if _of_table(table, cell) in (1, 4, 5) else "batch",
            any_network=_of_table(table, cell) == 3,
        )
        texts |= dict.fromkeys(differences_from(theirs, cell, table.protocol))
    return tuple(texts)


def _of_table(table: Table, cell: Cell) -> int:
    """Number of the paper's table that has a cell, 1 to 4; 5 for figure 5."""
    recipe = cell.recipe
    if recipe.method != "dm":
        return 1
    if recipe.condense is not None and recipe.condense.source != "random":
        return 4
    number = experiment_of(table).paper_table
    if number == 3 or (number == 2 and cell.network.norm == "batch"):
        return number
    return 5 if recipe.images_per_class > max(SIZES) else 1


def _number(table: Table, cell: Cell) -> Published | None:
    data, recipe, of_table = table.dataset, cell.recipe, _of_table(table, cell)
    size, value, source = recipe.images_per_class, None, f"the paper, table {of_table}"
    if of_table == 2 and size == 50:
        value = TABLE2.get(data)
    elif of_table == 3 and size == 50 and data == "cifar10" and recipe.condense is not None:
        value = TABLE3.get(recipe.condense.network, {}).get(cell.network.network)
    elif of_table == 4 and data == "cifar10" and recipe.condense is not None:
        return _of_line(TABLE4.get(recipe.condense.source, ""), False, size, source)
    elif of_table == 5 and data == "cifar10":
        value, source = FIGURE5.get(size), "the paper, figure 5"
    elif of_table == 1:
        later = data == "fashion_mnist"
        line = (FASHION_MNIST if later else TABLE1.get(data, {})).get(recipe.method, "")
        return _of_line(line, recipe.method == "whole", size, LATER_PAPERS if later else source)
    return None if value is None else Published(value, None, source)


def _of_line(line: str, whole: bool, size: int, source: str) -> Published | None:
    """Parse one of the numbers of a line such as `26.0±0.8 / 48.9±0.6 / 63.0±0.4`."""
    if not line or not (whole or size in SIZES):
        return None
    number = line.split(" / ")[0 if whole else SIZES.index(size)]
    value, _, std = re.sub(r"\s", "", number).partition("±")
    return Published(float(value), float(std) if std else None, source)
