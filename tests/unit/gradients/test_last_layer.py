"""Gradient of the last layer: the weighted mean of the features that the paper's section 2.4 says."""

import pytest
import torch
from torch.nn import functional

from dmcore.config import NetworkSpec
from dmcore.embedding.networks import empty_network, initialise
from dmcore.gradients.last_layer import feature_weights
from dmcore.randomness import torch_generator

IDENTICAL = 1e-5


def drawn(name: str):
    spec = NetworkSpec(network=name, **({"width": 16, "depth": 2} if name == "convnet" else {}))
    network = empty_network(spec, (3, 16, 16), 5, torch.device("cpu"), False).train().requires_grad_(True)
    initialise(network, torch_generator(0, 0, "network"))
    return network


@pytest.mark.parametrize("name", ["convnet", "mlp"])
@pytest.mark.parametrize("labels", [(0, 1, 2, 3, 4), (3,)])
def test_the_mean_gradient_of_each_row_is_the_mean_of_prediction_minus_truth_times_feature(name, labels):
    network = drawn(name)
    images = torch.randn(24, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    label = torch.tensor(labels).repeat(24)[:24]
    loss = functional.cross_entropy(network(images), label)
    (gradient,) = torch.autograd.grad(loss, network.classifier.weight)
    terms = feature_weights(network, images, label)
    assert gradient.abs().max() > 100 * IDENTICAL  # else it would say nothing
    assert (terms.weighted_mean - gradient).abs().max() < IDENTICAL
    wrong = (terms.weights + 1 / 5).T @ terms.features / len(images)
    assert (wrong - gradient).abs().max() > 100 * IDENTICAL


def test_weights_of_an_image_add_up_to_zero_and_are_negative_for_its_own_class():
    network = drawn("convnet")
    terms = feature_weights(network, torch.randn(4, 3, 16, 16), torch.tensor([0, 1, 2, 3]))
    torch.testing.assert_close(terms.weights.sum(dim=1), torch.zeros(4), atol=1e-6, rtol=0)
    assert (terms.weights.argmin(dim=1) == torch.arange(4)).all()
    assert not terms.features.requires_grad


def test_features_may_be_computed_in_pieces():
    network = drawn("convnet")
    images, label = torch.randn(9, 3, 16, 16), torch.zeros(9, dtype=torch.int64)
    whole = feature_weights(network, images, label)
    pieces = feature_weights(
        network, images, label, lambda batch: torch.cat([network.embed(each) for each in batch.split(4)])
    )
    torch.testing.assert_close(pieces.weighted_mean, whole.weighted_mean, atol=1e-6, rtol=1e-4)
