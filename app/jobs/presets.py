"""Ready-made starts: set-ups worth watching, each one click away, each saying how it differs from the paper.

Must not import torch: the form's first screen is drawn from this file.
"""

from dataclasses import dataclass

from app.jobs.throttle import Pace
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.data.catalogue import CATALOGUE


@dataclass(frozen=True)
class ReadyMadeStart:
    """One set-up, or several that run one after the other, with everything that starting it needs."""

    title: str
    sentence: str
    """What there is to see."""
    config: CondenseConfig
    pace: Pace = "full"
    then: tuple[CondenseConfig, ...] = ()
    """Set-ups whose runs wait behind the first, to be seen beside it."""
    titles: tuple[str, ...] = ()
    """What the runs are called, where there are several."""

    @property
    def configs(self) -> tuple[CondenseConfig, ...]:
        """Every set-up, in the order in which they run."""
        return (self.config, *self.then)

    def title_of(self, config: CondenseConfig) -> str:
        """What the run of one of its set-ups is called."""
        return self.titles[self.configs.index(config)] if self.titles else self.title


SMALL = CondenseConfig(dataset="digits", images_per_class=1, width=32, real_batch=64, iterations=500)
"""What a laptop does while a class looks on."""
COUNTS = tuple(SetChange(images_per_class=count) for count in (1, 10, 50))

THREE_STARTS = ReadyMadeStart(
    title="Three starts, one answer",
    sentence=(
        "One image per digit, learned from real images, from noise and from real images of the wrong digit: "
        "all three end up teaching a network about equally well."
    ),
    config=SMALL.model_copy(
        update={"sets": (SetChange(init="real"), SetChange(init="noise"), SetChange(init="wrong_class"))}
    ),
    pace="slow",
)

MORE_IMAGES = ReadyMadeStart(
    title="More images per class",
    sentence=(
        "1, 10 and 50 images per digit in one run. The more there are, the better a network learns from "
        "them, the less each of them changes, and the smaller the lead over random real images."
    ),
    config=SMALL.model_copy(update={"sets": COUNTS}),
)

FASHION = ReadyMadeStart(
    title="Fashion-MNIST in five minutes",
    sentence="Ten images per class out of 60\u202f000 photographs of clothing, with a small network.",
    config=SMALL.model_copy(update={"dataset": "fashion_mnist", "images_per_class": 10}),
)

_TEN_DIGITS = SMALL.model_copy(update={"images_per_class": 10})
BATCH_OR_INSTANCE = ReadyMadeStart(
    title="Batch against instance norm",
    sentence=(
        "Two runs that differ in the networks' normalisation; the second waits behind the first, then both "
        "can be opened side by side. In the paper (tables 1 and 2) 50 images per class of CIFAR-10 reach "
        "63.0 % with instance norm and 65.2 % with batch norm."
    ),
    config=_TEN_DIGITS,
    then=(_TEN_DIGITS.model_copy(update={"norm": "batch"}),),
    titles=("Instance norm, beside batch norm", "Batch norm, beside instance norm"),
)

PAPER_CIFAR10 = ReadyMadeStart(
    title="The paper's CIFAR-10",
    sentence="1, 10 and 50 photographs per class, learned as in the paper's table 1. Meant for a GPU.",
    config=CondenseConfig(dataset="cifar10", images_per_class=1, sets=COUNTS),
)

OWN_IMAGES = ReadyMadeStart(
    title="Your own images",
    sentence=(
        "A folder or a zip with one folder of images for each class. A train and a test folder above them "
        "are kept apart; otherwise one image in five is kept for testing."
    ),
    config=SMALL,
)
"""Its data set is a path that the form asks for."""

STARTS = (THREE_STARTS, MORE_IMAGES, FASHION, BATCH_OR_INSTANCE, PAPER_CIFAR10, OWN_IMAGES)

SMALL_PROTOCOL = EvaluateConfig(repeats=5, epochs=200)
"""The result card's protocol: networks and epochs a laptop can afford; the card names it."""


def start_with(config: CondenseConfig) -> ReadyMadeStart | None:
    """The ready-made start that begins with exactly this set-up, if it is one."""
    if config.dataset not in CATALOGUE:
        return OWN_IMAGES
    return next((start for start in STARTS if start.config == config and start is not OWN_IMAGES), None)


def start_of(config: CondenseConfig) -> ReadyMadeStart | None:
    """The ready-made start that a run with this set-up belongs to, first or later."""
    named = (start for start in STARTS if start is not OWN_IMAGES)
    return next((start for start in named if config in start.configs), None)


def judged_at_once(config: CondenseConfig) -> bool:
    """Whether the result card may train its networks without asking: a matter of seconds on `digits`."""
    return config.dataset == "digits" and config.network == "convnet" and config.width <= 64


def title_of(config: CondenseConfig) -> str:
    """What a run with this set-up is called unless the user names it."""
    start = start_of(config)
    if start is not None:
        return start.title_of(config)
    counts = sorted({one.images_per_class for one in config.all_sets()})
    return f"{config.dataset}, {' and '.join(map(str, counts))} per class"
