"""Second derivatives of the networks: right where there are any, refused by name where there are none."""

import pytest
import torch
from torch import nn
from torch.autograd.function import once_differentiable

from dmcore.config import NetworkSpec
from dmcore.networks import REGISTRY, Network, build_network
from dmcore.networks.double_backward import check_double_backward
from dmcore.networks.instance_norm import InstanceNorm, normalise

SPECS = [NetworkSpec(network=name) for name in REGISTRY if name not in ("mlp", "lenet", "convnet")]
SPECS += [NetworkSpec(width=8, norm=norm) for norm in ("none", "batch", "layer", "instance", "group")]
SPECS += [NetworkSpec(width=8, activation=name) for name in ("sigmoid", "leaky_relu", "swish")]
SPECS += [NetworkSpec(width=8, pooling=name) for name in ("none", "max")]


@pytest.mark.parametrize(
    "layout", [torch.contiguous_format, torch.channels_last], ids=["plain", "channels_last"]
)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.network} {spec.norm} {spec.activation}")
def test_every_network_has_a_double_backward(spec, layout):
    network = build_network(spec, 3, 32, 32, classes=4).to(memory_format=layout)
    check_double_backward(network, (3, 32, 32), spec.network)


class Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx, maps):
        return maps * 2

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        return gradient * 2


class Constant(torch.autograd.Function):
    @staticmethod
    def forward(ctx, maps):
        return maps * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient.detach() * 2


@pytest.mark.parametrize("function", [Once, Constant])
def test_a_layer_without_double_backward_is_refused_by_name(function):
    class Doubling(nn.Module):
        def forward(self, maps):
            return function.apply(maps)

    network = Network(nn.Sequential(nn.Conv2d(3, 4, 3), Doubling(), nn.Flatten()), 4 * 6 * 6, 2)
    with pytest.raises(
        ValueError, match=r"the layer Doubling of mine has no double backward.*: take another"
    ):
        check_double_backward(network, (3, 8, 8), "mine")


def test_the_second_derivative_of_instance_norm_is_that_of_finite_differences():
    random = torch.Generator().manual_seed(2)
    maps = torch.randn((2, 3, 4, 5), generator=random, dtype=torch.float64)
    maps = maps.contiguous(memory_format=torch.channels_last).requires_grad_()
    weight, bias = (torch.randn(3, generator=random, dtype=torch.float64).requires_grad_() for _ in range(2))
    for eps in (1e-5, 0.1):
        inputs = (maps, weight, bias)
        assert torch.autograd.gradgradcheck(lambda *values, eps=eps: normalise(*values, eps), inputs)


def test_the_second_derivative_of_instance_norm_equals_torchs_group_norm():
    random = torch.Generator().manual_seed(2)
    start = torch.randn((3, 5, 4, 6), generator=random, dtype=torch.float64)
    start = start.contiguous(memory_format=torch.channels_last)
    cotangent = torch.randn((3, 5, 4, 6), generator=random, dtype=torch.float64)
    results = []
    for norm in (InstanceNorm(5).double(), nn.GroupNorm(5, 5).double()):
        leaf = start.clone().requires_grad_()
        value = (norm(leaf).relu().square() * cotangent).sum()
        first = torch.autograd.grad(value, [leaf, norm.weight, norm.bias], create_graph=True)
        results.append(torch.autograd.grad(sum(part.square().sum() for part in first), [leaf, norm.weight]))
    for ours, torchs in zip(*results, strict=True):
        torch.testing.assert_close(ours, torchs, atol=1e-8, rtol=1e-8)
