"""The user's accuracy prediction before a run (`guess.json`); no result depends on it."""

import json
from dataclasses import dataclass

from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder

FILE = "guess.json"


@dataclass(frozen=True)
class AccuracyPrediction:
    """Predicted test accuracy of a network trained only on the images of the run's smallest sets."""

    accuracy: float
    """In percent."""
    images_per_class: int
    """Size of the sets that it was predicted for."""


def write_prediction(run: RunFolder, accuracy: float) -> None:
    """Store a prediction in percent for the smallest sets of a run.

    Raises:
        ValueError: not within 0 and 100.
        StorageError: the folder cannot be written to.
    """
    if not 0 <= accuracy <= 100:
        raise ValueError(f"a predicted accuracy of {accuracy} % is impossible: predict between 0 and 100")
    smallest = min(described.images_per_class for described in run.sets)
    content = json.dumps({"accuracy": accuracy, "images_per_class": smallest})
    write_atomically(run.path / FILE, content.encode())


def read_prediction(run: RunFolder) -> AccuracyPrediction | None:
    """Read the prediction of a run; None without one, or where the file is damaged."""
    try:
        content = json.loads((run.path / FILE).read_bytes())
        prediction = AccuracyPrediction(float(content["accuracy"]), int(content["images_per_class"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
    return prediction if 0 <= prediction.accuracy <= 100 else None
