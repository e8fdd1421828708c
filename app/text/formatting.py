"""Numbers and settings as people read them: thin-space groups, a decimal point, units, full words.

Machine formats (CSV, JSON, the URL, the command line) do not come through here.
"""

from dmcore.config.formatting import THIN_SPACE as THIN_SPACE
from dmcore.config.formatting import grouped as grouped

BEFORE_UNIT = "\u00a0"
"""A space that no line breaks at."""
SECONDS_IN_MINUTE, SECONDS_IN_HOUR = 60, 3600

LABELS = {
    "dataset": "Data set",
    "init": "Start from",
    "image_lr": "Learning rate of the pixels",
    "momentum": "Momentum of the pixels",
    "norm": "Normalisation",
    "augment": "Augmentation",
    "replay": "Replay real means",
    "replay_keep": "Real sides kept for replay",
    "replay_every": "Fresh real side every … iterations",
    "real_batch": "Real images per class and iteration",
    "width": "Network width",
    "depth": "Network depth",
    "sets": "Several sets",
}


def label_of(field: str) -> str:
    """What to call a field of the configuration on a page."""
    return LABELS.get(field, field.replace("_", " ").capitalize())


def counted(number: int, noun: str) -> str:
    """'1 set', '3 sets', '1 200 sets'."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def rate(number: float) -> str:
    """A rate with about three digits: 0.31, 3.1, 31, 3 100."""
    if number >= 10:
        return grouped(round(number))
    return f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def duration(seconds: float) -> str:
    """A time a person can plan with: '40 s', '2 min', '3.5 h', '4 days'."""
    if seconds < 90:
        return f"{max(1, round(seconds))}{BEFORE_UNIT}s"
    if seconds < 90 * SECONDS_IN_MINUTE:
        return f"{round(seconds / SECONDS_IN_MINUTE)}{BEFORE_UNIT}min"
    hours = seconds / SECONDS_IN_HOUR
    return f"{hours:.1f}{BEFORE_UNIT}h" if hours < 48 else f"{round(hours / 24)} days"


def size(bytes_: int) -> str:
    """A download's size: '31 MB'."""
    return f"{max(1, round(bytes_ / 1e6))}{BEFORE_UNIT}MB"


def accuracy(mean: float, std: float, count: int) -> str:
    """'88.6 ± 1.7 % (n = 5)': percent, over n networks; never broken over two lines."""
    return f"{mean:.1f} ± {std:.1f} % (n = {count})".replace(" ", BEFORE_UNIT)


def capitalised(text: str) -> str:
    """The text with a capital at its start, the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    return capitalised(text) if text.rstrip().endswith((".", "!", "?")) else f"{capitalised(text)}."


def start_of(init: str) -> str:
    """Where a set's images started, in words."""
    return {
        "real": "real images",
        "noise": "noise",
        "wrong_class": "real images of a wrong class",
    }[init]
