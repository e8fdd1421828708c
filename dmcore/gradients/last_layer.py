"""Gradient of a network's last layer as a weighted mean of features (section 2.4 of the paper).

For cross-entropy after a linear layer, the mean gradient of its row k is the mean over the images of
(prediction of k − truth of k) · feature. So matching the gradients of this layer compares weighted means of
features, where distribution matching compares their means.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from dmcore.networks import Network


@dataclass(frozen=True)
class FeatureWeights:
    """Features of images, and what each weighs in the gradient of each row of the last layer."""

    features: Float[Tensor, "image feature"]
    weights: Float[Tensor, "image class"]
    """Prediction − truth: the softmax of the logits, less 1 at the image's own class."""

    @property
    def weighted_mean(self) -> Float[Tensor, "class feature"]:
        """For each row of the last layer the weighted mean of the features: the gradient of its weights."""
        return self.weights.T @ self.features / len(self.features)


@torch.no_grad()
def feature_weights(
    network: Network,
    images: Float[Tensor, "image channel height width"],
    label: Int64[Tensor, " image"],
    embed: Callable[[Tensor], Tensor] | None = None,
) -> FeatureWeights:
    """Features of images and their weights in the mean gradient of the last layer, without autograd.

    Args:
        network: as it stands when the gradient is taken.
        images: normalised and augmented.
        label: class of each image.
        embed: computes the features where the images cannot pass at once; left out, the network.
    """
    features = (embed or network.embed)(images)
    predictions = network.classifier(features).softmax(dim=1)
    return FeatureWeights(features, predictions - functional.one_hot(label, predictions.shape[1]))
