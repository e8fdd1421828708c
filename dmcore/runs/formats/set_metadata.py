"""Metadata of an exported set (classes, normalisation, iteration): reading, writing, and a set before checks.

The metadata are one JSON object, inside a file with room for it or next to it as `normalisation.json`.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.files.atomic import write_atomically
from dmcore.runs.formats.condensed import CondensedSet

METADATA_FILE = "normalisation.json"


@dataclass(frozen=True)
class UncheckedSet:
    """A set as read from a file; anything may be missing. Images are normalised floats, or uint8."""

    images: Tensor | None = None
    label: Tensor | None = None
    class_names: tuple[str, ...] | None = None
    statistics: Statistics | None = None
    name: str = "imported"
    iteration: int = 0
    dataset: str = ""

    def with_images(self, images: Tensor, label: Tensor) -> "UncheckedSet":
        """Copy with these images."""
        return replace(self, images=images, label=label)

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


def parse_metadata(text: str) -> UncheckedSet:
    """Parse the JSON that `metadata_of` describes.

    Raises:
        ValueError: a field is missing or invalid.
    """
    try:
        facts = json.loads(text)
        return UncheckedSet(
            class_names=tuple(str(name) for name in facts["class_names"]),
            statistics=Statistics(
                tuple(float(value) for value in facts["mean"]), tuple(float(value) for value in facts["std"])
            ),
            name=str(facts["set"]),
            iteration=int(facts["iteration"]),
            dataset=str(facts["dataset"]),
        )
    except (KeyError, TypeError, ValueError) as damage:
        raise ValueError(
            f"the metadata of the images are damaged ({damage!r}): export the set again"
        ) from damage
