"""Distances of gradients: what is left out, what a zero does, and the link to distribution matching."""

import pytest
import torch
from torch.nn import functional

from dmcore.config import NetworkSpec
from dmcore.gradients.distance import distance_parameters, gradient_distance
from dmcore.networks import build_network


def gradients(seed):
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=random) for shape in ((4, 3, 3, 3), (4,), (2, 5, 5), (6, 8), (6,))]


def test_ours_leaves_out_parameters_of_one_dimension_and_counts_rows():
    real, synthetic = gradients(0), gradients(1)
    changed = [tensor + 7 if tensor.dim() == 1 else tensor for tensor in synthetic]
    value = gradient_distance(real, synthetic, "ours")
    assert torch.equal(value, gradient_distance(real, changed, "ours"))
    assert not torch.equal(gradient_distance(real, synthetic, "cos"), gradient_distance(real, changed, "cos"))
    opposite = [-tensor for tensor in real]
    rows = 4 + 2 + 6
    assert float(gradient_distance(real, opposite, "ours")) == pytest.approx(2 * rows, abs=1e-4)


@pytest.mark.parametrize("distance", ["ours", "mse", "cos"])
def test_equal_gradients_have_distance_zero(distance):
    assert float(gradient_distance(gradients(0), gradients(0), distance)) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("distance", ["ours", "cos"])
def test_a_gradient_that_is_zero_has_distance_one_and_no_nan(distance):
    real = gradients(0)
    zero = [torch.zeros_like(tensor).requires_grad_() for tensor in real]
    value = gradient_distance(real, zero, distance)
    assert value.item() == (12 if distance == "ours" else 1)
    for gradient in torch.autograd.grad(value, zero, allow_unused=True):
        assert gradient is None or bool(gradient.isfinite().all())


def test_gradients_of_another_number_of_classes_are_refused():
    other = gradients(0)
    other[3:] = [torch.zeros(7, 8), torch.zeros(7)]
    with pytest.raises(ValueError, match="another number of classes: take both from one network"):
        gradient_distance(gradients(0), other, "ours")


def test_the_last_layers_gradient_is_a_weighted_mean_of_features():
    """The link of section 2.4: the weights are prediction minus truth, so one label gives mean features."""
    network = build_network(NetworkSpec(width=16), 3, 16, 16, classes=5)
    images = torch.randn(12, 3, 16, 16, generator=torch.Generator().manual_seed(3))
    label = torch.arange(12) % 5
    logits, features = network(images), network.embed(images)
    loss = functional.cross_entropy(logits, label)
    (gradient,) = torch.autograd.grad(loss, network.classifier.weight)
    weights = logits.softmax(dim=1) - functional.one_hot(label, 5)
    weighted = (weights[:, :, None] * features[:, None, :]).mean(dim=0)
    difference = float((gradient - weighted).detach().abs().max())
    print(f"last layer: {gradient.numel()} numbers, largest difference {difference:.1e}")
    torch.testing.assert_close(gradient, weighted.detach(), atol=1e-5, rtol=0)
    assert float(gradient.abs().max()) > 1e-2


def test_ours_needs_no_gradients_of_biases_and_norms():
    network = build_network(NetworkSpec(width=4), 3, 8, 8, classes=2)
    compared = distance_parameters(network, "ours")
    assert [tuple(parameter.shape) for parameter in compared] == [
        (4, 3, 3, 3),
        (4, 4, 3, 3),
        (4, 4, 3, 3),
        (2, 4),
    ]
    for distance in ("mse", "cos"):
        assert len(distance_parameters(network, distance)) == len(list(network.parameters()))
