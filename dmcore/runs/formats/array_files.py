"""Readers and writers of array files: npz, safetensors, and pt in the authors' published layout.

These preserve the learned float32 exactly. Reading runs no code: npz without pickled objects, pt with
`weights_only` and the few names its NumPy scalars need, nothing else.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from pickle import UnpicklingError  # noqa: TID251 - only the name of torch's error; nothing is unpickled with it
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dmcore.files.atomic import write_atomically
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.set_metadata import UncheckedSet, metadata_of, parse_metadata, write_metadata

Accuracies = Mapping[str, Sequence[float]]

AUTHORS_NAMES = {
    "convnet": "ConvNet",
    "alexnet": "AlexNet",
    "vgg11": "VGG11",
    "resnet18": "ResNet18",
    "resnet18_ap": "ResNet18_AP",
    "mlp": "MLP",
    "lenet": "LeNet",
}
_scalar = np.float64(0).__reduce__()[0]  # lives in numpy.core or numpy._core, by version
_SCALARS = [
    (_scalar, "numpy.core.multiarray.scalar"),
    (_scalar, "numpy._core.multiarray.scalar"),
    np.dtype,
    np.dtypes.Float64DType,
]


def write_npz(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
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
    """Read one set from npz; `label` and `images` are required, the rest is optional.

    Raises:
        ValueError: damaged, without these arrays, or with pickled objects.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [name for name in ("images", "label") if name not in arrays]
            if missing:
                raise ValueError(
                    f"no array named {' or '.join(missing)}, only {', '.join(arrays) or 'nothing'}"
                )
            facts = parse_metadata(str(arrays["facts"])) if "facts" in arrays else UncheckedSet()
            return [
                facts.with_images(
                    torch.from_numpy(arrays["images"]),
                    torch.from_numpy(arrays["label"]),
                )
            ]
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as damage:
        raise ValueError(
            f"{path.name} cannot be read as plain arrays ({damage}): write it with numpy.savez(file, "
            "images=…, label=…)"
        ) from damage


def write_safetensors(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """Write tensors `images` and `label`, with mean, std and class names as JSON in the metadata."""
    tensors = {"images": condensed.images.contiguous(), "label": condensed.label.contiguous()}
    metadata = {"facts": json.dumps(metadata_of(condensed), ensure_ascii=False)}
    return [_write(stem.with_name(f"{stem.name}.safetensors"), safetensors.torch.save(tensors, metadata))]


def read_safetensors(path: Path) -> list[UncheckedSet]:
    """Read one set from safetensors; the metadata are optional.

    Raises:
        ValueError: damaged, or without these tensors.
    """
    try:
        with safe_open(path, framework="pt") as opened:
            metadata = opened.metadata() or {}
            images, label = (opened.get_tensor(name).clone() for name in ("images", "label"))
    except SafetensorError as damage:
        raise ValueError(
            f"{path.name} holds no tensors images and label ({damage}): export it again"
        ) from damage
    facts = parse_metadata(metadata["facts"]) if "facts" in metadata else UncheckedSet()
    return [facts.with_images(images, label)]


def write_pt(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """Write pt in the authors' layout, and a JSON file with the normalisation and class names."""
    content = io.BytesIO()
    fractions = {
        AUTHORS_NAMES[network]: [percent / 100 for percent in each]  # plain numbers, which torch.load trusts
        for network, each in accuracies.items()
    }
    torch.save({"data": [[condensed.images, condensed.label]], "accs_all_exps": fractions}, content)
    file = _write(stem.with_name(f"{stem.name}.pt"), content.getvalue())
    sidecar = write_metadata(
        _sidecar_file(file), condensed, "The .pt contains neither the normalisation nor the class names."
    )
    return [file, sidecar]


def read_pt(path: Path) -> list[UncheckedSet]:
    """Read all sets of a pt file in the authors' layout (one per experiment).

    Raises:
        ValueError: damaged, another layout, or it carries code.
    """
    try:
        with torch.serialization.safe_globals(_SCALARS):  # type: ignore[arg-type]
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as refused:
        raise ValueError(
            f"{path.name} is damaged or carries more than tensors and numbers, which could run code; "
            "it was not opened: ask its owner for an .npz or .safetensors file"
        ) from refused
    except (RuntimeError, EOFError, OSError, KeyError, ValueError) as damage:
        raise ValueError(f"{path.name} is damaged or no .pt file: download or export it again") from damage
    sidecar = _sidecar_file(path)
    facts = parse_metadata(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else UncheckedSet()
    pairs = _pairs(content)
    if not pairs:
        raise ValueError(
            f"{path.name} has another layout than the authors': it needs {{'data': [[images, label], ...]}}"
        )
    if len(pairs) == 1:
        return [facts.with_images(*pairs[0])]
    return [
        facts.with_images(*pair).named(f"experiment-{number}") for number, pair in enumerate(pairs, start=1)
    ]


def _pairs(content: Any) -> list[tuple[Tensor, Tensor]]:
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, list | tuple):
        return []
    pairs = [tuple(pair) for pair in data if isinstance(pair, list | tuple) and len(pair) == 2]
    tensors = [
        (images, label) for images, label in pairs if isinstance(images, Tensor) and isinstance(label, Tensor)
    ]
    return tensors if len(tensors) == len(data) else []


def _sidecar_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}.normalisation.json")


def _write(file: Path, content: bytes) -> Path:
    write_atomically(file, content)
    return file
