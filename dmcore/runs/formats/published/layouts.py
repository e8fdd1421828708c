"""Layouts of the content of a .pt file, each recognised by its structure: the registry of their readers."""

from collections.abc import Callable
from typing import Any

from dmcore.data.labels.class_names import printable_name
from dmcore.runs.formats.published.distilled_steps import read_steps
from dmcore.runs.formats.published.tensors import (
    IMAGES_KEYS,
    LABEL_KEYS,
    are_parts,
    joined,
    named_alike,
    pair_of,
    tensor_of,
    unused,
)
from dmcore.runs.formats.set_metadata import UncheckedSet

Reader = Callable[[Any, str], list[UncheckedSet]]
"""Sets in the content of the file of a name; none where it has another layout."""


def recognise(content: Any, source: str) -> list[UncheckedSet]:
    """Read the sets of a file by the first layout that its content has.

    Raises:
        ValueError: another layout (says what the content is), or tensors that make no set.
    """
    for read in LAYOUTS:
        if sets := read(content, source):
            return sets
    raise ValueError(
        f"{source} has another layout than those that are read, {_described(content)}: save it as "
        "{'images': images, 'labels': labels}, or as {'data': [[images, labels], ...]}"
    )


def read_pairs(content: Any, source: str) -> list[UncheckedSet]:
    """Read {'data': [[images, labels], ...]}: an entry for each experiment, or for each step of classes."""
    data = content.get("data", content) if isinstance(content, dict) else None
    if isinstance(data, dict) and all(isinstance(step, int) for step in data):
        data = [data[step] for step in sorted(data)]
    pairs = [pair_of(entry) for entry in data] if isinstance(data, list | tuple) else []
    complete = [pair for pair in pairs if pair is not None]
    if not complete or len(complete) < len(pairs):
        return []
    is_named = isinstance(content, dict) and "data" in content
    notes = unused(content, "data") if is_named else ()
    if are_parts(complete):
        layout = (
            "Recognised as the layout of continual-learning sets: the images of "
            f"{len(complete)} steps with classes of their own, put together."
        )
        return [
            UncheckedSet(layout=layout, notes=notes, pixels="unstated").with_images(*joined(complete, source))
        ]
    sentence = "Recognised as the layout of DC, DSA and DM: images and labels, normalised."
    authors = UncheckedSet(layout=sentence, notes=notes, pixels="unstated")
    if len(complete) == 1:
        return [authors.with_images(*complete[0])]
    return [
        authors.with_images(*pair).named(f"experiment-{number}") for number, pair in enumerate(complete, 1)
    ]


def read_list(content: Any, source: str) -> list[UncheckedSet]:
    """Read [images, labels], whose images may hold several smaller ones each."""
    pair = pair_of(content)
    if pair is None:
        return []
    layout = "Recognised as the layout of IDC, DANCE, DSDM and NCFM: a list of images and labels."
    return [UncheckedSet(layout=layout, pixels="0-1", may_hold_tiles=True).with_images(*pair)]


def read_named(content: Any, source: str) -> list[UncheckedSet]:
    """Read a dict with the images and the labels under names of their own, such as DDM's."""
    if not isinstance(content, dict):
        return []
    values = {key: tensor for key, value in content.items() if (tensor := tensor_of(value)) is not None}
    images_key, label_key = named_alike(values, IMAGES_KEYS), named_alike(values, LABEL_KEYS)
    if images_key is None or label_key is None:
        return []
    images, label = values[images_key], values[label_key]
    whose = "the layout of DDM: a dict" if {"accuracies", "config"} & set(content) else "a dict"
    unchecked = UncheckedSet(
        layout=f"Recognised as {whose} with {images_key} and {label_key}.",
        notes=unused(content, images_key, label_key),
        pixels="unstated",
    )
    return [unchecked.with_images(images, label)]


LAYOUTS: tuple[Reader, ...] = (read_pairs, read_list, read_steps, read_named)


def _described(content: Any) -> str:
    """What the content of a file is, in a few words."""
    if isinstance(content, dict):
        keys = printable_name(", ".join(str(key)[:20] for key in list(content)[:5]))
        return f"a dict with the keys {keys}" if keys else "an empty dict"
    if isinstance(content, list | tuple):
        return f"a list of {len(content):,}"
    return f"one {type(content).__name__}"
