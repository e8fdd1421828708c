"""Logits, parameter shapes, parameter counts and feature widths of the published networks."""

from math import prod, sqrt

import pytest
import torch

from dmcore.config import NetworkSpec
from dmcore.networks import Network, build_network, feature_width

SIZES = {"rgb32": (3, 32, 32), "gray28": (1, 28, 28)}
PUBLISHED = {
    "ConvNet": NetworkSpec(),
    "ConvNetNN": NetworkSpec(norm="none"),
    "ConvNetBN": NetworkSpec(norm="batch"),
    "ConvNetLN": NetworkSpec(norm="layer"),
    "ConvNetGN": NetworkSpec(norm="group"),
    "ConvNetMP": NetworkSpec(pooling="max"),
    "ConvNetNP": NetworkSpec(pooling="none"),
    **{f"ConvNetD{depth}": NetworkSpec(depth=depth) for depth in (1, 2, 3, 4)},
    **{f"ConvNetW{width}": NetworkSpec(width=width) for width in (32, 64, 128, 256)},
    "ConvNetAS": NetworkSpec(activation="sigmoid"),
    "ConvNetAL": NetworkSpec(activation="leaky_relu"),
    "ConvNetASwish": NetworkSpec(activation="swish"),
    "ConvNetASwishBN": NetworkSpec(activation="swish", norm="batch"),
    "AlexNet": NetworkSpec(network="alexnet"),
    "AlexNetBN": NetworkSpec(network="alexnet", norm="batch"),
    "VGG11": NetworkSpec(network="vgg11"),
    "VGG11BN": NetworkSpec(network="vgg11", norm="batch"),
    "ResNet18": NetworkSpec(network="resnet18"),
    "ResNet18BN": NetworkSpec(network="resnet18", norm="batch"),
    "ResNet18BN_AP": NetworkSpec(network="resnet18_ap"),
    "MLP": NetworkSpec(network="mlp"),
    "LeNet": NetworkSpec(network="lenet"),
}


def fill(network: Network) -> Network:
    """The recording's rule: one generator over the parameters in definition order."""
    random = torch.Generator().manual_seed(1008)
    for parameter in network.parameters():
        shape = tuple(parameter.shape)
        if len(shape) > 1:
            value = torch.randn(shape, generator=random) * sqrt(2 / prod(shape[1:]))
        else:
            value = torch.rand(shape, generator=random) * 0.5 + 0.75
        parameter.data = value
    return network


@pytest.mark.parametrize(
    "memory_format", [torch.contiguous_format, torch.channels_last], ids=["plain", "channels_last"]
)
def test_logits_and_shapes_are_the_recorded_ones(oracle, memory_format):
    recorded = oracle("networks.npz")
    keys = sorted(key.rsplit("/", 1)[0] for key in recorded if key.endswith("/logits"))
    worst = 0.0
    for key in keys:
        size, name = key.split("/")
        with torch.device("meta"):
            network = build_network(PUBLISHED[name], *SIZES[size], classes=10)
        shapes = [[*parameter.shape, 0, 0, 0, 0][:4] for parameter in network.parameters()]
        assert shapes == recorded[f"{key}/shapes"].tolist(), key

        network = fill(build_network(PUBLISHED[name], *SIZES[size], classes=10)).to(
            memory_format=memory_format
        )
        images = torch.from_numpy(recorded[f"{size}/x"]).to(memory_format=memory_format)
        with torch.no_grad():
            logits = network(images)
        expected = torch.from_numpy(recorded[f"{key}/logits"])
        worst = max(worst, float((logits - expected).abs().max()))
        torch.testing.assert_close(
            logits, expected, atol=1e-4, rtol=1e-4, msg=lambda text, key=key: f"{key}: {text}"
        )
    print(f"networks.npz: {len(keys)} networks, largest difference {worst:.2g}")
    assert len(keys) == 32


def test_parameter_counts_and_feature_widths_are_the_published_ones(oracle):
    facts = oracle("network_facts.json")
    for fact in facts:
        image = (fact["channels"], fact["size"], fact["size"])
        spec = PUBLISHED[fact["network"]]
        with torch.device("meta"):
            network = build_network(spec, *image, classes=fact["logits"])
        assert sum(parameter.numel() for parameter in network.parameters()) == fact["parameters"], fact
        if fact["feature_dim"] is not None:
            assert feature_width(spec, *image) == fact["feature_dim"], fact
    print(f"network_facts.json: {len(facts)} networks, all equal")
    assert len(facts) == 50
