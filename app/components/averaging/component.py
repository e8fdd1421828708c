"""Averaging: real images of a class laid on each other, the learned image, and the signed difference of both.

Everything moves in the browser; nothing is reported.
"""

from dataclasses import dataclass

from app.components.packed_frame import pack_frame
from app.components.scripts import declare_component
from dmcore.runs.display import DisplayImages

_PARTS = ("../packed_frame", "pictures", "mount")
_AVERAGING = declare_component("dm_averaging", __file__, _PARTS)


@dataclass(frozen=True)
class Averaging:
    """What is drawn; its fields are what the scripts read.

    Images are uint8 [image, channel, height, width].
    """

    name: str
    """Of the class."""
    real: DisplayImages
    """Images that are laid on each other."""
    mean: DisplayImages
    """One image: the mean of all real images of the class."""
    learned: DisplayImages
    """One image."""
    total: int
    """Real images of the class; 0: not known."""
    reach: int
    """Grey levels of 255 that have the strongest colour in the picture of the difference."""
    revealed: bool
    """Whether the difference is shown."""


def show_averaging(key: str, averaging: Averaging) -> None:
    """Draw it, or update it in place."""
    _AVERAGING(key=key, data=pack_frame(vars(averaging)))
