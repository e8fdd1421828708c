"""Sentences of the chapter on averaging; every number is one of a recorded table 1."""

from collections.abc import Sequence
from dataclasses import replace

from app.data.method_accuracies import (
    ROWS,
    Method,
    MethodAccuracy,
    recorded_accuracies,
    recorded_table1,
)
from app.data.recorded import OPENING_RUN
from app.data.stored_results import evaluation_results
from app.run.accuracy_rows import interval
from app.text.provenance import provenance_text
from app.views.how_it_works.averaging_state import COUNTS, DATA, AveragingState
from app.views.how_it_works.recorded_protocol import recorded_protocol
from dmcore.config.formatting import signed
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import RecordedEntry, find_recorded
from dmcore.experiments.presets import per_class
from dmcore.experiments.report.comparisons import SEEMING, RowComparison, column_verdicts
from dmcore.experiments.table1 import NAMES
from dmcore.runs.description import StoredResult

ROW_NAMES: dict[Method, str] = {method: NAMES[row] for method, row in ROWS.items()}
"""Names of the rows of table 1."""
CHOICES = {"data": "the data", "images": "images per class", "kind": "the class shown"}
CONSEQUENCES = {
    "data": "Another class is shown, too.",
    "images": "The data and the class shown stay.",
    "kind": "The numbers are still those of all classes.",
}
_MEANING = {
    SEEMING["holds"]: ": that the learned images are better seems to hold",
    "not resolved": ": not resolved, it may be chance",
    SEEMING["reversed"]: ": the mean images seem better",
    "reversed": ": the mean images are better",
}
"""What the verdict on the learned images means, where they are not simply better."""
ALIKE, MUCH = 5, 15
"""Points of 100 between two accuracies that are about alike, and that are far apart."""


def missing(data: str) -> str:
    """Sentence where the recorded results are not there, with the remedy."""
    return (
        f"The recorded results on {data.lower()} are not in this installation. Install the program again, or "
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
        f"{text}. The one exception: on all real images training goes through them {protocol.whole_epochs} "
        f"times, not {protocol.epochs} times."
    )


def changed(name: str, before: str, now: str) -> str:
    """Sentence on the last choice: what changed, and what went with it."""
    before, now = DATA.get(before, before), DATA.get(now, now)
    return f"Changed: {CHOICES[name]}, from {before} to {now}. {CONSEQUENCES[name]}"


def right_answer() -> str:
    """Answer that comes true on clothes at one per class; empty without a recorded result."""
    pair = _learned_and_mean("fashion")
    if pair is None:
        return ""
    gap = pair[0].mean - pair[1].mean
    if abs(gap) <= ALIKE:
        return "alike"
    return "mean" if gap < 0 else "much" if gap > MUCH else "learned"


def truth() -> str:
    """What comes true on clothes at one per class, for the lead; empty without a recorded result."""
    pair = _learned_and_mean("fashion")
    if pair is None:
        return ""
    gap = round(pair[0].mean - pair[1].mean)
    if not gap:
        return "on clothes, one image per class, both about the same"
    better = "learned" if gap > 0 else "mean"
    return f"on clothes, one image per class, {abs(gap)} more of 100 right after the {better} images"


def reveal(state: AveragingState) -> str:
    """The numbers of what is chosen, and on which data it is not so."""
    if _learned_and_mean("fashion") is None:
        return missing(DATA["fashion"])
    asked = replace(state, data="fashion", images=COUNTS[0])
    first = "" if state == asked else f"Chosen here: {DATA[state.data].lower()}, {state.images} per class."
    others = [
        DATA[data].lower()
        for data in DATA
        if data != state.data and any(outcome_of(data, count) not in ("holds", "") for count in COUNTS)
    ]
    elsewhere = f"On {' and '.join(others)} it is not so: choose them below." if others else ""
    return " ".join(filter(None, (first, _outcome_text(state.data, state.images), elsewhere)))


def all_outcomes() -> str:
    """Learned against mean images on all data, one and ten per class: a Markdown list."""
    outcomes = ((count, _outcome_text(data, count)) for data in DATA for count in COUNTS)
    return "\n".join(f"- {count} per class. {text}" for count, text in outcomes if text)


def less_certain(state: AveragingState) -> str:
    """Why a larger difference is less certain than a smaller one; empty where that is not so."""
    judged = [
        each
        for each in verdicts(state.data, state.images).values()
        if not each.theirs.fixed and each.verdict.p is not None
    ]
    clear = [each for each in judged if each.outcome in ("holds", "reversed")]
    unsure = [each for each in judged if each not in clear]
    pair = next(
        ((far, near) for far in unsure for near in clear if abs(far.difference) > abs(near.difference)), None
    )
    if pair is None:
        return ""
    far, near = pair
    return (
        f"Why {signed(far.difference)} is less certain than {signed(near.difference)}: one set of "
        f"{far.theirs.row} images differs much from another ({_range(far)} right), those of "
        f"{near.theirs.row} hardly ({_range(near)})."
    )


def _range(comparison: RowComparison) -> str:
    means = comparison.theirs.set_means
    return f"{min(means):.1f} to {max(means):.1f}"


def one_draw(state: AveragingState) -> str:
    """Why other pages have another accuracy of as many random real images of clothes; else empty."""
    random = recorded_accuracies(state.data, int(state.images)).get("random_real")
    drawn = [result for result in _opening_results() if result.kind == "random_real" and result.draws == 1]
    if random is None or not drawn or state != replace(state, data="fashion", images=COUNTS[0]):
        return ""
    return (
        f"{random.mean:.1f} for random real images is the mean of {random.sets} draws. Other pages may show "
        f"a single draw: the run of the front page {drawn[0].mean:.1f}."
    )


def verdicts(data: str, images: str) -> dict[Method, RowComparison]:
    """Comparisons of the learned images with each other method, for a number of images per class."""
    recorded = recorded_table1(data)
    if recorded is None or recorded.results is None:
        return {}
    methods = {row: method for method, row in ROW_NAMES.items()}
    return {
        methods[each.theirs.row]: replace(
            each,
            ours=replace(each.ours, row="learned"),
            theirs=replace(each.theirs, row=each.theirs.row.lower()),
        )
        for each in column_verdicts(recorded.results, per_class(int(images)))
        if each.theirs.row in methods
    }


def from_noise(state: AveragingState) -> str:
    """Which learned images these are, where those of the front page and the first chapter are others."""
    if state.data != "fashion":
        return ""
    noise = [
        MethodAccuracy.of_result("condensed", result, recorded=True)
        for result in _opening_results()
        if result.kind == "condensed" and result.iteration
    ]
    if not noise:
        return ""
    return (
        "The learned images of this table began as real ones. Those of the front page and of chapter 1 began "
        f"as noise: one set, {noise[0].text}."
    )


def _opening_results() -> Sequence[StoredResult]:
    """Results of the run of the front page, at its end; none where it is not there."""
    try:
        run = find_recorded(OPENING_RUN).run
    except ValueError:
        return ()
    return (
        ()
        if run is None
        else [result for result in evaluation_results(run) if result.iteration in (0, run.iteration())]
    )


def outcome_of(data: str, images: str) -> str:
    """Verdict on the learned images against the mean images; empty without a recorded result."""
    comparison = verdicts(data, images).get("mean_image")
    return "" if comparison is None else comparison.outcome


def _outcome_text(data: str, images: str) -> str:
    """'Digits: 88.4 …, 87.4 after mean images: not resolved, it may be chance.'."""
    pair = _learned_and_mean(data, int(images))
    if pair is None:
        return ""
    numbers = f"{pair[0].mean:.1f} of 100 right after learned images, {pair[1].mean:.1f} after mean images"
    return f"{DATA[data]}: {numbers}{_MEANING.get(outcome_of(data, images), '')}."


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
        f"One mean image per class already reaches {mean.text}, and all real images {whole.text}. So "
        f"{whole.mean - mean.mean:.0f} points are left to gain"
    )
    if state.data == "digits":
        return f"{what}. {far}. Averaging is a good idea here."
    return f"{what}. {far}. Laid on each other they blur: see how a class of many shapes loses its edges."


def explanation(state: AveragingState) -> str:
    """What is computed for the data that are chosen, in Markdown."""
    table = recorded_table1(state.data)
    results = None if table is None else table.results
    training = None if results is None else recorded_protocol(results.table)
    protocol = (
        f" for {training.epochs} epochs (on all real images {training.whole_epochs})" if training else ""
    )
    spread = interval(CATALOGUE[state.data].test_count)
    return (
        "**Mean image**: the mean of all real images of a class, pixel by pixel. With ten per class it is "
        "the means of ten groups of similar images (k-means). **Herding**: real images are chosen one by "
        "one, so that the mean of their features comes close to that of the class. **Random real**: drawn "
        "by chance. **Learned** (in the paper *condensed*): made by distribution matching, Algorithm 1 of "
        "the paper, beginning with real images. The tables call it DM.\n\n"
        "When would learning end at the mean image? If the features were the pixels, with one image per "
        "class and no augmentation. Then the distance is smallest where the image is the mean of the real "
        "ones.\n\n"
        f"Fresh networks are trained on each set alone{protocol}, and tested on real images nobody trained "
        f"on. {spread} For the verdict a set counts once, by the mean of its networks, because networks "
        "trained on the same images are not independent. That learned images are better *holds* where sets "
        "that do not differ would rarely come out so far apart (p < 0.05, Welch's t-test between sets); "
        "where they are worse, it is *reversed*. Else it is *not resolved*: it may be chance. Among many "
        "comparisons some come out so by chance: *seems to hold*, or *seems reversed*, is what is not kept "
        "when p is corrected for all of the table (Holm). In brackets: how far the sets of both sides "
        "spread, the standard deviation of their means. "
        "The wider, the less certain: a large difference may be less certain than a small one. Of one mean "
        "image per class there is only one set, nothing is drawn: there the learned sets are compared with "
        "the networks trained on it. "
        "The coloured picture is the learned image minus the mean "
        "image of its class, in grey levels of 255."
    )


def provenance(recorded: RecordedEntry) -> str:
    """Where the numbers come from."""
    return f"{provenance_text(recorded.provenance)}."


def _learned_and_mean(dataset: str, images: int = 1) -> tuple[MethodAccuracy, MethodAccuracy] | None:
    accuracies = recorded_accuracies(dataset, images)
    if "condensed" not in accuracies or "mean_image" not in accuracies:
        return None
    return accuracies["condensed"], accuracies["mean_image"]
