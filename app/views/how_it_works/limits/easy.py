"""Easy images, on which simpler ways do as well as learning: recorded accuracies on digits, and sentences."""

from collections.abc import Mapping, Sequence

from app.data.method_accuracies import recorded_table1
from app.run.accuracy_rows import PERCENT
from app.views.how_it_works.averaging_texts import verdicts
from app.views.how_it_works.limits.numbers import ALIKE, DATA, Value, recorded_curve, size_tests
from app.views.how_it_works.limits.texts import MISSING
from dmcore.config.formatting import counted, grouped
from dmcore.experiments.report.comparisons import SEEMING
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.table1 import NAMES, MethodName

SIMPLER: Mapping[MethodName, str] = {
    "dm": "learned",
    "mean_image": "averages",
    "herding": "picked real",
    "random": "random real",
}
"""Methods of table 1 that are compared on digits, and what they are called here."""
EXPLANATION = (
    "Fresh networks are trained on each kind of images alone, and tested on real images. *Averages*: means "
    "of groups of similar images of a class. *Picked real*: real images that are together close to the mean "
    "of their class (herding)."
)
HARDLY_CHANCE = "This is hardly chance"


def question() -> str:
    """What is predicted: which of the simple ways does best on digits."""
    size, _ = plain_alternatives()
    there = f" There are {size} of each digit." if size else ""
    return f"Digits are easy images.{there} After which ones does a network do best?"


def right() -> str:
    """The way that does best on digits; empty without recorded results."""
    _, values = plain_alternatives()
    best = max(values, key=lambda value: value.number, default=None)
    return "" if best is None else next(name for name, row in NAMES.items() if row == best.method)


def truth() -> str:
    """That way by its name here; empty without recorded results."""
    size, values = plain_alternatives()
    best = max(values, key=lambda value: value.number, default=None)
    if best is None:
        return ""
    sure = certainty(size) in ("", f"{HARDLY_CHANCE}.")
    return f"after {best.label}" + ("" if sure else ", as it seems")


def reveal() -> str:
    """What simpler images reach on digits; the remedy where nothing is recorded."""
    size, values = plain_alternatives()
    if not values:
        return MISSING
    return " ".join(
        filter(None, (told(size, values), certainty(size), "The simpler ways cost next to nothing."))
    )


def certainty(size: int) -> str:
    """Whether the best way on digits differs from learned images for certain."""
    comparison = next(
        (each for method, each in verdicts("digits", str(size)).items() if method == right()), None
    )
    if comparison is None:
        return ""
    said = {
        "not resolved": "Which is better is not resolved: it may be chance",
        SEEMING["holds"]: "That learned ones are better seems to hold",
        SEEMING["reversed"]: "That seems to hold",
    }
    return f"{said.get(comparison.outcome, HARDLY_CHANCE)}."


def note() -> str:
    """Why the curve of digits has another number for learned images; empty where it has none or the same."""
    size, _ = plain_alternatives()
    curve = recorded_curve()
    tests = size_tests(size) if curve is not None and curve.data == DATA["digits"] and size else None
    if tests is None or f"{tests[0].mean:.1f}" == f"{tests[1].mean:.1f}":
        return ""
    there, here = tests
    return (
        f"The part on many images has {there.mean:.1f}{PERCENT} after {size} learned images per class: there "
        f"they are learned for {counted(there.iterations, 'iteration')}, here for {grouped(here.iterations)}."
    )


def told(size: int, values: Sequence[Value]) -> str:
    """What simpler images reach on digits."""
    learned = next(value.number for value in values if value.method == "DM")
    best = max((value for value in values if value.method != "DM"), key=lambda value: value.number)
    name = best.label if best.label.endswith("s") else f"{best.label} images"
    if best.number > learned + ALIKE:
        verdict = "do better than learned ones"
    elif best.number > learned - ALIKE:
        verdict = "do as well as learned ones"
    else:
        verdict = "come closest to learned ones"
    return f"With {size} per class of the digits, {name} {verdict}."


def plain_alternatives() -> tuple[int, list[Value]]:
    """Images per class, and accuracies on digits of learned and of simpler images; empty without both."""
    entry = recorded_table1("digits")
    if entry is None or entry.results is None:
        return 0, []
    results, column = entry.results, entry.results.table.columns[-1]
    values = []
    for method, label in SIMPLER.items():
        known = entry_of(results, NAMES[method], column)
        if known is not None:
            values.append(Value(label, known.mean, NAMES[method]))
    if len(values) < 2 or values[0].method != NAMES["dm"]:
        return 0, []
    return int(column.split()[0]), values
