"""A single image of a run as a file: PNG as it is displayed, npz of its learned values."""

import io

import numpy as np
from PIL import Image

from dmcore.runs.display.images import DisplayImages, enlarge
from dmcore.runs.folder import RunFolder

PNG_SIDE = 560
"""Approximate width of the PNG in pixels."""


def encode_png(image: DisplayImages) -> bytes:
    """Encode an image [channel, height, width] as a PNG, every pixel a square of the same size."""
    shown = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    large = enlarge(shown, max(1, PNG_SIDE // max(image.shape[1:])))
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(large)).save(stream, "PNG")
    return stream.getvalue()


def encode_values(run: RunFolder, set_name: str, label: int, image: int, iteration: int) -> bytes:
    """Encode the learned values as npz: `pixels` float32 [channel, height, width], and how to display them.

    Args:
        run: the run.
        set_name: the set.
        label: the class.
        image: index of the image in its class.
        iteration: a stored iteration.

    Raises:
        ValueError: nothing is stored of that iteration, or its file is damaged.
    """
    from dmcore.runs.formats.condensed import read_condensed_set

    condensed = read_condensed_set(run, set_name, iteration)
    data = run.description.data
    number = int((condensed.label < label).sum()) + image
    stream = io.BytesIO()
    np.savez(
        stream,
        pixels=condensed.images[number].numpy(),
        mean=np.array(data.mean, np.float32),
        std=np.array(data.std, np.float32),
        stored_as=condensed.stored_as,
        run=run.id,
        set=set_name,
        class_name=run.class_names[label],
        iteration=iteration,
    )
    return stream.getvalue()
