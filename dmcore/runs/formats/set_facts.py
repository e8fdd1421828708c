"""What a file says of its set, before anyone knows whether that is enough: every fact may be missing.

The facts are one JSON object, inside a file that has room for it or beside it as `normalisation.json`.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.files.atomic import write_atomically
from dmcore.runs.formats.condensed import CondensedSet

FACTS_FILE = "normalisation.json"


@dataclass(frozen=True)
class LooseSet:
    """A set as found. Images are normalised floats, or uint8 pictures that still have to be normalised."""

    images: Tensor | None = None
    label: Tensor | None = None
    class_names: tuple[str, ...] | None = None
    statistics: Statistics | None = None
    name: str = "imported"
    iteration: int = 0
    dataset: str = ""

    def with_images(self, images: Tensor, label: Tensor) -> "LooseSet":
        """The same facts about these images."""
        return replace(self, images=images, label=label)

    def named(self, name: str) -> "LooseSet":
        """The same under another name."""
        return replace(self, name=name)


def facts_of(condensed: CondensedSet) -> dict[str, Any]:
    """Everything about a set but its images and labels, for JSON."""
    return {
        "class_names": condensed.class_names,
        "mean": condensed.statistics.mean,
        "std": condensed.statistics.std,
        "set": condensed.name,
        "iteration": condensed.iteration,
        "dataset": condensed.dataset,
        "stored_as": condensed.stored_as,
    }


def tell(file: Path, condensed: CondensedSet, sentence: str) -> Path:
    """Write the facts, and in a sentence what the format loses, beside a file that has no room for them."""
    content = {"about": sentence, **facts_of(condensed)}
    write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False).encode())
    return file


def told(text: str) -> LooseSet:
    """Read the facts back from JSON.

    Raises:
        ValueError: they are not what `facts_of` writes.
    """
    try:
        facts = json.loads(text)
        return LooseSet(
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
            f"the facts beside the images are damaged ({damage!r}): export the set again"
        ) from damage
