"""Sentences of the chapter on averaging; every number is one of a recorded table 1."""

from app.data.method_accuracies import ROWS, Method, MethodAccuracy, recorded_accuracies, recorded_table1
from app.run.accuracy_rows import INTERVAL
from app.text.provenance import provenance_text
from app.views.how_it_works.averaging_state import DATA, AveragingState
from app.views.how_it_works.recorded_protocol import recorded_protocol
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.table1 import NAMES

ROW_NAMES: dict[Method, str] = {method: NAMES[row] for method, row in ROWS.items()}
"""Names of the rows of table 1."""
CHOICES = {"data": "the data", "images": "images per class", "kind": "the class shown"}
CONSEQUENCES = {
    "data": "another class is shown, too",
    "images": "the data and the class shown stay",
    "kind": "the numbers are of all classes",
}
ALIKE, MUCH = 5, 15
"""Points of 100 between two accuracies that are about alike, and that are far apart."""


def missing(data: str) -> str:
    """Sentence where the recorded results are not there, with the remedy."""
    return (
        f"The recorded results on {data.lower()} are not in this installation: install the program again, or "
        "run table 1 on the page Accuracy."
    )


def same(data: str) -> str:
    """What the rows have in common, and in what they differ."""
    recorded = recorded_table1(data)
    text = "The rows differ in one thing: how the images were made. Network, training and test are the same"
    if recorded is None or recorded.results is None:
        return f"{text}."
    protocol = recorded_protocol(recorded.results.table)
    if protocol.whole_epochs == protocol.epochs:
        return f"{text}."
    return (
        f"{text}; only on all real images training has {protocol.whole_epochs} epochs, not {protocol.epochs}."
    )


def changed(name: str, before: str, now: str) -> str:
    """Sentence on the last choice: what changed, and what went with it."""
    before, now = DATA.get(before, before), DATA.get(now, now)
    return f"Changed: {CHOICES[name]}, from {before} to {now}; {CONSEQUENCES[name]}."


def right_answer() -> str:
    """Answer that comes true on clothes at one per class; empty without a recorded result."""
    pair = _learned_and_mean("fashion")
    if pair is None:
        return ""
    gap = pair[0].mean - pair[1].mean
    if abs(gap) <= ALIKE:
        return "alike"
    return "mean" if gap < 0 else "much" if gap > MUCH else "learned"


def reveal() -> str:
    """What came true on clothes, and the same on digits."""
    clothes, digits = _learned_and_mean("fashion"), _learned_and_mean("digits")
    if clothes is None:
        return missing(DATA["fashion"])
    text = (
        f"Clothes: {clothes[0].mean:.1f} of 100 right after learned images, {clothes[1].mean:.1f} after mean "
        "images."
    )
    if digits is None:
        return text
    return f"{text} Digits: {digits[0].mean:.1f} and {digits[1].mean:.1f}."


def why(state: AveragingState) -> str:
    """What the numbers show on this data set: how far the mean image alone comes."""
    entry = CATALOGUE[state.data]
    accuracies = recorded_accuracies(state.data, 1)
    mean, whole = accuracies.get("mean_image"), accuracies.get("all_real")
    if mean is None or whole is None:
        return ""
    _, height, width = entry.shape
    what = f"{DATA[state.data]} here have {height}×{width} pixels"
    far = (
        f"one mean image per class already reaches {mean.text}, all real images {whole.text}: "
        f"{whole.mean - mean.mean:.0f} points are left to gain"
    )
    if state.data == "digits":
        return f"{what}; {far}. Averaging is a good idea here."
    return f"{what}; {far}. Laid on each other they blur: see how a class of many shapes loses its edges."


def explanation() -> str:
    """What is computed, in Markdown."""
    table = recorded_table1("fashion")
    results = None if table is None else table.results
    training = None if results is None else recorded_protocol(results.table)
    protocol = (
        f" for {training.epochs} epochs (on all real images {training.whole_epochs})" if training else ""
    )
    return (
        "**Mean image**: the mean of all real images of a class, pixel by pixel; at ten per class the means "
        "of ten groups of similar images (k-means). **Herding**: real images chosen one by one, so that the "
        "mean of their features comes close to that of the class. **Random real**: drawn by chance. "
        "**Learned**: distribution matching, Algorithm 1 of the paper, from real images on.\n\n"
        f"Fresh networks are trained on each set alone{protocol}, and tested on real images nobody trained "
        "on. A set counts once, however many networks were trained on it: a difference *holds* where a "
        "t-test over sets gives p < 0.05, is *reversed* where the other one wins, and else *not resolved*. "
        f"{INTERVAL} The coloured picture is the learned image minus the mean "
        "image of its class, in grey levels of 255."
    )


def provenance(recorded: RecordedEntry) -> str:
    """Where the numbers come from."""
    return f"{provenance_text(recorded.provenance)}."


def _learned_and_mean(dataset: str) -> tuple[MethodAccuracy, MethodAccuracy] | None:
    accuracies = recorded_accuracies(dataset, 1)
    if "condensed" not in accuracies or "mean_image" not in accuracies:
        return None
    return accuracies["condensed"], accuracies["mean_image"]
