"""Feature spaces: pixels, a random network, or a network trained on all real images.

Figure 3 of the paper embeds with a trained network; what is matched is measured with random ones. A space is
fixed: the same images always have the same features.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from dmcore.config import NetworkSpec
from dmcore.config.laptop_presets import laptop_training_config
from dmcore.data.images import DataSet, LabelledImages
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.activation_memory import activation_bytes
from dmcore.networks import Network, resolved_norm, uses_batch_statistics
from dmcore.randomness import numpy_generator
from dmcore.training.whole_set import TrainedNetwork, UntrainedError, load_trained

FeatureKind = Literal["trained", "random", "pixels"]
HELD_OUT_SEED = 2**63
"""Seed of random networks that only measure: no run can have it, so no set was condensed with them."""
PIECE_BYTES = 16 * 2**20
"""Memory for the activations of the images that are embedded at once."""


@dataclass(frozen=True)
class FeatureSpace:
    """Fixed mapping from normalised images to features."""

    kind: FeatureKind
    key: str
    """16 hexadecimal digits that differ where features do."""
    sentence: str
    """Description of what embeds, for people."""
    network: Network | None = None
    """Frozen, on the CPU; None: the pixels themselves."""
    piece: int = 1024
    """Images embedded at once."""

    @torch.inference_mode()
    def embed(
        self, images: Float[Tensor, "image channel height width"]
    ) -> Float32[np.ndarray, "image feature"]:
        """Embed normalised images."""
        if self.network is None:
            return images.flatten(1).float().numpy()
        parts = [
            self.network.embed(piece.contiguous(memory_format=torch.channels_last))
            for piece in torch.split(images, self.piece)
        ]
        return torch.cat(parts).numpy()


def pixel_space() -> FeatureSpace:
    """Feature space of normalised pixels, without any network."""
    return FeatureSpace("pixels", _key("pixels"), "normalised pixels, without any network")


def random_space(
    spec: NetworkSpec,
    real: LabelledImages,
    positions: Int64[Tensor, " sampled"],
    draw: int = 0,
    seed: int = HELD_OUT_SEED,
) -> FeatureSpace:
    """Feature space of a random network.

    Args:
        spec: its architecture.
        real: the images of the data set, on the CPU.
        positions: a sample of them; networks with batch norm normalise by what they measure on it, since an
            image alone has no batch.
        draw: which network of the seed.
        seed: of the networks; left out, one that no run can have.

    Raises:
        ValueError: the architecture does not fit the images.
    """
    channels, height, width = real.images.shape[1:]
    shape, classes = (channels, height, width), len(real.class_names)
    networks = RandomNetworks(spec, shape, classes, seed, torch.device("cpu"), channels_last=True)
    network, piece = (
        networks.at(draw),
        max(2, PIECE_BYTES // activation_bytes(spec, shape, classes).peak_inference),
    )
    if uses_batch_statistics(spec):
        _measure_norms(network, normalised_pieces(real, positions, piece))
    key = _key("random", spec.model_dump_json(), str(shape), str(classes), str(seed), str(draw))
    unseen = ", which never learned from or for any image" if seed == HELD_OUT_SEED else ""
    return FeatureSpace(
        "random", key, f"one random network ({architecture_text(spec)}){unseen}", network, piece
    )


def trained_space(trained: TrainedNetwork) -> FeatureSpace:
    """Feature space of a network that was trained on the whole data set, as in figure 3."""
    return FeatureSpace("trained", _key("trained", trained.key), trained.sentence, trained.network, 256)


def feature_space_factory(
    kind: FeatureKind, dataset: DataSet, spec: NetworkSpec, cache: Path
) -> Callable[[LabelledImages, Int64[Tensor, " sampled"]], FeatureSpace]:
    """Function that creates the feature space of a kind from real images and a sample of them.

    Args:
        kind: pixels, a random network, or one trained on the whole data set.
        dataset: its real images.
        spec: architecture of a random network.
        cache: folder of trained networks.

    Raises:
        UntrainedError: the function, where no network has been trained on the data set yet.
        ValueError: the function, where the architecture does not fit the images.
    """

    def space(real: LabelledImages, positions: Int64[Tensor, " sampled"]) -> FeatureSpace:
        if kind == "pixels":
            return pixel_space()
        if kind == "random":
            return random_space(spec, real, positions)
        trained = load_trained(dataset, laptop_training_config(dataset.shape, len(dataset.train)), cache)
        if trained is None:
            raise UntrainedError("no network has been trained on all real images yet: train it first")
        return trained_space(trained)

    return space


def embed_real(
    space: FeatureSpace, real: LabelledImages, positions: Int64[Tensor, " sampled"]
) -> Float32[np.ndarray, "sampled feature"]:
    """Embed the real images at these positions, piece by piece."""
    pieces = normalised_pieces(real, positions, space.piece)
    return np.concatenate([space.embed(piece) for piece in pieces])


def normalised_pieces(
    real: LabelledImages, positions: Int64[Tensor, " sampled"], piece: int
) -> Iterator[Float[Tensor, "image channel height width"]]:
    """Normalise the real images at these positions, a few at a time."""
    for part in torch.split(positions, piece):
        yield real.statistics.normalise(real.images[part])


def stratified_sample(real: LabelledImages, most: int, seed: int) -> Int64[Tensor, " sampled"]:
    """Draw a stratified sample: ascending positions of `most` images, or of all where there are fewer."""
    if len(real) <= most:
        return torch.arange(len(real))
    random = numpy_generator(seed, 0, "sample of real images")
    shuffled = [members[torch.from_numpy(random.permutation(len(members)))] for members in real.by_class]
    # image i of n has rank (i + 1/2) / n in its class: the lowest ranks overall give each class its share
    rank = torch.cat([(torch.arange(len(members)) + 0.5) / max(1, len(members)) for members in shuffled])
    return torch.cat(shuffled)[rank.argsort(stable=True)[:most]].sort().values


def architecture_text(spec: NetworkSpec) -> str:
    """Architecture as text: `ConvNet, width 32, depth 3, instance norm`."""
    norm = resolved_norm(spec)
    norm_text = "no norm" if norm == "none" else f"{norm} norm"
    if spec.network != "convnet":
        return f"{spec.network}, {norm_text}"
    return f"ConvNet, width {spec.width}, depth {spec.depth}, {norm_text}"


@torch.inference_mode()
def _measure_norms(network: Network, pieces: Iterator[Tensor]) -> None:
    """Fix the statistics of every batch norm to their average over the pieces."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # a plain average
    for piece in pieces:
        if len(piece) > 1:  # one image is no batch
            network.embed(piece)
    network.eval()


def _key(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
