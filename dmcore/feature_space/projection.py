"""Features -> the plane, in three ways, and a t-SNE of the real images that is fitted once and kept on disk.

A map is kept under a name made of what decides it, so another network, sample or seed makes another file.
It must not know networks, runs or torch.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import safetensors.numpy
from jaxtyping import Float32
from safetensors import SafetensorError, safe_open

from dmcore.feature_space.fixed_tsne import StillMap, fit_still_map, joint_map
from dmcore.feature_space.pca import Axes, PlaneMap, map_width, plane_map, still
from dmcore.feature_space.tsne import perplexity_that_fits
from dmcore.files.atomic import StorageError, storage_trouble_named, write_atomically

__all__ = [
    "KINDS",
    "PlaneMap",
    "StillMap",
    "fit_still_map",
    "joint_map",
    "load_still_map",
    "map_width",
    "perplexity_that_fits",
    "plane_map",
    "save_still_map",
    "still_map",
    "still_map_key",
]

FORMAT = 1
"""Of the file; also counted up when the fit itself changes, so that older maps are made anew."""

KINDS = {
    "tsne": "t-SNE of the real images, made once; they stand still, and the synthetic ones move among them.",
    "pca": "The two directions in which the real images differ most: exact, at once, much stays hidden.",
    "joint": "The paper's figure 3: one t-SNE of real and synthetic images together, for a finished run.",
}
"""What a map of features can be, with a sentence for a person."""


def still_map(
    features: Float32[np.ndarray, "real feature"],
    folder: Path,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> StillMap:
    """The map of these features out of `folder`, or fitted now and kept there for next time.

    A damaged file is replaced. Where the folder cannot be written to, the map's note says so.

    Args:
        features: of the real images.
        folder: made where it is not there.
        perplexity: as for `fit_still_map`, and so the others.
        seed: decides the map.
        jobs: threads of a fit.
        on_progress: called with the share of a fit that is done; not called for a map that is there.

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    key = still_map_key(features, perplexity, seed)
    path = folder / f"still-map-{key}.safetensors"
    kept = load_still_map(path, key)
    if kept is not None:
        return kept
    fitted = fit_still_map(features, perplexity=perplexity, seed=seed, jobs=jobs, on_progress=on_progress)
    try:
        save_still_map(fitted, path, key)
    except StorageError as refusal:
        return replace(fitted, note=f"{fitted.note} The map was not kept: {refusal}.".lstrip())
    return fitted


def still_map_key(
    features: Float32[np.ndarray, "real feature"], perplexity: float = 30.0, seed: int = 0
) -> str:
    """16 hexadecimal digits that differ when a feature, their order, the perplexity or the seed differs."""
    content = sha256(json.dumps([FORMAT, features.shape, float(perplexity), seed]).encode())
    content.update(np.ascontiguousarray(features).data)
    return content.hexdigest()[:16]


def save_still_map(fitted: StillMap, path: Path, key: str) -> None:
    """Write a map to a file, whole or not at all.

    Raises:
        StorageError: the disk is full or refuses.
    """
    tensors = {
        "positions": fitted.positions,
        "reduced": fitted.reduced,
        "mean": fitted.axes.mean,
        "directions": fitted.axes.directions,
    }
    facts = {
        "key": key,
        "unit": fitted.unit,
        "perplexity": fitted.perplexity,
        "note": fitted.note,
        "content": _digest(tensors),
    }
    with storage_trouble_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, safetensors.numpy.save(tensors, {"facts": json.dumps(facts)}))


def load_still_map(path: Path, key: str) -> StillMap | None:
    """The map in a file; None where there is none, or one of another key, or a damaged one.

    It takes milliseconds: openTSNE is imported, and finds the neighbours anew, when the first star is placed.
    """
    try:
        with safe_open(path, framework="np") as opened:
            facts = json.loads((opened.metadata() or {})["facts"])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
        if facts["key"] != key or facts["content"] != _digest(tensors):
            return None
        axes = Axes(tensors["mean"], tensors["directions"])
        return StillMap(
            still(tensors["positions"]),
            tensors["reduced"],
            axes,
            float(facts["unit"]),
            float(facts["perplexity"]),
            str(facts["note"]),
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def _digest(tensors: dict[str, np.ndarray]) -> str:
    content = sha256()
    for name in sorted(tensors):
        content.update(f"{name}{tensors[name].dtype}{tensors[name].shape}".encode())
        content.update(np.ascontiguousarray(tensors[name]).data)
    return content.hexdigest()
