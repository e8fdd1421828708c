"""Sentences of the chapter on limits; every number is recorded, or published."""

import math

from app.data.method_accuracies import recorded_accuracies
from app.run.accuracy_rows import PERCENT
from app.views.how_it_works.limits.numbers import (
    CURVE_DATA,
    DATA,
    HARD_SIZE,
    PublishedCost,
    hard_data,
    images_of,
    published_cost,
    published_curve,
    recorded_curve,
    size_tests,
)
from dmcore.config.formatting import counted, grouped
from dmcore.config.models import DEFAULT_DATASET
from dmcore.experiments.published.numbers import SIZES, TABLE5_NETWORKS
from dmcore.experiments.report.notes import whole_set_epochs

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
    """What else is to be known of the curve, in sentences; may be empty."""
    return " ".join(filter(None, (_other_lead(), _above_all_real())))


def _above_all_real() -> str:
    """Why learned images may end above all real ones; empty where they do not."""
    curve = recorded_curve()
    results = None if curve is None or curve.entry is None else curve.entry.results
    if curve is None or results is None or curve.learned[curve.largest] <= curve.whole:
        return ""
    epochs = whole_set_epochs(results.table)
    trained = (
        f", and networks on all real images are trained for {epochs}, not {results.table.protocol.epochs}"
    )
    more = curve.learned[curve.largest] - curve.whole
    return (
        f"With {curve.largest} per class the curve ends {more:.1f} above all real images. That is no gain: "
        f"the difference is small{trained if epochs else ''}."
    )


def _other_lead() -> str:
    """Why chapter 5 has another lead at the smallest size; empty where it has none or the same."""
    curve = recorded_curve()
    least = None if curve is None else min(curve.learned.keys() & curve.random.keys())
    tests = None if least is None else size_tests(least)
    if tests is None:
        return ""
    here, table1 = tests
    if math.isnan(here.lead) or math.isnan(table1.lead) or f"{here.lead:.1f}" == f"{table1.lead:.1f}":
        return ""
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
        f"{curve.data} has photographs of animals and vehicles. With {grouped(size)} learned images per "
        f"class, {100 * size / images_of(CURVE_DATA):.0f}{PERCENT} as many as there are real ones: how much "
        "of the accuracy after all real images does a network reach?"
    )


def last_right() -> str:
    """That share in percent."""
    curve = published_curve()
    return f"{curve.share(curve.learned[max(curve.learned)]):.0f}"


def last_reveal() -> str:
    """How slowly the gap to all real images closes, here and on the usual data set."""
    return f"On {published_curve().data} the gap closes slowly. {_usual_data()}".rstrip()


def _usual_data() -> str:
    """What learned images reach on the usual data set, and all real ones; empty without recorded results."""
    by_size = {size: recorded_accuracies(DEFAULT_DATASET, size) for size in SIZES}
    learned = {size: known["condensed"] for size, known in by_size.items() if "condensed" in known}
    whole = next((known["all_real"] for known in by_size.values() if "all_real" in known), None)
    if not learned or whole is None:
        return ""
    reached = (f"{each.mean:.1f}{PERCENT} with {size} per class" for size, each in learned.items())
    return (
        f"On {DATA[DEFAULT_DATASET]}: {', '.join(reached)}, {whole.mean:.1f}{PERCENT} with all real images."
    )


def hard_question() -> str:
    """What is predicted: the share on the hardest data."""
    easiest, hardest = hard_data()[0], hard_data()[-1]
    return (
        f"{easiest.label} has digits. With {HARD_SIZE} learned images per class a network reaches "
        f"{easiest.number:.0f}{PERCENT} of the accuracy after all real images. {hardest.label} has "
        "photographs of very many kinds of things: how much does a network reach there?"
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
        f"Learning {cost.size} images per class of {cost.data} takes up to {cost.condensing:.0f} minutes. "
        f"Then a network is trained on them in {60 * cost.training_learned:.0f} seconds; on all real images "
        f"it takes {cost.training_all:.0f} minutes. How many networks must you train before learning saves "
        "time?"
    )


def once_truth(cost: PublishedCost) -> str:
    """From how many trainings on condensing first takes less time."""
    return f"it saves time from the {_ordinal(cost.networks)} network on"


def once_reveal() -> str:
    """What the faster training costs."""
    curve = published_curve()
    learned = curve.learned[published_cost().size]
    return f"But each network is less accurate: {learned:.1f}{PERCENT}, not {curve.whole:.1f}{PERCENT}."


def curve_explanation() -> str:
    """What the curves show, in Markdown."""
    published, curve = published_curve(), recorded_curve()
    text = (
        "The curves show the test accuracy of networks trained on a few images per class, divided by that of "
        "networks trained on all real images. *Learned* images are made by distribution matching, *random* "
        f"ones are real images drawn by chance. The numbers on {published.data} are published ones"
    )
    if curve is not None:
        text += f". Those on {curve.data} were recorded, where all real images reach {curve.whole:.1f} %"
    return f"{text}."


def hard_explanation() -> str:
    """What the shares are."""
    return (
        f"The published test accuracy of networks trained on {HARD_SIZE} learned images per class, divided "
        "by that of networks trained on all real images of the same data."
    )


def once_explanation() -> str:
    """Where the minutes come from."""
    cost = published_cost()
    return (
        f"The minutes of learning are the published upper limit for {cost.size} images per class. Those of "
        f"training are the time of the published search of architectures, divided by its {TABLE5_NETWORKS} "
        "networks: on all images, and on learned ones. Both may be of different machines, so the number of "
        "networks is a rough one."
    )


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
