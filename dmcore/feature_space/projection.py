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

from dmcore.feature_space.fixed_tsne import FixedTSNE, fit_fixed_tsne, fit_joint_tsne
from dmcore.feature_space.pca import PCAProjection, PrincipalAxes, fit_pca_projection, map_width, read_only
from dmcore.feature_space.tsne import feasible_perplexity
from dmcore.files.atomic import StorageError, storage_errors_explained, write_atomically

__all__ = [
    "MAP_KINDS",
    "FixedTSNE",
    "PCAProjection",
    "cached_fixed_tsne",
    "feasible_perplexity",
    "fit_fixed_tsne",
    "fit_joint_tsne",
    "fit_pca_projection",
    "fixed_tsne_key",
    "load_fixed_tsne",
    "map_width",
    "save_fixed_tsne",
]

FORMAT = 1
"""Of the file; also counted up when the fit itself changes, so that older maps are made anew."""

MAP_KINDS = {
    "tsne": "t-SNE of the real images, made once; they stand still, and the synthetic ones move among them.",
    "pca": "The two directions in which the real images differ most: exact, at once, much stays hidden.",
    "joint": "The paper's figure 3: one t-SNE of real and synthetic images together, for a finished run.",
}
"""What a map of features can be, with a sentence for a person."""


def cached_fixed_tsne(
    features: Float32[np.ndarray, "real feature"],
    folder: Path,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> FixedTSNE:
    """The map of these features out of `folder`, or fitted now and kept there for next time.

    A damaged file is replaced. Where the folder cannot be written to, the map's note says so.

    Args:
        features: of the real images.
        folder: made where it is not there.
        perplexity: as for `fit_fixed_tsne`, and so the others.
        seed: decides the map.
        jobs: threads of a fit.
        on_progress: called with the share of a fit that is done; not called for a map that is there.

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    key = fixed_tsne_key(features, perplexity, seed)
    path = folder / f"still-map-{key}.safetensors"
    kept = load_fixed_tsne(path, key)
    if kept is not None:
        return kept
    fitted = fit_fixed_tsne(features, perplexity=perplexity, seed=seed, jobs=jobs, on_progress=on_progress)
    try:
        save_fixed_tsne(fitted, path, key)
    except StorageError as refusal:
        return replace(fitted, note=f"{fitted.note} The map was not kept: {refusal}.".lstrip())
    return fitted


def fixed_tsne_key(
    features: Float32[np.ndarray, "real feature"], perplexity: float = 30.0, seed: int = 0
) -> str:
    """16 hexadecimal digits that differ when a feature, their order, the perplexity or the seed differs."""
    content = sha256(json.dumps([FORMAT, features.shape, float(perplexity), seed]).encode())
    content.update(np.ascontiguousarray(features).data)
    return content.hexdigest()[:16]


def save_fixed_tsne(fitted: FixedTSNE, path: Path, key: str) -> None:
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
    with storage_errors_explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, safetensors.numpy.save(tensors, {"facts": json.dumps(facts)}))


def load_fixed_tsne(path: Path, key: str) -> FixedTSNE | None:
    """The map in a file; None where there is none, or one of another key, or a damaged one.

    It takes milliseconds: openTSNE is imported, and finds the neighbours anew, when the first star is placed.
    """
    try:
        with safe_open(path, framework="np") as opened:
            facts = json.loads((opened.metadata() or {})["facts"])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
        if facts["key"] != key or facts["content"] != _digest(tensors):
            return None
        axes = PrincipalAxes(tensors["mean"], tensors["directions"])
        return FixedTSNE(
            read_only(tensors["positions"]),
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
