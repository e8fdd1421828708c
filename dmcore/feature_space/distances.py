"""Distance preservation of embedding networks: Spearman correlation of pixel and feature distances.

The paper's argument for matching in random networks is that they preserve distances approximately (Giryes et
al. 2016, Deep Neural Networks with Random Gaussian Weights): images of one class stay nearer to each other
than others. Spearman's rank correlation does not depend on the scale of the features.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Float64, Int64
from torch import Tensor

from dmcore.config import CondenseConfig, NetworkSpec
from dmcore.data.images import DataSet, LabelledImages
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.plan import Plan
from dmcore.feature_space.spaces import PIECE_BYTES, normalised_pieces, stratified_sample
from dmcore.networks import Network, uses_batch_statistics
from dmcore.randomness import numpy_generator

MAX_IMAGES = 1000
"""Images in a sample, however many classes there are: half a million pairs."""
DRAWS = 5
PER_CLASS = 20
PLOTTED_PAIRS = 500
"""Pairs of one class that are plotted, and as many of two."""


@dataclass(frozen=True)
class DistanceSample:
    """Sample of real images with the distances of all its pairs."""

    images: Float32[Tensor, "image channel height width"]
    """Normalised."""
    label: Int64[Tensor, " image"]

    @cached_property
    def pixel_distances(self) -> Float64[np.ndarray, " pair"]:
        """Euclidean distances of normalised pixels; pairs as in `pair_distances`."""
        return pair_distances(self.images.flatten(1))

    @cached_property
    def within(self) -> Bool[np.ndarray, " pair"]:
        """Whether both images of a pair are of one class."""
        return same_class(self.label)


@dataclass(frozen=True)
class DistancePreservation:
    """Distance preservation of a network on a sample; nan where it is not defined, as for equal features."""

    within: float
    """Spearman's rank correlation over all pairs of one class, −1 to 1."""
    between: float
    """The same over pairs of two classes."""
    all_pairs: float
    """The same over all pairs."""
    separation: float
    """Mean distance between classes, as a multiple of the mean distance within them."""


class NetworkDistances(NamedTuple):
    """Feature distances of one network."""

    distances: Float64[np.ndarray, " pair"]
    """Of the features, in the order of the sample's pairs."""
    preservation: DistancePreservation


class MeanAndStd(NamedTuple):
    """Mean and standard deviation over networks."""

    mean: float
    std: float
    """ddof 1; 0 for a single network."""
    n: int


@dataclass(frozen=True)
class DistanceSummary:
    """Distance preservation over the networks of a source, and some pairs of the first network to plot."""

    within: MeanAndStd
    """Of the networks' statistics, as in `DistancePreservation`."""
    between: MeanAndStd
    all_pairs: MeanAndStd
    separation: MeanAndStd
    pixel_separation: float
    images: int
    pairs: int
    pixels: Float32[np.ndarray, " plotted"]
    """Pixel distances of the plotted pairs."""
    features: Float32[np.ndarray, " plotted"]
    same_class: Bool[np.ndarray, " plotted"]


def draw_distance_sample(real: LabelledImages, per_class: int = PER_CLASS, seed: int = 0) -> DistanceSample:
    """Draw a stratified sample, always the same for one seed.

    Args:
        real: images on the CPU.
        per_class: images of each class on average; fewer where all classes together would be too many.
        seed: decides the sample.

    Raises:
        ValueError: there are no two classes, or no class has two images in the sample.
    """
    classes = sum(len(members) > 0 for members in real.by_class)
    positions = stratified_sample(real, min(per_class * classes, MAX_IMAGES), seed)
    sample = DistanceSample(torch.cat(list(normalised_pieces(real, positions, 1024))), real.label[positions])
    if sample.within.all() or not sample.within.any():
        raise ValueError(
            "distances within and between classes need at least two classes, and two images of one: take "
            "more images per class, or a data set with more classes"
        )
    return sample


def distance_preservation(
    config: CondenseConfig,
    sample: DistanceSample,
    dataset: DataSet,
    *,
    draws: int = DRAWS,
    plan: Plan | None = None,
    cache: Path | None = None,
) -> Iterator[NetworkDistances]:
    """Measure how networks of a source preserve the distances of a sample, one network after the other.

    A source may draw the same network twice (a few fixed ones, a small band, pixels): it is yielded once, so
    there may be fewer than `draws`. Networks are in train mode, as they are while images are learned: with
    batch norm the sample is the batch.

    Args:
        config: its `source` and architecture say which networks, its `seed` which draws.
        sample: real images.
        dataset: where the sample is from.
        draws: networks that are drawn.
        plan: device and precision; on the CPU if left out.
        cache: folder of pools; left out, `DM_CACHE`, else the user's cache folder.

    Raises:
        ValueError: the pool is not there, too small, damaged, or has no network in the band.
    """
    plan = plan or Plan()
    networks = embedding_networks(config, dataset, plan, cache)
    seen: set[DistancePreservation] = set()
    for draw in range(draws):
        features = _embedded(networks.at(draw), sample.images, config.network_spec(), dataset, plan)
        distances = pair_distances(features)
        preservation = compare_distances(sample.pixel_distances, distances, sample.within)
        if preservation not in seen:
            seen.add(preservation)
            yield NetworkDistances(distances, preservation)


def summarise_distances(networks: Sequence[NetworkDistances], sample: DistanceSample) -> DistanceSummary:
    """Statistics over at least one network, with `PLOTTED_PAIRS` of one class and as many of two."""
    names = [field.name for field in fields(DistancePreservation)]
    statistics = {
        name: mean_and_std([getattr(network.preservation, name) for network in networks]) for name in names
    }
    drawn = []
    for mask in (sample.within, ~sample.within):
        pairs = np.flatnonzero(mask)
        order = numpy_generator(0, 0, "pairs to draw").permutation(len(pairs))
        drawn.append(pairs[order[:PLOTTED_PAIRS]])
    plotted = np.concatenate(drawn)
    return DistanceSummary(
        **statistics,
        pixel_separation=separation(sample.pixel_distances, sample.within),
        images=len(sample.label),
        pairs=len(sample.within),
        pixels=sample.pixel_distances[plotted].astype(np.float32),
        features=networks[0].distances[plotted].astype(np.float32),
        same_class=sample.within[plotted],
    )


def compare_distances(
    pixels: Float64[np.ndarray, " pair"],
    features: Float64[np.ndarray, " pair"],
    within: Bool[np.ndarray, " pair"],
) -> DistancePreservation:
    """Compare the distances of pairs in pixels and in features.

    Args:
        pixels: distance of each pair in pixels.
        features: of the same pairs in features, in any unit.
        within: whether a pair is of one class.
    """
    return DistancePreservation(
        rank_correlation(pixels[within], features[within]),
        rank_correlation(pixels[~within], features[~within]),
        rank_correlation(pixels, features),
        separation(features, within),
    )


def mean_and_std(values: Sequence[float]) -> MeanAndStd:
    """Mean and standard deviation over networks."""
    return MeanAndStd(
        float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0, len(values)
    )


def separation(distances: Float64[np.ndarray, " pair"], within: Bool[np.ndarray, " pair"]) -> float:
    """Ratio of the mean distance between classes to that within them; 1 where classes do not matter."""
    inside = float(distances[within].mean())
    return float(distances[~within].mean()) / inside if inside > 0 else math.nan


def rank_correlation(a: Float64[np.ndarray, " pair"], b: Float64[np.ndarray, " pair"]) -> float:
    """Spearman's rank correlation; equal values share their mean rank; nan where all are equal."""
    ranks_a, ranks_b = _centred_ranks(a), _centred_ranks(b)
    scale = math.sqrt(float(ranks_a @ ranks_a) * float(ranks_b @ ranks_b))
    return float(ranks_a @ ranks_b) / scale if scale > 0 else math.nan


def pair_distances(features: Float[Tensor, "image feature"]) -> Float64[np.ndarray, " pair"]:
    """Euclidean distances of all pairs: first of image 0 with 1, 2, …, then of 1 with 2, 3, … and so on."""
    return torch.pdist(features.double()).numpy()


def same_class(label: Int64[Tensor, " image"]) -> Bool[np.ndarray, " pair"]:
    """Whether both images of a pair are of one class; pairs as in `pair_distances`."""
    rows, columns = np.triu_indices(len(label), k=1)
    labels = label.numpy()
    return labels[rows] == labels[columns]  # type: ignore[no-any-return]


@torch.inference_mode()
def _embedded(
    network: Network, images: Tensor, spec: NetworkSpec, dataset: DataSet, plan: Plan
) -> Float32[Tensor, "image feature"]:
    image_bytes = activation_bytes(spec, dataset.shape, len(dataset.class_names)).peak_inference
    piece = len(images) if uses_batch_statistics(spec) else max(2, PIECE_BYTES // image_bytes)
    return torch.cat(
        [
            network.embed(part.to(plan.torch_device, memory_format=plan.memory_format)).cpu()
            for part in torch.split(images, piece)
        ]
    )


def _centred_ranks(values: Float64[np.ndarray, " pair"]) -> Float64[np.ndarray, " pair"]:
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return rank[index] - (len(values) + 1) / 2
