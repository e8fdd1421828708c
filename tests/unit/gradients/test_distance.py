"""Distances of gradients: what is left out, what is summed, and what a zero does."""

import pytest
import torch
from torch.nn import functional

from dmcore.config import NetworkSpec
from dmcore.gradients.distance import distance_parameters, gradient_distance, row_cosines
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


def test_ours_is_one_less_the_cosine_of_each_row_summed():
    real, synthetic = gradients(0), gradients(1)
    rows = [row_cosines(*each) for each in zip(real, synthetic, strict=True)]
    assert [len(each) for each in rows] == [4, 1, 2, 6, 1]
    of_layers = sum(float((1 - each).sum()) for each in rows if len(each) > 1)
    assert of_layers == pytest.approx(float(gradient_distance(real, synthetic, "ours")), rel=1e-6)
    row = functional.cosine_similarity(real[0][2].flatten(), synthetic[0][2].flatten(), dim=0)
    assert float(rows[0][2]) == pytest.approx(float(row), abs=1e-6)


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
