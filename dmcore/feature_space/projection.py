"""Projections of features onto the plane (fixed t-SNE, joint t-SNE, PCA), and the disk cache of fixed t-SNEs.

The name of a cached map is a hash of all that decides it: another network, sample or seed gives another file.
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
"""Version of the file; also increased when the fit changes, so that older maps are fitted again."""

MAP_KINDS = {
    "tsne": "t-SNE fitted once on the real images; they stand still, and the synthetic ones move among them.",
    "pca": "The two directions in which the real images differ most: exact, at once, much stays hidden.",
    "joint": "The paper's figure 3: one t-SNE of real and synthetic images together, for a finished run.",
}
"""Kinds of maps, with a description of each."""


def cached_fixed_tsne(
    features: Float32[np.ndarray, "real feature"],
    folder: Path,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> FixedTSNE:
    """Fixed t-SNE of these features, read from `folder` or fitted and stored there.

    A damaged file is replaced. Where the folder cannot be written to, the map's note says so.

    Args:
        features: of the real images.
        folder: created if missing.
        perplexity: as for `fit_fixed_tsne`.
        seed: decides the map.
        jobs: threads of a fit.
        on_progress: called with the fraction of a fit that is done; not for a cached map.

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    key = fixed_tsne_key(features, perplexity, seed)
    path = folder / f"still-map-{key}.safetensors"
    cached = load_fixed_tsne(path, key)
    if cached is not None:
        return cached
    fitted = fit_fixed_tsne(features, perplexity=perplexity, seed=seed, jobs=jobs, on_progress=on_progress)
    try:
        save_fixed_tsne(fitted, path, key)
    except StorageError as refusal:
        return replace(fitted, note=f"{fitted.note} The map was not stored: {refusal}.".lstrip())
    return fitted


def fixed_tsne_key(
    features: Float32[np.ndarray, "real feature"], perplexity: float = 30.0, seed: int = 0
) -> str:
    """Cache key of a map: 16 hexadecimal digits of the features, their order, the perplexity and the seed."""
    content = sha256(json.dumps([FORMAT, features.shape, float(perplexity), seed]).encode())
    content.update(np.ascontiguousarray(features).data)
    return content.hexdigest()[:16]


def save_fixed_tsne(fitted: FixedTSNE, path: Path, key: str) -> None:
    """Write a map to a file atomically.

    Raises:
        StorageError: the disk is full or refuses.
    """
    tensors = {
        "positions": fitted.positions,
        "reduced": fitted.reduced,
        "mean": fitted.axes.mean,
        "directions": fitted.axes.directions,
    }
    metadata = {
        "key": key,
        "unit": fitted.unit,
        "perplexity": fitted.perplexity,
        "note": fitted.note,
        "content": _digest(tensors),
    }
    with storage_errors_explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, safetensors.numpy.save(tensors, {"facts": json.dumps(metadata)}))


def load_fixed_tsne(path: Path, key: str) -> FixedTSNE | None:
    """Read a map from a file; None where it is missing, damaged, or has another key.

    It takes milliseconds: openTSNE is imported, and searches the neighbours again, for the first star.
    """
    try:
        with safe_open(path, framework="np") as opened:
            metadata = json.loads((opened.metadata() or {})["facts"])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
        if metadata["key"] != key or metadata["content"] != _digest(tensors):
            return None
        axes = PrincipalAxes(tensors["mean"], tensors["directions"])
        return FixedTSNE(
            read_only(tensors["positions"]),
            tensors["reduced"],
            axes,
            float(metadata["unit"]),
            float(metadata["perplexity"]),
            str(metadata["note"]),
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None


def _digest(tensors: dict[str, np.ndarray]) -> str:
    content = sha256()
    for name in sorted(tensors):
        content.update(f"{name}{tensors[name].dtype}{tensors[name].shape}".encode())
        content.update(np.ascontiguousarray(tensors[name]).data)
    return content.hexdigest()
