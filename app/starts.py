"""Ready-made starts: set-ups worth watching, each one click away, each saying how it differs from the paper.

Must not import torch: the form's first screen is drawn from this file.
"""

from dataclasses import dataclass

from app.pace import Pace
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange


@dataclass(frozen=True)
class ReadyMadeStart:
    """One set-up with everything that starting it needs."""

    title: str
    sentence: str
    """What there is to see."""
    config: CondenseConfig
    pace: Pace = "full"


THREE_STARTS = ReadyMadeStart(
    title="Three starts, one answer",
    sentence=(
        "One image per digit, learned from real images, from noise and from real images of the wrong digit: "
        "all three end up teaching a network about equally well. Ready in about a minute, nothing "
        "to download."
    ),
    config=CondenseConfig(
        dataset="digits",
        images_per_class=1,
        width=32,
        real_batch=64,
        iterations=500,
        sets=(SetChange(init="real"), SetChange(init="noise"), SetChange(init="wrong_class")),
    ),
    pace="slow",
)

FASHION = ReadyMadeStart(
    title="Fashion-MNIST in five minutes",
    sentence=(
        "Ten images per class out of 60\u202f000 photographs of clothing, with a small network. "
        "Needs Fashion-MNIST on this machine."
    ),
    config=CondenseConfig(
        dataset="fashion_mnist", images_per_class=10, width=32, real_batch=64, iterations=500
    ),
)

PAPER_CIFAR10 = ReadyMadeStart(
    title="The paper's CIFAR-10",
    sentence=(
        "Ten images per class exactly as in the paper. Meant for a GPU: a laptop computes for days. "
        "Needs CIFAR-10 on this machine."
    ),
    config=CondenseConfig(dataset="cifar10", images_per_class=10),
)

STARTS = (THREE_STARTS, FASHION, PAPER_CIFAR10)

SMALL_PROTOCOL = EvaluateConfig(repeats=5, epochs=200)
"""The result card's protocol: networks and epochs a laptop can afford; the card names it."""


def start_with(config: CondenseConfig) -> ReadyMadeStart | None:
    """The ready-made start with exactly this set-up, if it is one."""
    return next((start for start in STARTS if start.config == config), None)


def judged_at_once(config: CondenseConfig) -> bool:
    """Whether the result card may train its networks without asking: a matter of seconds on `digits`."""
    return config.dataset == "digits" and config.network == "convnet" and config.width <= 64


def title_of(config: CondenseConfig) -> str:
    """What a run with this set-up is called unless the user names it."""
    start = start_with(config)
    if start is not None:
        return start.title
    counts = sorted({one.images_per_class for one in config.all_sets()})
    return f"{config.dataset}, {' and '.join(map(str, counts))} per class"
