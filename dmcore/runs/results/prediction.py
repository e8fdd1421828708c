"""The user's accuracy prediction before a run (`guess.json`), and its comparison with the results."""

from collections.abc import Sequence

from pydantic import Field

from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.runs.description import StoredResult
from dmcore.runs.display.titles import set_title
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


def prediction_sentence(
    run: RunFolder, results: Sequence[StoredResult], person: str, *, pending: bool = False
) -> str | None:
    """Compare the prediction with the results; who did not make it reads nothing before there are any.

    Args:
        run: the run.
        results: its results to compare, one of each set.
        person: hash of the id of who reads.
        pending: whether more results come by themselves: until then nothing is compared.

    Returns:
        A sentence or two; None without a prediction, or without anything to say to this person.
    """
    prediction = read_prediction(run)
    if prediction is None:
        return None
    own = bool(prediction.person) and prediction.person == person
    sets = [each for each in run.sets if each.images_per_class == prediction.images_per_class]
    tested = {result.set: result for result in results if result.kind == "condensed"}
    measured = [(each, tested[each.name]) for each in sets if each.name in tested]
    if pending or not measured:
        later = "" if pending else " “Evaluate” shows the result."
        return f"Your prediction: {prediction.accuracy:.0f} %.{later}" if own else None
    comparisons = []
    for each, result in measured:
        which = f"{set_title(run, each)} " if len(run.sets) > 1 else ""
        comparisons.append(f"{which}it is {result.text}, {_distance_text(result.mean, prediction)}")
    who = "You predicted" if own else "The prediction before the start was"
    rests = _rests_on([result for _, result in measured], len(sets))
    return f"{who} {prediction.accuracy:.0f} %: {'; '.join(comparisons)}.{rests}"


def _rests_on(results: Sequence[StoredResult], sets: int) -> str:
    """Sentence on what is missing of a stopped evaluation; empty where nothing is."""
    tested, wanted = sum(result.n for result in results), sets * results[0].protocol.repeats
    return (
        f" This rests on {tested} of {wanted} networks: the evaluation was stopped."
        if tested < wanted
        else ""
    )


def _distance_text(mean: float, prediction: AccuracyPrediction) -> str:
    points = round(mean) - round(prediction.accuracy)
    if not points:
        return "as predicted"
    return f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'above' if points > 0 else 'below'}"
