"""Metadata of an exported set (classes, normalisation, iteration): reading, writing, and a set before checks.

The metadata are one JSON object, inside a file with room for it or next to it as `normalisation.json`.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dmcore.data import limits
from dmcore.data.images import Statistics
from dmcore.files.atomic import write_atomically
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.pixel_scale import Convention

METADATA_FILE = "normalisation.json"
SMALLEST_STD = 1e-6
"""Deviations are measured to six digits; a constant channel gets 1."""


@dataclass(frozen=True)
class UncheckedSet:
    """A set as read from a file, which nobody vouches for; anything may be missing."""

    images: Tensor | None = None
    label: Tensor | None = None
    class_names: tuple[str, ...] | None = None
    statistics: Statistics | None = None
    name: str = "imported"
    iteration: int = 0
    dataset: str = ""
    layout: str = ""
    """Sentence on the layout that it was recognised as; empty for our own."""
    notes: tuple[str, ...] = ()
    """Sentences on what the file holds besides."""
    pixels: Convention = "normalised"
    """What floating-point pixels of its layout are."""
    may_hold_tiles: bool = False
    """Whether each image may hold several smaller ones."""
    named_by_index: bool = False
    """Whether the class names are only numbers, in the order of the labels."""

    def with_images(self, images: Tensor, label: Tensor) -> "UncheckedSet":
        """Copy with these images."""
        return replace(self, images=images, label=label)

    def noting(self, sentence: str) -> "UncheckedSet":
        """Copy with one more sentence."""
        return replace(self, notes=(*self.notes, sentence))

    def named(self, name: str) -> "UncheckedSet":
        """Copy with another name."""
        return replace(self, name=name)


def metadata_of(condensed: CondensedSet) -> dict[str, Any]:
    """Metadata of a set as a JSON object: everything but images and labels."""
    return {
        "class_names": condensed.class_names,
        "mean": condensed.statistics.mean,
        "std": condensed.statistics.std,
        "set": condensed.name,
        "iteration": condensed.iteration,
        "dataset": condensed.dataset,
        "stored_as": condensed.stored_as,
    }


def write_metadata(file: Path, condensed: CondensedSet, sentence: str) -> Path:
    """Write the metadata to a JSON file, with a sentence on what the format loses."""
    content = {"about": sentence, **metadata_of(condensed)}
    write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False).encode())
    return file


def read_metadata(file: Path) -> UncheckedSet:
    """Read the JSON file next to a set; a set without anything where there is none.

    Raises:
        ValueError: too large, a field is missing or invalid.
    """
    if not file.is_file():
        return UncheckedSet()
    check_metadata_size(file.stat().st_size, file.name)
    return parse_metadata(file.read_bytes())


def check_metadata_size(number: int, source: str) -> None:
    """Check that metadata of so many bytes may be read.

    Raises:
        ValueError: more than the limit.
    """
    if number > limits.MOST_METADATA_BYTES:
        raise ValueError(
            f"the metadata in {source} are larger than {limits.MOST_METADATA_BYTES >> 20} MB: "
            "export the set again"
        )


def parse_metadata(text: str | bytes) -> UncheckedSet:
    """Parse the JSON that `metadata_of` describes.

    Raises:
        ValueError: a field is missing, of another type or out of range; names it.
    """
    try:
        facts = json.loads(text)
        if not isinstance(facts, dict):
            raise TypeError("no JSON object")
        mean, std = _numbers(facts, "mean"), _numbers(facts, "std")
        if len(mean) != len(std):
            raise ValueError(f"{len(mean)} means and {len(std)} deviations")
        if not all(0 <= value <= 1 for value in mean) or not all(SMALLEST_STD <= value <= 1 for value in std):
            raise ValueError(
                f"mean {list(mean)} and deviation {list(std)} are not those of pixels scaled to 0 to 1"
            )
        return UncheckedSet(
            class_names=tuple(_text(name) for name in _list(facts, "class_names")),
            statistics=Statistics(mean, std),
            name=_text(facts["set"]),
            iteration=checked_iteration(facts["iteration"]),
            dataset=_text(facts["dataset"]),
        )
    except KeyError as missing:
        raise ValueError(f"the metadata of the images have no {missing}: export the set again") from missing
    except (TypeError, ValueError, RecursionError) as damage:
        raise ValueError(
            f"the metadata of the images are damaged ({damage}): export the set again"
        ) from damage


def checked_iteration(value: object) -> int:
    """Check a number of updates: a whole number from 0 to `limits.MOST_ITERATION`.

    Raises:
        ValueError: another value.
    """
    if type(value) is not int or not 0 <= value <= limits.MOST_ITERATION:
        raise ValueError(
            f"iteration {str(value)[:40]} is no whole number from 0 to {limits.MOST_ITERATION:,}: "
            "give the number of updates that the images have had"
        )
    return value


def _numbers(facts: Mapping[str, Any], name: str) -> tuple[float, ...]:
    values = _list(facts, name)
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raise TypeError(f"{name} {str(values)[:40]} is no list of numbers")
    if not all(map(math.isfinite, values)):
        raise ValueError(f"{name} {str(values)[:40]} is not finite")
    return tuple(map(float, values))


def _list(facts: Mapping[str, Any], name: str) -> list[Any]:
    if not isinstance(facts[name], list):
        raise TypeError(f"{name} is no list")
    return list(facts[name])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} is no text")
    value.encode()  # a lone surrogate cannot be stored
    return value
