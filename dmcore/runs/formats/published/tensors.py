"""Tensors in the content of a file: which values are some, whether they are plain, parts put together."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from dmcore.data import limits
from dmcore.data.labels.class_names import printable_name
from dmcore.runs.formats.published.pickled_arrays import PickledArray
from dmcore.runs.formats.tensor_checks import FLOATING, WHOLE, check_bytes, check_size, dense

Pair = tuple[Tensor, Tensor]
"""Images and their labels."""

IMAGES_KEYS = ("images", "image", "imgs", "data", "x")
LABEL_KEYS = ("label", "labels", "target", "targets", "y")
NAMES_TOLD = 8


def named_alike(present: Iterable[Any], names: Sequence[str]) -> str | None:
    """The first of these names that is present, in whatever case; None where there is none."""
    by_name = {key.lower(): key for key in present if isinstance(key, str)}
    return next((by_name[name] for name in names if name in by_name), None)


def tensor_of(value: Any) -> Tensor | None:
    """The tensor or NumPy array; None for anything else."""
    if isinstance(value, PickledArray):
        return value.tensor
    return value if isinstance(value, Tensor) else None


def number_of(value: Any) -> float | None:
    """A number, or the one in a plain tensor or NumPy array; None for anything else."""
    if isinstance(value, float | int):
        return float(value)
    tensor = tensor_of(value)
    if tensor is None or not _is_plain(tensor) or tensor.numel() != 1:
        return None
    return float(tensor)


def pair_of(value: Any) -> Pair | None:
    """A list of two tensors; None for anything else."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    images, label = map(tensor_of, value)
    return None if images is None or label is None else (images, label)


def has_channels_last(shape: Sequence[int]) -> bool:
    """Whether images of a shape are [image, height, width, channel]."""
    return len(shape) == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3)


def unused(present: Iterable[Any], *used: Any) -> tuple[str, ...]:
    """Sentence on what a file holds besides what is used of it; none where that is all."""
    others = [printable_name(str(name)[:40]) for name in present if name not in used]
    if not others:
        return ()
    more = f" and {len(others) - NAMES_TOLD} more" if len(others) > NAMES_TOLD else ""
    return (f"Left out: {', '.join(others[:NAMES_TOLD])}{more}.",)


def joined(pairs: Sequence[Pair], source: str) -> Pair:
    """Images and labels of several parts in one.

    Raises:
        ValueError: a part is no plain images and labels, or all together are too large.
    """
    parts = [(dense(images, source), dense(label, source)) for images, label in pairs]
    for images, label in parts:
        check_size(images.shape, label.shape, source)
    check_bytes(sum(4 * images.numel() for images, _ in parts), source)
    if len({(images.shape[1:], label.shape[1:]) for images, label in parts}) > 1:
        raise ValueError(f"the parts of {source} have images of several sizes: give one of them")
    return torch.cat([images for images, _ in parts]), torch.cat([label for _, label in parts])


def are_parts(pairs: Sequence[Pair]) -> bool:
    """Whether several pairs have no class in common, so that they are parts of one set."""
    if len(pairs) < 2 or not all(_is_class_of_each(label) for _, label in pairs):
        return False
    classes = [set(label.tolist()) for _, label in pairs]
    return len(set().union(*classes)) == sum(map(len, classes))


def _is_class_of_each(label: Tensor) -> bool:
    return _is_plain(label) and label.ndim == 1 and 0 < label.numel() <= limits.MOST_IMAGES


def _is_plain(tensor: Tensor) -> bool:
    """Whether a tensor has real numbers that can be read one by one."""
    is_dense = tensor.layout == torch.strided and not tensor.is_nested
    return is_dense and tensor.device.type == "cpu" and tensor.dtype in (*WHOLE, *FLOATING)
