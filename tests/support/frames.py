"""Reading the binary messages of the components: a header as JSON and pixels, one or several in a film."""

import json
from typing import Any

import numpy as np


def unpack_frame(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and pixels: four bytes hold the header's length, little-endian."""
    header, pixels = split_length(frame)
    return json.loads(header), pixels


def unpack_pixels(frame: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """Header, and pixels as one row of numbers."""
    header, pixels = unpack_frame(frame)
    return header, np.frombuffer(pixels, np.uint8)


def split_film(film: bytes) -> list[bytes]:
    """The frames of a film, each of which stands behind its length."""
    frames = []
    while film:
        frame, film = split_length(film)
        frames.append(frame)
    return frames


def split_length(data: bytes) -> tuple[bytes, bytes]:
    """As many bytes as the first four say, and the rest."""
    end = 4 + int.from_bytes(data[:4], "little")
    assert 4 <= len(data) >= end, "truncated"
    return data[4:end], data[end:]
