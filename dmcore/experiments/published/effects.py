"""Effects of the settings in which a laptop's experiment differs from the published one, where published.

An effect is of its own data and sizes. What was measured here comes from results: `setting_effects`.
"""

from dataclasses import dataclass

from dmcore.experiments.published.deviations import TAKEN_OVER
from dmcore.experiments.published.numbers import CIFAR10_RERUN, METHODS, RERUN, TABLE1, TABLE2


@dataclass(frozen=True)
class Effect:
    """What a setting does to the accuracy: direction in a sentence, and what was published of it."""

    direction: str
    """Sentence for people."""
    published: str = ""
    """Sizes with their data and source; empty where nobody published this setting alone."""


def _printed(line: str, place: int) -> str:
    """Accuracy of a line of table 1 at one of its sizes, without its deviation."""
    return line.split(" / ")[place].partition("±")[0]


def _reprinted() -> str:
    """Accuracies of the selections at 10 per class, by the earlier protocol and by that of DM."""
    return ", ".join(
        f"{METHODS[method]} {_printed(TABLE1['cifar10'][method], 1)} and {_printed(CIFAR10_RERUN[method], 1)}"
        for method in TAKEN_OVER
        if method in CIFAR10_RERUN
    )


EFFECTS = {
    "data": Effect("Accuracies on different data sets are not comparable, whatever the settings."),
    "part_of_data": Effect("Means over fewer real images are noisier, and so is a test on fewer images."),
    "images_per_class": Effect("More images per class reach more."),
    "network": Effect(
        "Another architecture sees other features, and learns differently from the same images."
    ),
    "norm": Effect(
        "Batch norm gives DM more than instance norm.",
        f"the paper, CIFAR-10, 50 per class: {TABLE2['dm']['cifar10']} with batch norm (table 2), "
        f"{_printed(TABLE1['cifar10']['dm'], 2)} with instance norm (table 1)",
    ),
    "width": Effect("A narrower network has fewer features to match, and learns less from the same images."),
    "depth": Effect("Another depth has other features, and another field of view."),
    "iterations": Effect(
        "Fewer updates leave the images nearer to their start.",
    ),
    "real_batch": Effect("Means over fewer real images are noisier, and so is each update."),
    "image_lr": Effect("Smaller steps of the pixels need more of them; too large ones never settle."),
    "momentum": Effect(
        "Momentum averages the noise of successive networks.",
    ),
    "init": Effect("At 1 per class the start moves the result by several points; at more it matters less."),
    "augment": Effect(
        "Augmenting real and synthetic images alike lets the images serve augmented training.",
    ),
    "replay": Effect(
        "Real means are used several times, which is faster: fewer networks and real images are drawn.",
    ),
    "pool_networks": Effect("Other trained networks make other bands."),
    "pool_steps": Effect("Networks that are trained for longer end in other bands."),
    "test_size": Effect(
        "Fewer sets and networks leave the mean less certain; they move it neither up nor down."
    ),
    "test_epochs": Effect("Test networks that train for less reach less."),
    "test_protocol": Effect(
        "The same real images score otherwise with augmentation and longer training.",
        f"CIFAR-10, 10 per class, as the paper prints them and by its own protocol: {_reprinted()}; {RERUN}",
    ),
}
"""By the setting of a `deviations.Deviation`; `part_of_data`: a part of the same data set."""


HERDING_KNOWN = (
    "This is not explained: how the published one was tested is not known. On CIFAR-10 herding is higher by "
    f"DM's own protocol, too: {_printed(CIFAR10_RERUN['herding'], 1)} % where the paper prints "
    f"{_printed(TABLE1['cifar10']['herding'], 1)} (10 per class)."
)
"""On herding that is higher here than a published number of which nobody knows how it was tested."""


def effect_of(setting: str) -> Effect:
    """Effect of a setting; without direction or size where nothing is known of it."""
    return EFFECTS.get(setting, Effect(""))
