"""The fused operation of a network in training: logits and gradients are those of its layers."""

import pytest
import torch
from torch.nn import functional

from dmcore.config import NetworkSpec
from dmcore.execution.first_block import first_block, first_block_applies
from dmcore.execution.fused_training import trained_logits
from dmcore.networks import build_network


def logits_and_gradients(function, network, images, label):
    logits = function(images)
    loss = functional.cross_entropy(logits, label)
    return [logits.detach(), *torch.autograd.grad(loss, tuple(network.parameters()))]


@pytest.mark.parametrize("side", [32, 17])
@pytest.mark.parametrize("weights", ["fresh", "trained", "negative"])
@pytest.mark.parametrize(
    "spec",
    [
        NetworkSpec(width=8),
        NetworkSpec(width=32),
        NetworkSpec(width=128, depth=2),
        NetworkSpec(width=8, pooling="max"),
        NetworkSpec(width=8, norm="batch"),
        NetworkSpec(network="alexnet"),
    ],
    ids=["fused", "first block", "winograd", "max pooling", "batch norm", "alexnet"],
)
def test_fused_logits_and_gradients_are_those_of_the_layers(spec, weights, side):
    generator = torch.Generator().manual_seed(0)
    network = build_network(spec, 3, side, side, classes=4)
    network = network.to(memory_format=torch.channels_last).train()
    with torch.no_grad():
        for parameter in network.parameters():
            noise = torch.rand(parameter.shape, generator=generator) - 0.5
            if parameter.dim() > 1:
                parameter.copy_(noise * 0.3)
            elif weights != "fresh":
                parameter.add_(noise * (0.5 if weights == "trained" else 3.0))
    network = network.double()  # in float32 an activation near 0 may fall on the other side of the ReLU
    images = torch.randn(6, 3, side, side, generator=generator).double()
    images = images.contiguous(memory_format=torch.channels_last)
    label = torch.tensor([0, 1, 2, 3, 0, 1])
    expected = logits_and_gradients(network, network, images, label)
    found = logits_and_gradients(lambda batch: trained_logits(network, batch), network, images, label)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(
    ("shape", "taken"),
    [
        ((3, 32, 32), 1),
        ((1, 28, 28), 1),
        ((1, 8, 8), 1),
        ((3, 32, 16), 1),
        ((3, 17, 17), 0),
        ((4, 32, 32), 0),
    ],
)
def test_the_first_block_is_taken_where_columns_are_few_and_sides_even(shape, taken, monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return first_block(*arguments)

    monkeypatch.setattr("dmcore.execution.fused_training.first_block", counted)
    network = build_network(NetworkSpec(width=32, depth=2), *shape, classes=4)
    network = network.to(memory_format=torch.channels_last).train()
    images = torch.randn(5, *shape, generator=torch.Generator().manual_seed(1))
    images = images.contiguous(memory_format=torch.channels_last)
    label = torch.tensor([0, 1, 2, 3, 0])
    found = logits_and_gradients(lambda batch: trained_logits(network, batch), network, images, label)
    assert len(calls) == taken
    double = network.double()
    expected = logits_and_gradients(double, double, images.double(), label)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-3, atol=2e-5)


def test_images_that_need_a_gradient_do_not_take_the_first_block():
    network = build_network(NetworkSpec(width=32), 1, 28, 28, classes=4)
    convolution = network.features[0]
    images = torch.randn(2, 1, 28, 28)
    assert first_block_applies(convolution, images)
    assert not first_block_applies(convolution, images.requires_grad_())


def test_the_operation_is_taken_where_it_can_be(monkeypatch):
    taken = []
    network = build_network(NetworkSpec(width=8), 3, 32, 32, classes=4).to(memory_format=torch.channels_last)
    monkeypatch.setattr(
        "dmcore.execution.fused_training.functional.avg_pool2d",
        lambda maps, size: taken.append(maps.shape) or torch.nn.functional.max_pool2d(maps, size),
    )
    images = torch.randn(2, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    trained_logits(network, images)
    assert len(taken) == 3
