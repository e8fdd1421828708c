"""Sentences of the chapter on limits; every number is recorded, or published."""

from collections.abc import Sequence

from app.data.method_accuracies import recorded_accuracies
from app.run.accuracy_rows import PERCENT
from app.views.how_it_works.averaging_texts import verdicts
from app.views.how_it_works.limits_numbers import (
    CURVE_DATA,
    DATA,
    HARD_SIZE,
    OtherNetworks,
    PublishedCost,
    Value,
    hard_data,
    images_of,
    other_networks,
    plain_alternatives,
    published_curve,
    recorded_curve,
    size_tests,
)
from dmcore.config.formatting import counted, grouped
from dmcore.config.models import DEFAULT_DATASET
from dmcore.experiments.published.numbers import SIZES
from dmcore.experiments.report.comparisons import SEEMING
from dmcore.experiments.table1 import NAMES

MISSING = (
    "The recorded results of this question are not in this installation. Install the program again to see "
    "them."
)
PUBLISHED = "Published with the method (Zhao and Bilen, WACV 2023)."
IS_NOT = (
    "**Learned images are no proof of privacy.** They are made from the real images, and may show what these "
    "looked like.\n\n"
    "**They are no test set.** Always test on real images.\n\n"
    "**They are for classes only.** They teach a network to say what kind of thing an image shows. To find "
    "where a thing is, or to read a text, needs other training images."
)
PRIVACY = (
    "This question has no number to compute: it is argued about. Dong, Zhao and Lyu (ICML 2022) wrote that "
    "images learned by distribution matching protect the real ones. Carlini, Feldman and Nasr (2022) "
    "answered that neither the argument nor the experiments support it."
)
HARDLY_CHANCE = "This is hardly chance"
ALIKE = 1.0
"""Points between accuracies that are alike here."""


def many_question() -> str:
    """What is predicted: the lead with the most images per class that are recorded."""
    curve = recorded_curve()
    what = (
        "With many images per class"
        if curve is None
        else f"With {curve.largest} images per class of {curve.data}"
    )
    return (
        f"{what}, a network learns from learned images, or from random real ones. How many more of 100 test "
        "images does it get right after the learned ones?"
    )


def many_right() -> str:
    """By how many of 100 learned images are ahead, as text; empty without a recorded result."""
    curve = recorded_curve()
    return "" if curve is None else f"{curve.lead(curve.largest):.1f}"


def many_reveal() -> str:
    """How the lead shrinks as there are more images."""
    curve = recorded_curve()
    if curve is None:
        return MISSING
    least = min(curve.learned.keys() & curve.random.keys())
    many, few = curve.lead(curve.largest), curve.lead(least)
    return (
        f"With {least} per class learned images are {few:.1f} ahead, with {curve.largest} per class "
        f"{many:.1f}. The more images you can keep, the less it matters which."
    )


def many_note() -> str:
    """Why chapter 5 has another lead at the smallest size; empty where it has none or the same."""
    curve = recorded_curve()
    least = None if curve is None else min(curve.learned.keys() & curve.random.keys())
    tests = None if least is None else size_tests(least)
    if tests is None or f"{tests[0].lead:.1f}" == f"{tests[1].lead:.1f}":
        return ""
    here, table1 = tests
    return (
        f"Chapter 5 has another number for {least} per class: {table1.lead:.1f} ahead. There images are "
        f"learned for {counted(table1.iterations, 'iteration')} and tested by "
        f"{counted(table1.networks, 'network')} on each set, here for "
        f"{counted(here.iterations, 'iteration')} and by {counted(here.networks, 'network')}."
    )


def last_question() -> str:
    """What is predicted: the share of the full accuracy with the most learned images that were published."""
    curve = published_curve()
    size = max(curve.learned)
    return (
        f"{curve.data} has photographs of ten kinds of things. With {grouped(size)} learned images of each "
        f"kind, {100 * size / images_of(CURVE_DATA):.0f}{PERCENT} as many as there are: how much of the "
        "accuracy after all real images does a network reach?"
    )


def last_right() -> str:
    """That share in percent."""
    curve = published_curve()
    return f"{curve.share(curve.learned[max(curve.learned)]):.0f}"


def last_reveal() -> str:
    """How slowly the gap to all real images closes, here and on the usual data set."""
    return f"The gap to all real images closes slowly, and never quite here. {_usual_data()}".rstrip()


def _usual_data() -> str:
    """What learned images reach on the usual data set, and all real ones; empty without recorded results."""
    by_size = {size: recorded_accuracies(DEFAULT_DATASET, size) for size in SIZES}
    learned = {size: known["condensed"] for size, known in by_size.items() if "condensed" in known}
    whole = next((known["all_real"] for known in by_size.values() if "all_real" in known), None)
    if not learned or whole is None:
        return ""
    reached = (f"{each.mean:.1f}{PERCENT} with {size} per class" for size, each in learned.items())
    name = DATA[DEFAULT_DATASET]
    return (
        f"On {name} it is the same: {', '.join(reached)}, and {whole.mean:.1f}{PERCENT} with all real images."
    )


def easy_right() -> str:
    """The way that does best on digits; empty without recorded results."""
    _, values = plain_alternatives()
    best = max(values, key=lambda value: value.number, default=None)
    return "" if best is None else next(name for name, row in NAMES.items() if row == best.method)


def easy_truth() -> str:
    """That way by its name here; empty without recorded results."""
    size, values = plain_alternatives()
    best = max(values, key=lambda value: value.number, default=None)
    if best is None:
        return ""
    sure = easy_certainty(size) in ("", f"{HARDLY_CHANCE}.")
    return f"after {best.label}" + ("" if sure else ", as it seems")


def easy_reveal() -> str:
    """What simpler images reach on digits; the remedy where nothing is recorded."""
    size, values = plain_alternatives()
    if not values:
        return MISSING
    return " ".join(filter(None, (easy(size, values), easy_certainty(size), "They cost next to nothing.")))


def easy_certainty(size: int) -> str:
    """Whether the best way on digits differs from learned images for certain."""
    comparison = next(
        (each for method, each in verdicts("digits", str(size)).items() if method == easy_right()), None
    )
    if comparison is None:
        return ""
    said = {
        "not resolved": "That may be chance",
        SEEMING["holds"]: "That may be chance",
        SEEMING["reversed"]: "That seems so, not for certain",
    }
    return f"{said.get(comparison.outcome, HARDLY_CHANCE)}."


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
    return f"With {size} per class of the digits, {name} {verdict}."


def hard_question() -> str:
    """What is predicted: the share on the hardest data."""
    easiest, hardest = hard_data()[0], hard_data()[-1]
    return (
        f"{easiest.label} has digits. With {HARD_SIZE} learned images per class a network reaches "
        f"{easiest.number:.0f}{PERCENT} of the accuracy after all real images. {hardest.label} has "
        "photographs of 200 kinds of things: how much does a network reach there?"
    )


def hard_reveal() -> str:
    """How far learned images come on the data between the easy and the hard."""
    _, *between, _ = hard_data()
    listed = " and ".join(f"{value.number:.0f}{PERCENT} on {value.label}" for value in between)
    return (
        "The harder the images, the less a few of them can hold. Of the accuracy after all real images a "
        f"network reaches {listed}, with {HARD_SIZE} learned images per class."
    )


def once_question(cost: PublishedCost) -> str:
    """What is predicted: from how many networks on learning first saves time."""
    return (
        f"Learning 50 images per class of CIFAR-10 takes up to {cost.condensing:.0f} minutes. Then a "
        f"network is trained on them in {60 * cost.training_learned:.0f} seconds; on all real images it "
        f"takes {cost.training_all:.0f} minutes. How many networks must you train before learning saves time?"
    )


def once_truth(cost: PublishedCost) -> str:
    """From how many trainings on condensing first takes less time."""
    return f"it saves time from the {_ordinal(cost.networks)} network on"


def other_question() -> str:
    """What is predicted: what the network reaches that the images suit least."""
    networks = other_networks()
    if networks is None:
        return "Images are learned with one kind of network. How well does another kind learn from them?"
    first, worst = networks.tested[0], networks.worst
    return (
        f"Images of {networks.data} were learned with one kind of network, a {networks.learned_on}. This "
        f"kind then gets {first.number:.0f} of 100 test images right. How many does another kind, "
        f"{worst.label}, get right?"
    )


def other_right() -> str:
    """That accuracy; empty where nothing is recorded."""
    networks = other_networks()
    return "" if networks is None else f"{networks.worst.number:.0f}"


def other_reveal() -> str:
    """What is lost with other networks; the remedy where nothing is recorded."""
    networks = other_networks()
    return MISSING if networks is None else others(networks)


def others(networks: OtherNetworks) -> str:
    """What is lost with other networks, and how much of it is the network's own."""
    worst = networks.worst
    lost = networks.tested[0].number - worst.number
    text = f"That is {lost:.0f} of 100 less for {worst.label}"
    own = networks.own.get(worst.label)
    if own is None:
        return f"{text}."
    share = "part of it" if own > worst.number else "all of it"
    return (
        f"{text}. But {share} is {worst.label} itself: from images that it learned itself, it gets {own:.0f} "
        "right. Each number is of one learned set: another set may differ."
    )


def explanation() -> str:
    """What is computed, in Markdown."""
    published = published_curve()
    curve = recorded_curve()
    text = (
        "The curves show the test accuracy of networks trained on a few images per class, divided by that of "
        "networks trained on all real images. *Learned* images are made by distribution matching, *random* "
        f"ones are real images drawn by chance. The numbers on {published.data} are published ones"
    )
    if curve is not None:
        text += f". Those on {curve.data} were recorded, where all real images reach {curve.whole:.1f} %"
    return (
        f"{text}.\n\nThe minutes of learning are the published upper limit for 50 images per class. Those of "
        "training are the time of the published search of architectures, divided by its networks: on all "
        "images, and on learned ones. Both may be of different machines, so the number of networks is a "
        "rough one."
    )


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
