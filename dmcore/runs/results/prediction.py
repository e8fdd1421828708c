"""What a person guessed before a run began: a file of its own beside the run, which no result depends on."""

import json
from dataclasses import dataclass

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "guess.json"


@dataclass(frozen=True)
class Guess:
    """The test accuracy that a network will reach which sees only the images of the run's smallest sets."""

    accuracy: float
    """In percent."""
    images_per_class: int
    """Size of the sets that it was guessed for."""


def write_guess(run: RunFolder, accuracy: float) -> None:
    """Keep a guess in percent with a run, about its smallest sets.

    Raises:
        ValueError: not within 0 and 100.
        StorageError: the folder cannot be written to.
    """
    if not 0 <= accuracy <= 100:
        raise ValueError(f"a guess of {accuracy} % cannot come true: guess between 0 and 100")
    smallest = min(one.images_per_class for one in run.sets)
    content = json.dumps({"accuracy": accuracy, "images_per_class": smallest})
    write_atomically(run.path / FILE, content.encode())


def read_guess(run: RunFolder) -> Guess | None:
    """The guess kept with a run; None without one, or where the file is damaged: nothing depends on it."""
    try:
        told = json.loads((run.path / FILE).read_bytes())
        guess = Guess(float(told["accuracy"]), int(told["images_per_class"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return guess if 0 <= guess.accuracy <= 100 else None
