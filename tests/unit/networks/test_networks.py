"""Contract tests over the registry of architectures, and what each refuses."""

from typing import get_args

import pytest
import torch

from dmcore.config import DEFAULT_NORMS, NetworkName, NetworkSpec, Norm
from dmcore.networks import REGISTRY, build_network, feature_width, resolved_norm, uses_batch_statistics
from dmcore.networks.instance_norm import InstanceNorm

SIZES = [(8, 8), (17, 11), (28, 28), (64, 64)]


def test_registry_names_are_the_command_lines_values():
    assert set(REGISTRY) == set(get_args(NetworkName))
    assert all(name == architecture.build.__name__ for name, architecture in REGISTRY.items())


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_network_embeds_every_image_size_and_passes_gradient_to_the_pixels(name, channels, size):
    spec = NetworkSpec(network=name)
    network = build_network(spec, channels, *size, classes=7)
    images = torch.randn(2, channels, *size, requires_grad=True)
    features = network.embed(images)
    assert features.shape == (2, feature_width(spec, channels, *size))
    logits = network.classifier(features)
    assert logits.shape == (2, 7)
    (gradient,) = torch.autograd.grad((features * torch.randn_like(features)).sum(), images)
    assert gradient.isfinite().all()
    assert (gradient != 0).float().mean() > 0.5
    assert torch.equal(network(images), logits)


@pytest.mark.parametrize("name", [name for name, entry in REGISTRY.items() if entry.supports_norms])
@pytest.mark.parametrize("norm", get_args(Norm))
def test_every_norm_fits_every_network_that_takes_one(name, norm):
    spec = NetworkSpec(network=name, norm=norm)
    network = build_network(spec, 1, 8, 8, classes=3)
    image, both = torch.randn(1, 1, 8, 8), torch.randn(3, 1, 8, 8)
    both[0] = image
    with torch.no_grad():
        alone, together = network.embed(torch.cat([image, image]))[:1], network.embed(both)[:1]
    assert uses_batch_statistics(spec) == (not torch.allclose(alone, together, atol=1e-4, rtol=1e-4))


@pytest.mark.parametrize("name", REGISTRY)
def test_networks_build_on_meta_with_the_same_parameters_in_the_same_order(name):
    spec = NetworkSpec(network=name)
    real = build_network(spec, 3, 16, 16, classes=10)
    with torch.device("meta"):
        meta = build_network(spec, 3, 16, 16, classes=10)
    assert all(parameter.is_meta for parameter in meta.parameters())
    shapes = [[(key, value.shape) for key, value in network.state_dict().items()] for network in (real, meta)]
    assert shapes[0] == shapes[1]
    assert [key for key, _ in real.named_parameters()][-2:] == ["classifier.weight", "classifier.bias"]


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "leaky_relu", "swish"])
@pytest.mark.parametrize("pooling", ["none", "max", "average"])
def test_convnet_takes_every_activation_and_pooling(activation, pooling):
    spec = NetworkSpec(width=4, depth=2, activation=activation, pooling=pooling)
    network = build_network(spec, 3, 8, 8, classes=2)
    images = torch.randn(2, 3, 8, 8, requires_grad=True)
    network.embed(images).square().sum().backward()
    assert images.grad is not None
    assert (images.grad != 0).any()


@pytest.mark.parametrize(
    ("channels", "side", "largest"), [(3, 8, 3), (1, 8, 3), (3, 28, 4), (3, 32, 5), (3, 64, 6)]
)
def test_depth_too_large_for_the_image_is_refused_with_the_largest_that_fits(channels, side, largest):
    build_network(NetworkSpec(width=4, depth=largest), channels, side, side, classes=2)
    with pytest.raises(ValueError, match=f"depth {largest} is the largest that fits"):
        build_network(NetworkSpec(width=4, depth=8), channels, side, side, classes=2)
    build_network(NetworkSpec(width=4, depth=8, pooling="none"), channels, side, side, classes=2)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (NetworkSpec(network="mlp", norm="batch"), "mlp has no normalisation layers"),
        (NetworkSpec(network="lenet", norm="instance"), "lenet has no normalisation layers"),
        (NetworkSpec(network="alexnet", width=32), "width is an option of convnet: leave it at 128"),
        (NetworkSpec(network="vgg11", depth=4), "depth is an option of convnet"),
        (NetworkSpec(norm="group", width=6), "take a width that 4 divides"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_options_a_network_cannot_honour_are_refused(spec, sentence):
    with pytest.raises(ValueError, match=sentence):
        build_network(spec, 3, 32, 32, classes=10)


@pytest.mark.parametrize(
    ("name", "channels", "side"), [("alexnet", 3, 4), ("vgg11", 3, 1), ("resnet18", 3, 1)]
)
def test_images_too_small_are_refused_with_a_remedy(name, channels, side):
    with pytest.raises(ValueError, match=r"choose convnet|larger images"):
        build_network(NetworkSpec(network=name), channels, side, side, classes=10)


def test_a_norm_left_open_is_the_architectures_own():
    norms = {name: resolved_norm(NetworkSpec(network=name)) for name in REGISTRY}
    assert norms == {
        "convnet": "instance",
        "alexnet": "none",
        "vgg11": "instance",
        "resnet18": "instance",
        "resnet18_ap": "batch",
        "mlp": "none",
        "lenet": "none",
    }
    assert norms == DEFAULT_NORMS
    assert resolved_norm(NetworkSpec(norm="group")) == "group"
    assert [name for name in REGISTRY if uses_batch_statistics(NetworkSpec(network=name))] == ["resnet18_ap"]


@pytest.mark.parametrize(
    "memory_format", [torch.contiguous_format, torch.channels_last], ids=["plain", "channels_last"]
)
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_instance_norm_equals_torchs_group_norm_in_value_and_gradients(memory_format, offset):
    random = torch.Generator().manual_seed(1)
    maps = (torch.randn(3, 5, 4, 6, generator=random, dtype=torch.float64) + offset).to(
        memory_format=memory_format
    )
    cotangent = torch.randn(3, 5, 4, 6, generator=random, dtype=torch.float64)
    results = []
    for norm in (InstanceNorm(5), torch.nn.GroupNorm(5, 5)):
        norm.double()
        with torch.no_grad():
            norm.weight.copy_(torch.linspace(-1, 2, 5))
            norm.bias.copy_(torch.linspace(3, 4, 5))
        leaf = maps.clone().requires_grad_()
        value = norm(leaf)
        results.append(
            [value, *torch.autograd.grad((value * cotangent).sum(), [leaf, norm.weight, norm.bias])]
        )
    for ours, torchs in zip(*results, strict=True):
        torch.testing.assert_close(ours, torchs, atol=1e-9, rtol=1e-9)


def test_channels_last_in_micro_batches_gives_the_bits_of_the_whole_batch():
    network = build_network(NetworkSpec(width=8), 3, 16, 16, classes=2).to(memory_format=torch.channels_last)
    images = torch.randn(40, 3, 16, 16).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        assert torch.equal(
            torch.cat([network.embed(piece) for piece in images.split(20)]), network.embed(images)
        )
