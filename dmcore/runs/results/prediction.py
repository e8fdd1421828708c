"""The user's accuracy prediction before a run (`guess.json`); no result depends on it."""

from pydantic import Field

from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.runs.folder import RunFolder

FILE = "guess.json"


class AccuracyPrediction(Record):
    """Predicted test accuracy of a network trained only on the images of the run's smallest sets."""

    accuracy: float = Field(ge=0, le=100)
    """In percent."""
    images_per_class: int
    """Size of the sets that it was predicted for."""
    person: str = ""
    """Hash of the id of who predicted it; empty where that is not known."""


def write_prediction(run: RunFolder, accuracy: float, person: str = "") -> None:
    """Store a prediction in percent for the smallest sets of a run, and the hash of the id of who made it.

    Raises:
        ValueError: not within 0 and 100.
        StorageError: the folder cannot be written to.
    """
    if not 0 <= accuracy <= 100:
        raise ValueError(f"a predicted accuracy of {accuracy} % is impossible: predict between 0 and 100")
    smallest = min(described.images_per_class for described in run.sets)
    prediction = AccuracyPrediction(accuracy=accuracy, images_per_class=smallest, person=person)
    write_record(run.path / FILE, prediction)


def read_prediction(run: RunFolder) -> AccuracyPrediction | None:
    """Read the prediction of a run; None without one, or where the file is damaged."""
    try:
        return read_record(AccuracyPrediction, run.path / FILE)
    except (FileNotFoundError, DamagedFileError):
        return None
