"""Recorded run that plays in the browser: many real images, the few learned ones, accuracies on a line.

Two pictures travel once: a sheet of real images and one of all frames. No server is needed after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.components.packed_frame import pack_frame
from app.components.scripts import declare_component

_PARTS = (
    "../packed_frame",
    *("learned", "sheets", "track", "provenance", "playing", "mount"),
)
_FRONT = declare_component("dm_front", __file__, _PARTS)


@dataclass(frozen=True)
class Mark:
    """Accuracy on the number line, with what it was measured on."""

    method: str
    """`learned`, `mean_image`, `random` or `whole`: decides its sign and colour."""
    label: str
    percent: float
    detail: str
    """On how many sets and networks."""
    moments: Sequence[float | None] = ()
    """Percent at each moment of the recording, None where it was not tested; empty if only at its end."""


@dataclass(frozen=True)
class Source:
    """Where recorded numbers come from, and the command that computes them again."""

    title: str
    facts: str
    command: str
    remarks: str = ""
    """Sentences below the command."""


@dataclass(frozen=True)
class Recording:
    """Content of the picture; its fields are what the scripts read."""

    real: bytes
    """Sheet of real images, a file that a browser decodes."""
    real_columns: int
    """Real images in a row of the sheet; they are square."""
    real_count: int
    """Real images of the data set, all classes."""
    frames: bytes
    """Sheet of the learned images: a row for each moment, a column for each class; square images."""
    class_names: Sequence[str]
    iterations: Sequence[int]
    """Iteration of each moment, in order."""
    seconds: Sequence[float]
    """Seconds since the run started, at each moment."""
    start: str
    """What the learned images start from, such as 'pure noise'."""
    recorded: str
    """On which data and machine it was recorded, in a few words."""
    marks: Sequence[Mark]
    test_count: int
    """Test images that the accuracies are of."""
    sources: Sequence[Source]

    def packed(self) -> bytes:
        """Pack [u32 length of the header][header as JSON][sheet of real images][sheet of frames]."""
        sheets = {"real": self.real, "frames": self.frames}
        header = vars(self) | {name: len(sheet) for name, sheet in sheets.items()}
        return pack_frame(header) + b"".join(sheets.values())


def show_recording(key: str, recording: Recording) -> None:
    """Draw a recording; it plays by itself, unless less motion is preferred."""
    _FRONT(key=key, data=recording.packed())
