"""Messages of the components that draw images: packed frames to the browser, and the pick that it reports."""

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from typing import NamedTuple, Protocol

import numpy as np
import streamlit as st


class Pick(NamedTuple):
    """Picked image: the set (a grid's lane, a map's panel), the class and the image's index in its class."""

    lane: str
    label: int
    image: int


class ImageSet(Protocol):
    """Set of images in a component."""

    @property
    def name(self) -> str:
        """Name in picks."""

    def has(self, label: int, image: int) -> bool:
        """Whether it shows this image of a class."""


def pack_frame(header: Mapping[str, object]) -> bytes:
    """Pack [u32 length of the header, little-endian][header as JSON][uint8 pixels]; see packed_frame.js.

    Dataclasses in the header become objects of their fields. Images, uint8 [..., channel, height, width], are
    replaced by their shapes; their pixels follow the header in its order. Positions keep four digits.
    """
    pixels: list[bytes] = []

    def encode(value: object) -> object:
        if is_dataclass(value):
            return vars(value)
        assert isinstance(value, np.ndarray), type(value)
        if value.dtype == np.uint8 and value.ndim > 2:
            pixels.append(value.tobytes())
            return value.shape
        if value.dtype.kind == "f":  # finer than a screen's pixels
            return [[float(f"{number:.4g}") for number in point] for point in value.tolist()]
        return value.tolist()

    text = json.dumps(header, default=encode, separators=(",", ":"), allow_nan=False).encode()
    return b"".join([struct.pack("<I", len(text)), text, *pixels])


def pack_frames(frames: Iterable[bytes]) -> bytes:
    """Pack frames one after the other: [u32 length, little-endian][frame]."""
    return b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)


def read_pick(value: object, sets: Iterable[ImageSet]) -> Pick | None:
    """Parse the image that the browser reported; None where an update has removed it meanwhile."""
    if not isinstance(value, list) or [type(part) for part in value] != [str, int, int]:
        return None
    pick = Pick(*value)
    return pick if any(item.name == pick.lane and item.has(pick.label, pick.image) for item in sets) else None


def report_pick(key: str, sets: Iterable[ImageSet], on_pick: Callable[[Pick], None] | None) -> None:
    """Call `on_pick` with the image that was picked in the component of this key."""
    pick = read_pick(st.session_state[key].get("pick"), sets)
    if pick is not None and on_pick is not None:
        on_pick(pick)
