"""Sentences of the chapter on limits; every number is recorded, or published."""

from collections.abc import Sequence

from app.data.method_accuracies import recorded_accuracies
from app.run.accuracy_rows import PERCENT
from app.views.how_it_works.limits_numbers import (
    CURVE_DATA,
    DATA,
    HARD_SIZE,
    OtherNetworks,
    PublishedCost,
    SizeCurve,
    Value,
    images_of,
    published_curve,
    recorded_curve,
)
from dmcore.config.formatting import grouped
from dmcore.config.models import DEFAULT_DATASET
from dmcore.experiments.published.numbers import SIZES

MISSING = (
    "The recorded results of this chapter are not in this installation: install the program again. What was "
    "published is shown."
)
PUBLISHED = "Dashed, and all minutes and hard images: published with the method (Zhao and Bilen, WACV 2023)."
IS_NOT = (
    "**And learned images are** no proof of privacy (nobody has shown that they hide the real ones), no test "
    "set (test on real images), and good for classes only (no boxes, outlines or texts)."
)
ALIKE = 1.0
"""Points between accuracies that are alike here."""


def question() -> str:
    """What is predicted: the lead with the most images per class that are recorded."""
    curve = recorded_curve()
    if curve is None:
        return "With many images per class, by how many points are learned images ahead of random real ones?"
    return (
        f"With {curve.largest} images per class of the {curve.data}, by how many points are learned images "
        "ahead of random real ones?"
    )


def right_answer() -> str:
    """Points by which learned images are ahead, as text; empty without a recorded result."""
    curve = recorded_curve()
    return "" if curve is None else f"{curve.lead(curve.largest):.1f}"


def reveal() -> str:
    """When it is no use, in two sentences."""
    curve = recorded_curve()
    begin = ""
    if curve is not None:
        least = min(curve.learned.keys() & curve.random.keys())
        many, few = curve.lead(curve.largest), curve.lead(least)
        begin = f"By {many:.1f} points with {curve.largest} per class; by {few:.1f} with {least}. "
    return (
        f"{begin}It is no use where you can keep many images, need the last percent, or train only once: use "
        "the real ones. And it gains little on easy images, falls far short on hard ones, and may serve "
        "other kinds of networks less."
    )


def last_percent(published: SizeCurve) -> str:
    """How slowly the gap to all real images closes."""
    size = max(published.learned)
    share, of_all = published.share(published.learned[size]), size / images_of(CURVE_DATA)
    return (
        f"{_usual_data()}The gap to all real images closes slowly: on {published.data}, {grouped(size)} "
        f"learned per class ({of_all:.0%} as many as there are) reach {share:.0f}{PERCENT} of the full "
        "accuracy."
    )


def _usual_data() -> str:
    """What learned images reach on the usual data set, and all real ones; empty without recorded results."""
    by_size = {size: recorded_accuracies(DEFAULT_DATASET, size) for size in SIZES}
    learned = {size: known["condensed"] for size, known in by_size.items() if "condensed" in known}
    whole = next((known["all_real"] for known in by_size.values() if "all_real" in known), None)
    if not learned or whole is None:
        return ""
    reached = (f"{each.mean:.1f}{PERCENT} with {size} per class" for size, each in learned.items())
    name = DATA[DEFAULT_DATASET].capitalize()
    return f"{name}: {', '.join(reached)}, {whole.mean:.1f}{PERCENT} with all real images. "


def easy(size: int, values: Sequence[Value]) -> str:
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
    return f"Digits, {size} per class: {name} {verdict}, and cost next to nothing."


def cost(cost: PublishedCost) -> str:
    """From how many trainings on condensing first takes less time."""
    return (
        f"CIFAR-10, 50 per class: it saves time only from the {_ordinal(cost.networks)} network on, and each "
        "is less accurate."
    )


def others(networks: OtherNetworks) -> str:
    """What is lost with other networks, and how much of it is the network's own."""
    first, *rest = networks.tested
    worst = min(rest, key=lambda value: value.number)
    lost = first.number - worst.number
    what = f"{networks.data.capitalize()}, learned with a {networks.learned_on}"
    text = f"{what}: {lost:.0f} points less for {worst.label}"
    own = networks.own.get(worst.label)
    if own is None:
        return f"{text}."
    return f"{text} ({own:.0f}{PERCENT} from images that it learned itself)."


def hard(values: Sequence[Value]) -> str:
    """How far learned images come on easy and on hard data."""
    easiest, hardest = values[0], values[-1]
    return (
        f"Share of the full accuracy, {HARD_SIZE} per class: {easiest.number:.0f}{PERCENT} on "
        f"{easiest.label}, {hardest.number:.0f}{PERCENT} on {hardest.label}."
    )


def explanation() -> str:
    """What is computed, in Markdown."""
    published = published_curve()
    curve = recorded_curve()
    text = (
        "The curve shows the test accuracy of networks trained on a few images per class, divided by that of "
        "networks trained on all real images. *Learned* is distribution matching, *random* are real images "
        f"drawn by chance. Dashed are the published numbers on {published.data}"
    )
    if curve is not None:
        text += f"; full ones were recorded on {curve.data}, where all real images reach {curve.whole:.1f} %"
    return (
        f"{text}.\n\n*Learn once* is the published upper limit for 50 images per class. *Train* is the time "
        "of the published search of architectures, divided by its networks: on all images, and on learned "
        "ones. Both may be of different machines, so the number of networks is a rough one. "
        "Learned images may show what their real ones looked like: treat them as you treat those."
    )


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
