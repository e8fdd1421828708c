"""Effects of the settings in which a laptop's experiment differs from the published one, where measured.

An effect is of its own data and sizes; there is none for a setting that nobody has measured alone.
"""

from dataclasses import dataclass

from dmcore.experiments.published.deviations import SELECTIONS
from dmcore.experiments.published.numbers import CIFAR10_RERUN, METHODS, RERUN, TABLE1

AUTHORS_CODE = "Fashion-MNIST, 1 per class, 500 iterations, width 32, the authors' code"


@dataclass(frozen=True)
class Effect:
    """What a setting does to the accuracy: direction in a sentence, and what was measured of it."""

    direction: str
    """Sentence for people."""
    measured: str = ""
    """Sizes with their data and n; empty where nobody measured this setting alone."""


def _reprinted() -> str:
    """Accuracies of the selections at 10 per class, by the earlier protocol and by that of DM."""

    def number(line: str) -> str:
        return line.split(" / ")[1].partition("±")[0]

    return ", ".join(
        f"{METHODS[method]} {number(TABLE1['cifar10'][method])} and {number(CIFAR10_RERUN[method])}"
        for method in SELECTIONS
    )


EFFECTS = {
    "data": Effect("Accuracies on different data sets are not comparable, whatever the settings."),
    "part_of_data": Effect("Means over fewer real images are noisier, and so is a test on fewer images."),
    "network": Effect(
        "Another architecture sees other features, and learns differently from the same images."
    ),
    "norm": Effect(
        "Batch norm gives DM more than instance norm.",
        "the paper, CIFAR-10, 50 per class: 65.2 with batch norm (table 2), 63.0 with instance norm (1)",
    ),
    "width": Effect("A narrower network has fewer features to match, and learns less from the same images."),
    "depth": Effect("Another depth has other features, and another field of view."),
    "iterations": Effect(
        "Fewer updates leave the images nearer to their start.",
        "MNIST, 10 per class, width 32, 128 real images, with replay, one set, 3 networks: 90.3 ± 0.3 after "
        "600 iterations, 90.8 ± 0.3 after 2\u202f400",
    ),
    "real_batch": Effect("Means over fewer real images are noisier, and so is each update."),
    "image_lr": Effect("Smaller steps of the pixels need more of them; too large ones never settle."),
    "momentum": Effect(
        "Momentum averages the noise of successive networks.",
        f"{AUTHORS_CODE}: 70.6 without, 71.0 ± 0.5 with (5 seeds)",
    ),
    "init": Effect("At 1 per class the start moves the result by several points; at more it matters less."),
    "augment": Effect(
        "Augmenting real and synthetic images alike lets the images serve augmented training.",
        f"{AUTHORS_CODE}: 70.4 without, 71.0 ± 0.5 with (5 seeds); 67.0 where each side has its own draw",
    ),
    "replay": Effect(
        "Real means are used several times: faster, and at equal iterations as good as far as was measured.",
        "MNIST, 10 per class, width 32, 600 iterations, one set, 3 networks: 90.3 ± 0.3 with, 90.4 ± 0.4 "
        "without",
    ),
    "pool_networks": Effect("Other trained networks make other bands."),
    "pool_steps": Effect("Networks that are trained for longer end in other bands."),
    "test_epochs": Effect("Test networks that train for less reach less."),
    "test_protocol": Effect(
        "The same real images score otherwise with augmentation and longer training.",
        f"CIFAR-10, 10 per class, as the paper prints them and by its own protocol: {_reprinted()}; {RERUN}",
    ),
}
"""By the setting of a `deviations.Deviation`; `part_of_data`: a part of the same data set."""


def effect_of(setting: str) -> Effect:
    """Effect of a setting; without direction or size where nothing is known of it."""
    return EFFECTS.get(setting, Effect(""))
