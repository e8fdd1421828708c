"""Published numbers against a second transcription, number by number."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmcore.experiments.published import numbers as ours
from dmcore.experiments.published.numbers import SIZES, numbers_of

FILE = Path(__file__).with_name("numbers.csv")
Key = tuple[str, str, str, str]
Value = tuple[float, float | None]


def transcription() -> dict[Key, Value]:
    """Value and deviation by item, data, method and setting."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            (row["item"], row["data"], row["method"], row["setting"]): (
                float(row["value"]),
                float(row["std"]) if row["std"] else None,
            )
            for row in csv.DictReader(file)
        }


def lines(item: str, data: str, printed: dict[str, str]) -> Iterator[tuple[Key, Value]]:
    for method, line in printed.items():
        for size, number in zip(
            ("",) if method == "whole" else map(str, SIZES), numbers_of(line), strict=True
        ):
            if number is not None:
                yield (item, data, method, size), tuple(number)


def numbers() -> Iterator[tuple[Key, Value]]:
    """All of ours, keyed like the transcription."""
    for data, printed in ours.TABLE1.items():
        yield from lines("table1", data, printed)
    yield from lines("later", "fashion_mnist", ours.FASHION_MNIST)
    yield from lines("rerun", "cifar10", ours.CIFAR10_RERUN)
    for method, by_data in ours.TABLE2.items():
        yield from ((("table2", data, method, "50"), (value, None)) for data, value in by_data.items())
    for learner, row in ours.TABLE3.items():
        for tester, value in row.items():
            yield ("table3", "cifar10", "dm", f"{learner}>{tester}"), (value, None)
    for tester, value in ours.TABLE3_DSA.items():
        yield ("table3", "cifar10", "dsa", f"convnet>{tester}"), (value, None)
    yield from lines("table4", "cifar10", ours.TABLE4)
    for size, value in ours.FIGURE5.items():
        yield ("figure5", "cifar10", "dm", str(size)), (value, None)
    for method, minutes in ours.FIGURE4_MINUTES.items():
        yield ("figure4", "cifar10", method, "minutes"), (minutes, None)
    for method, values in ours.FIGURES6_7.items():
        for steps, value in zip(ours.CONTINUAL_STEPS, values, strict=True):
            yield ("figures6-7", "cifar100", method, str(steps)), (value, None)
    for method, search in ours.TABLE5.items():
        if search.correlation is not None:
            yield ("table5", "cifar10", method, "correlation"), (search.correlation, None)
        yield ("table5", "cifar10", method, "accuracy"), (search.accuracy, None)
    for method, minutes in ours.TABLE5_MINUTES.items():
        yield ("table5", "cifar10", method, "minutes"), (minutes, None)


def test_every_number_stands_in_both_transcriptions_alike() -> None:
    found = list(numbers())
    assert len(found) == len(dict(found)) > 170
    assert dict(found) == transcription()


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("26.0±0.8 / – / 63.0", ((26.0, 0.8), None, (63.0, None))),
        ("84.8±0.1", ((84.8, 0.1),)),
        ("", ()),
    ],
)
def test_a_dash_is_no_number(line: str, parsed: tuple[object, ...]) -> None:
    assert numbers_of(line) == parsed


def test_every_printed_method_has_a_name_for_people() -> None:
    printed = {method for _, _, method, _ in dict(numbers())}
    assert {name for name in printed if name not in ours.TABLE4} <= ours.METHODS.keys()
