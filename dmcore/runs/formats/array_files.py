"""Writers of array files: npz, safetensors, and pt in the authors' published layout; readers of two.

These preserve the learned float32 exactly. Reading runs no code and takes memory for what is declared only
after it was checked. `pt_file` reads pt.
"""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open

from dmcore.data.npz_arrays import NpzArrays, open_npz
from dmcore.files.atomic import write_atomically
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.published.tensors import (
    IMAGES_KEYS,
    LABEL_KEYS,
    has_channels_last,
    named_alike,
    unused,
)
from dmcore.runs.formats.set_metadata import (
    UncheckedSet,
    check_metadata_size,
    metadata_of,
    parse_metadata,
    write_metadata,
)
from dmcore.runs.formats.tensor_checks import check_size
from dmcore.runs.formats.tested_accuracies import tested_accuracies

STATED = ("facts", "mean", "std", "class_names")
"""Arrays in an npz file that state the metadata."""
AUTHORS_NAMES = {
    "convnet": "ConvNet",
    "alexnet": "AlexNet",
    "vgg11": "VGG11",
    "resnet18": "ResNet18",
    "resnet18_ap": "ResNet18_AP",
    "mlp": "MLP",
    "lenet": "LeNet",
}


def write_npz(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write arrays `images`, `label`, `mean`, `std`, `class_names` and `facts` (JSON) as compressed npz."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        images=condensed.images.numpy(),
        label=condensed.label.numpy(),
        mean=np.array(condensed.statistics.mean),
        std=np.array(condensed.statistics.std),
        class_names=np.array(condensed.class_names, dtype=np.str_),
        facts=np.array(json.dumps(metadata_of(condensed), ensure_ascii=False)),
    )
    return [_write(stem.with_name(f"{stem.name}.npz"), content.getvalue())]


def read_npz(path: Path) -> list[UncheckedSet]:
    """Read one set from npz: arrays `images` and `label`, or named alike; the rest is optional.

    Raises:
        ValueError: damaged, without these arrays, with pickled objects, or too large.
    """
    with open_npz(path) as arrays:
        found = {
            "images": named_alike(arrays.names, IMAGES_KEYS),
            "label": named_alike(arrays.names, LABEL_KEYS),
        }
        missing = [name for name, key in found.items() if key is None]
        if missing:
            raise ValueError(
                f"{path.name} has no array named {' or '.join(missing)}, only "
                f"{', '.join(arrays.names[:8]) or 'nothing'}: "
                "write it with numpy.savez(file, images=…, label=…)"
            )
        images_key, label_key = (key for key in found.values() if key is not None)
        label_shape = arrays.shape(label_key)
        images_shape = arrays.shape(images_key)
        check_size(images_shape, label_shape, path.name)
        facts, used = _facts_of(arrays, images_shape, path.name)
        if has_channels_last(images_shape) and len(label_shape) == 2:
            layout = "Recognised as the layout of KIP: images with the channels last, labels in rows."
            facts = replace(facts, layout=layout, pixels="kip")
        facts = replace(facts, notes=unused(arrays.names, images_key, label_key, *used))
        return [facts.with_images(arrays.tensor(images_key), arrays.tensor(label_key))]


def _facts_of(
    arrays: NpzArrays, images_shape: tuple[int, ...], source: str
) -> tuple[UncheckedSet, tuple[str, ...]]:
    """What an npz file states of its set, in `facts` or in arrays of their own, and their names.

    Raises:
        ValueError: too large, or no normalisation and class names.
    """
    names = [name for name in STATED if name in arrays.names]
    for name in names:
        check_metadata_size(arrays.nbytes(name), source)
    if "facts" in names:
        return parse_metadata(arrays.text("facts")), STATED
    stated: dict[str, Any] = {"mean": [], "std": [], "class_names": []}
    used: tuple[str, ...] = ()
    if "mean" in names and "std" in names:
        mean, std = arrays.array("mean"), arrays.array("std")
        if (
            mean.shape == std.shape
            and mean.dtype.kind == std.dtype.kind == "f"
            and (mean.size in (images_shape[1], images_shape[3]))
        ):
            stated |= {"mean": mean.ravel().tolist(), "std": std.ravel().tolist()}
            used += ("mean", "std")
    if "class_names" in names and arrays.array("class_names").dtype.kind == "U":
        stated["class_names"] = arrays.array("class_names").ravel().tolist()
        used += ("class_names",)
    parsed = parse_metadata(json.dumps(stated | {"set": "", "iteration": 0, "dataset": ""}))
    class_names = parsed.class_names or None
    numbered = class_names == tuple(str(label) for label in range(len(class_names or ())))
    facts = UncheckedSet(
        class_names=class_names,
        statistics=parsed.statistics if "mean" in used else None,
        named_by_index=numbered,
        pixels="unstated",
    )
    return facts, used


def write_safetensors(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write tensors `images` and `label`, with mean, std and class names as JSON in the metadata."""
    tensors = {"images": condensed.images.contiguous(), "label": condensed.label.contiguous()}
    metadata = {"facts": json.dumps(metadata_of(condensed), ensure_ascii=False)}
    return [_write(stem.with_name(f"{stem.name}.safetensors"), safetensors.torch.save(tensors, metadata))]


def read_safetensors(path: Path) -> list[UncheckedSet]:
    """Read one set from safetensors; the metadata are optional.

    Raises:
        ValueError: damaged, without these tensors, or too large.
    """
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            present = list(opened.keys())
            names = [named_alike(present, keys) or keys[0] for keys in (IMAGES_KEYS, LABEL_KEYS)]
            shapes = [opened.get_slice(name).get_shape() for name in names]
            check_size(shapes[0], shapes[1], path.name)
            images, label = (opened.get_tensor(name).clone() for name in names)
    except (SafetensorError, KeyError, TypeError, RuntimeError) as damage:
        raise ValueError(
            f"{path.name} holds no tensors images and label ({damage}): export it again"
        ) from damage
    check_metadata_size(len(metadata.get("facts", "")), path.name)
    facts = parse_metadata(metadata["facts"]) if "facts" in metadata else UncheckedSet(pixels="unstated")
    facts = replace(facts, notes=unused(present, *names))
    return [facts.with_images(images, label)]


def write_pt(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write pt in the authors' layout, and a JSON file with the normalisation and class names."""
    content = io.BytesIO()
    fractions = {
        AUTHORS_NAMES[network]: [percent / 100 for percent in each]  # plain numbers, which torch.load trusts
        for network, each in tested_accuracies(run, condensed).items()
    }
    torch.save({"data": [[condensed.images, condensed.label]], "accs_all_exps": fractions}, content)
    file = _write(stem.with_name(f"{stem.name}.pt"), content.getvalue())
    sidecar = write_metadata(
        sidecar_file(file), condensed, "The .pt contains neither the normalisation nor the class names."
    )
    return [file, sidecar]


def sidecar_file(file: Path) -> Path:
    """Path of the JSON file with the normalisation and class names of a .pt file."""
    return file.with_name(f"{file.stem}.normalisation.json")


def _write(file: Path, content: bytes) -> Path:
    write_atomically(file, content)
    return file
