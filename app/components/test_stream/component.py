"""Stream of test images past networks that were each trained on a few images; it moves in the browser."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.components.packed_frame import pack_frame
from app.components.scripts import declare_component
from dmcore.runs.display import DisplayImages

_PARTS = ("../packed_frame", "drawing", "mount")
_STREAM = declare_component("dm_test_stream", __file__, _PARTS)


@dataclass(frozen=True)
class Lane:
    """Training images of a network, and what it takes the test images for."""

    title: str
    images: DisplayImages
    """uint8 [frame, image, channel, height, width]: a film, or one frame; the last one stays."""
    learned: bool
    """Whether the images are synthetic."""
    answers: Sequence[int] = ()
    """Class that the network takes each test image for; empty while no network was trained."""
    remark: str = ""
    """Short text on the right, such as the accuracy."""
    summary: str = ""
    """What is known of the network without answers, such as a recorded accuracy; empty before a guess."""


@dataclass(frozen=True)
class TestStream:
    """What is drawn; its fields are what the scripts read."""

    __test__ = False

    lanes: Sequence[Lane]
    tests: DisplayImages
    """uint8 [image, channel, height, width]"""
    label: Sequence[int]
    """True class of each test image."""
    class_names: Sequence[str]


def show_test_stream(key: str, stream: TestStream) -> None:
    """Draw the stream; answers that are new let it begin again."""
    answers = [np.asarray(lane.answers, np.int64) for lane in stream.lanes]
    assert all(len(each) in (0, len(stream.tests)) for each in answers)
    _STREAM(key=key, data=pack_frame(vars(stream)))
