"""Checks of the tensors of a condensed set from elsewhere: size, layout and type, before memory is taken.

A tensor may claim any size (stride 0), have no values (meta) or none that are one by one (sparse, quantised).
"""

import math
from collections.abc import Sequence
from typing import Literal

import psutil
import torch
from jaxtyping import Int64
from torch import Tensor

from dmcore.data import limits

FLOATING = (
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16),
    *(torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz),
)
"""Types of normalised images; all are exact in float32 but float64."""
WHOLE = (
    *(torch.int64, torch.int32, torch.int16, torch.int8),
    *(torch.uint8, torch.uint16, torch.uint32, torch.uint64),
)
"""Types of labels."""
LabelChoice = Literal["given", "hardest"]
"""What becomes of soft labels: they are refused, or reduced to the class with the largest number."""
ROUNDING = 1e-3
"""By which numbers of one-hot labels may differ: float16 has three digits."""
LARGEST_PIXEL = 65_504.0
"""Largest finite float16, in which snapshots are stored."""


def check_size(images: Sequence[int], label: Sequence[int], source: str) -> None:
    """Check the shapes of images and labels as declared, against the limits and the free memory.

    Args:
        images: shape of the images.
        label: shape of the labels, [image] or one-hot [image, class].
        source: name of the file.

    Raises:
        ValueError: not [image, channel, height, width] with a label each, no images, or too large.
    """
    if len(images) != 4 or len(label) not in (1, 2):
        raise ValueError(
            f"{source} has images of shape {list(images)} and labels of shape {list(label)}: "
            "it needs images [image, channel, height, width] with a label each"
        )
    if images[0] != label[0]:
        raise ValueError(f"{source} has {images[0]} images and {label[0]} labels: give each image one label")
    if 0 in images or 0 in label:
        raise ValueError(f"{source} holds no images: export a set that has some")
    if images[0] > limits.MOST_IMAGES:
        raise ValueError(
            f"{source} has {images[0]:,} images, more than the {limits.MOST_IMAGES:,} of a condensed set: "
            "give fewer"
        )
    check_bytes(max(4 * math.prod(images), 8 * math.prod(label)), source)


def check_bytes(needed: int, source: str) -> None:
    """Check that so many bytes of images may be imported and have room in memory.

    Raises:
        ValueError: more than the limit, or than is free.
    """
    if needed > limits.MOST_SET_BYTES:
        raise ValueError(
            f"{source} would take {needed / 2**30:.1f} GiB of memory, more than the "
            f"{limits.MOST_SET_BYTES >> 30} GiB of a condensed set: give fewer or smaller images"
        )
    free = psutil.virtual_memory().available
    if needed * limits.MEMORY_FACTOR > free:
        raise ValueError(
            f"to import {source} takes {needed * limits.MEMORY_FACTOR / 2**30:.1f} GiB of memory, "
            f"{free / 2**30:.1f} GiB are free: give fewer images, or close other programs"
        )


def dense(tensor: Tensor, source: str) -> Tensor:
    """View of a plain tensor: not sparse, nested, quantised or on the meta device; without gradient.

    Raises:
        ValueError: one of these; says how to save it.
    """
    if tensor.device.type == "meta":
        raise ValueError(
            f"{source} has tensors of the meta device, which hold no values: save them from the CPU"
        )
    if tensor.layout != torch.strided or tensor.is_nested:
        raise ValueError(f"{source} has sparse or nested tensors: save them dense, with tensor.to_dense()")
    if tensor.is_quantized:
        raise ValueError(f"{source} has quantised tensors: save them with tensor.dequantize()")
    return tensor.detach().resolve_neg()


def check_image_type(images: Tensor, source: str) -> None:
    """Check the type of images.

    Raises:
        ValueError: neither uint8 nor floating-point.
    """
    if images.dtype not in (torch.uint8, *FLOATING):
        raise ValueError(
            f"the images of {source} are {_type_name(images)}: save them as normalised float32, "
            "or as uint8 from 0 to 255"
        )


def class_indices(
    label: Tensor, source: str, choice: LabelChoice = "given"
) -> tuple[Int64[Tensor, " image"], bool]:
    """Class of each image, and whether soft labels were reduced to it.

    Args:
        label: [image] of any whole-number type, or [image, class]: one-hot, one-hot less its mean, or soft.
        source: name of the file.
        choice: "hardest" takes the class with the largest number of soft labels.

    Raises:
        ValueError: soft labels that are not to be reduced, or numbers that are not whole.
    """
    if label.ndim == 2 and label.shape[1] > 1:
        return _from_rows(label, source, choice)
    label = label.flatten()
    if label.dtype in WHOLE:
        return label.long(), False
    if label.dtype in FLOATING:
        values = label.double()
        whole = values.long()
        if torch.equal(whole.double(), values):
            return whole, False
    raise ValueError(
        f"the labels of {source} are not whole numbers ({_type_name(label)}): "
        "give the class of each image, from 0"
    )


def _from_rows(label: Tensor, source: str, choice: LabelChoice) -> tuple[Int64[Tensor, " image"], bool]:
    if label.dtype in (*WHOLE, *FLOATING, torch.bool):
        values = label.float()
        indices = values.argmax(1)
        one_hot = torch.nn.functional.one_hot(indices, label.shape[1]).float()
        expected = (one_hot, one_hot - 1 / label.shape[1])
        if any(torch.allclose(values, each, rtol=0, atol=ROUNDING) for each in expected):
            return indices, False
        if choice == "hardest" and bool(values.isfinite().all()):
            return indices, True
    raise ValueError(
        f"the labels of {source} are soft, {label.shape[1]} numbers for each image: --labels hardest takes "
        "the class with the largest, and loses what they say of the others"
    )


def _type_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
