"""The CPU fast path (operator fusion, Winograd, micro-batches) gives the numbers of the network itself."""

from typing import get_args

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from dmcore.config import CondenseConfig, NetworkSpec, Norm
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.embedding.networks import RandomNetworks, initialise
from dmcore.execution import fused_network
from dmcore.execution.frozen_convolution import direct_convolution, direct_padding, flip_weights
from dmcore.execution.fused_network import cached_filter_bytes, fused_features
from dmcore.execution.fused_norm import norm_relu_pool
from dmcore.execution.plan import Plan, make_plan
from dmcore.execution.winograd import CHANNELS, transform_filters, winograd_applies, winograd_convolution
from dmcore.execution.workers import parallel_map
from dmcore.matching import condense
from dmcore.networks import REGISTRY
from dmcore.networks.instance_norm import InstanceNorm
from dmcore.randomness import torch_generator

CPU = torch.device("cpu")


def images_of(count, *shape, seed=1):
    images = torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))
    return images.contiguous(memory_format=torch.channels_last)


def network_of(spec, shape, draw=0):
    return RandomNetworks(spec, shape, 10, 0, CPU, channels_last=True).at(draw)


def gradient_of(embed, images):
    leaf = images.clone(memory_format=torch.preserve_format).requires_grad_()
    features = embed(leaf)
    cotangent = torch.randn(features.shape, generator=torch.Generator().manual_seed(5))
    return torch.autograd.grad((features * cotangent.to(features)).sum(), leaf)[0]


@pytest.fixture
def every_convolution(monkeypatch):
    """Winograd's way wherever the size of the maps allows it, and blocks in pieces of two images."""
    monkeypatch.setattr("dmcore.execution.winograd.CHANNELS", 1)
    monkeypatch.setattr("dmcore.execution.winograd.LARGEST_WASTE", 10)
    monkeypatch.setattr("dmcore.execution.winograd.TILES", 3)
    monkeypatch.setattr(fused_network, "_images_in_block", lambda channels, images, block_bytes: 2)


@pytest.mark.parametrize(
    "name", [architecture for architecture in REGISTRY if architecture not in ("mlp", "lenet")]
)
@pytest.mark.parametrize("norm", ["none", "instance", "batch"])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 18, 13)], ids=["grey", "colour"])
def test_features_are_those_of_the_network(name, norm, shape, every_convolution):
    spec = NetworkSpec(network=name, norm=norm, **({"width": 12} if name == "convnet" else {}))
    network, images = network_of(spec, shape).double(), images_of(7, *shape).double()
    with torch.no_grad():
        expected = network.embed(images)
        for workers in (1, 2):
            features = fused_features(network, images, workers)
            torch.testing.assert_close(features, expected, atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize("norm", get_args(Norm))
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("pooling", ["none", "max", "average"])
def test_gradients_are_those_of_the_network(norm, activation, pooling, every_convolution):
    spec = NetworkSpec(width=12, depth=2, norm=norm, activation=activation, pooling=pooling)
    network, images = network_of(spec, (3, 13, 16)).double(), images_of(5, 3, 13, 16).double()
    expected = gradient_of(network.embed, images)
    ours = gradient_of(lambda leaf: fused_features(network, leaf), images)
    torch.testing.assert_close(ours, expected, atol=1e-9, rtol=1e-9)


def test_trained_norms_keep_their_weights(every_convolution):
    network, images = network_of(NetworkSpec(width=8), (3, 16, 16)), images_of(6, 3, 16, 16)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, InstanceNorm):
                module.weight.copy_(torch.linspace(-1, 2, 8))
                module.bias.copy_(torch.linspace(0.5, -0.5, 8))
        expected = network.embed(images)
        torch.testing.assert_close(fused_features(network, images), expected, atol=1e-4, rtol=1e-4)


def test_a_refilled_network_is_another_network(every_convolution):
    networks = RandomNetworks(NetworkSpec(width=8), (3, 16, 16), 10, 0, CPU, channels_last=True)
    images = images_of(3, 3, 16, 16)
    with torch.no_grad():
        for draw in range(3):
            features = fused_features(networks.at(draw), images)
            expected = networks.at(draw).embed(images)
            torch.testing.assert_close(features, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [(4, 4), (8, 12), (5, 9), (1, 3), (16, 16)], ids=str)
def test_winograd_is_the_convolution_and_its_gradient(size):
    images, weight = images_of(3, 6, *size).double(), torch.randn(7, 6, 3, 3).double()
    bias = torch.randn(7).double()

    def ours(leaf):
        return winograd_convolution(
            leaf, transform_filters(weight), transform_filters(flip_weights(weight)), bias
        )

    def theirs(leaf):
        return functional.conv2d(leaf, weight, bias, padding=1)

    torch.testing.assert_close(ours(images), theirs(images), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradient_of(ours, images), gradient_of(theirs, images), atol=1e-5, rtol=1e-5)


def test_winograd_rounds_to_a_few_millionths_at_the_papers_width():
    images, weight = images_of(4, CHANNELS, 16, 16).relu(), torch.randn(CHANNELS, CHANNELS, 3, 3) / 34
    true = functional.conv2d(images.double(), weight.double(), padding=1)
    error = (
        winograd_convolution(images, transform_filters(weight), transform_filters(flip_weights(weight)))
        - true
    ).abs() / true.std()
    print(f"root mean square {error.square().mean().sqrt():.1e}, largest {error.max():.1e}")
    assert error.square().mean().sqrt() < 2e-6
    assert error.max() < 3e-5


def test_cached_filters_are_counted():
    network = network_of(NetworkSpec(width=CHANNELS), (3, 16, 16))
    cached_bytes = [
        filters.nbytes
        for module in network.features
        if isinstance(module, torch.nn.Conv2d) and winograd_applies(module, 8, 8)
        for filters in (transform_filters(module.weight), transform_filters(flip_weights(module.weight)))
    ]
    assert len(cached_bytes) == 4
    assert sum(cached_bytes) == cached_filter_bytes(network)


def test_narrow_strided_and_oddly_sized_convolutions_are_computed_directly():
    wide = torch.nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
    assert winograd_applies(wide, 16, 16)
    assert not winograd_applies(wide, 5, 5)  # 64 places are computed for 25
    assert not winograd_applies(torch.nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, stride=2), 16, 16)
    assert not winograd_applies(torch.nn.Conv2d(CHANNELS, CHANNELS, 5, padding=1), 16, 16)
    assert not winograd_applies(torch.nn.Conv2d(3, CHANNELS, 3, padding=1), 16, 16)


@pytest.mark.parametrize(
    ("channels", "kernel", "padding"),
    [(1, 3, 3), (3, 3, 1), (3, 5, 0), (6, 3, 1), (6, (5, 3), (2, 0)), (6, 1, 0), (1, 3, 0)],
    ids=str,
)
def test_direct_is_the_convolution_and_its_gradient(channels, kernel, padding):
    module = torch.nn.Conv2d(channels, 7, kernel, padding=padding).double().requires_grad_(False)
    module, images = module.to(memory_format=torch.channels_last), images_of(4, channels, 9, 6).double()
    around = direct_padding(module)
    assert around == module.padding

    def ours(leaf):
        return direct_convolution(leaf, module.weight, module.bias, around)

    torch.testing.assert_close(ours(images), module(images), atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(gradient_of(ours, images), gradient_of(module, images), atol=1e-12, rtol=1e-12)


def test_a_gradient_on_colour_images_rounds_no_worse_than_torchs():
    weight, images = torch.randn(128, 3, 3, 3) / 5, images_of(4, 3, 32, 32)

    def error(convolve):
        true = gradient_of(lambda leaf: functional.conv2d(leaf, weight.double(), padding=1), images.double())
        return (gradient_of(convolve, images).double() - true).abs().max() / true.std()

    ours = error(lambda leaf: direct_convolution(leaf, weight, None, (1, 1)))
    torchs = error(lambda leaf: functional.conv2d(leaf, weight, padding=1))
    print(f"largest error, in deviations: {ours:.1e} and {torchs:.1e}")
    assert ours < 1.5 * torchs + 1e-6


def test_what_direct_cannot_compute_is_left_to_torch():
    for strange in ({"stride": 2}, {"dilation": 2}, {"groups": 2}, {"padding": "same"}, {"padding": 3}):
        assert direct_padding(torch.nn.Conv2d(6, 8, 3, **strange)) is None
    assert direct_padding(torch.nn.Conv2d(6, 8, 3, padding=1, padding_mode="reflect")) is None


@pytest.mark.parametrize("size", [(4, 4), (5, 7), (32, 32)], ids=str)
def test_folded_is_norm_relu_and_pooling_and_their_gradient(size):
    maps = (images_of(3, 5, *size) * 4 + 30).double()  # a mean far from zero

    def layers(leaf):
        return functional.avg_pool2d(functional.relu(functional.group_norm(leaf, 5)), 2)

    ours = gradient_of(lambda leaf: norm_relu_pool(leaf * 1, 1e-5), maps)
    torch.testing.assert_close(norm_relu_pool(maps.clone(), 1e-5), layers(maps))
    torch.testing.assert_close(ours, gradient_of(layers, maps))


def test_batch_norm_in_micro_batches_is_exact_whether_maps_are_cached_or_recomputed(
    monkeypatch, every_convolution
):
    network, images = network_of(NetworkSpec(width=8, norm="batch"), (3, 16, 16)), images_of(37, 3, 16, 16)
    with torch.no_grad():
        expected = network.embed(images)
        cached = fused_features(network, images, 2)
        monkeypatch.setattr("dmcore.execution.batch_norm_block.CACHED_MAP_BYTES", 0)
        again = fused_features(network, images, 2)
    assert torch.equal(cached, again)
    torch.testing.assert_close(cached, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_losses_of_a_seeded_run_are_those_of_the_network_itself_at_the_papers_width(norm, monkeypatch):
    """At a small rate: at rate 1 even another memory format parts two runs, by ReLUs that flip."""
    config = CondenseConfig(
        images_per_class=2, real_batch=8, iterations=20, norm=norm, image_lr=0.01, depth=2
    )
    pixels = torch.randint(0, 256, (30, 3, 16, 16), dtype=torch.uint8)
    statistics = Statistics((0.5,) * 3, (0.25,) * 3)
    real = LabelledImages(pixels, torch.arange(30) % 3, ("a", "b", "c"), statistics)
    data = DataSet("small", "Small", real, real)
    plan = make_plan(config, data.shape, 3, device="cpu", threads=2)
    assert plan.quick
    convolved = []
    monkeypatch.setattr(
        fused_network,
        "winograd_convolution",
        lambda *given: convolved.append(1) or winograd_convolution(*given),
    )
    before = plan.model_copy(update={"quick": 0})
    ours, expected = (
        [sum(step.loss_by_class.values()).sum() for step in condense(data, config, plan=chosen) if step.side]
        for chosen in (plan, before)
    )
    assert len(ours) == 20
    assert len(convolved) >= 40  # real and synthetic images of each iteration
    torch.testing.assert_close(torch.stack(ours), torch.stack(expected), atol=1e-4, rtol=1e-4)


class Waits(TorchDispatchMode):
    """Counts what makes a GPU's host wait: reading a number, and sizes that depend on numbers."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if any(
            word in str(function) for word in ("_local_scalar_dense", "nonzero", "unique", "masked_select")
        ):
            self.seen.append(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("replay", [False, True], ids=["fresh", "replay"])
def test_no_iteration_of_a_joint_plan_waits_for_a_number(digits, norm, replay):
    """The plan of a GPU: one joint batch in the calling thread."""
    config = CondenseConfig(width=8, real_batch=8, iterations=30, norm=norm, replay=replay)
    steps = condense(digits, config, plan=Plan(sets_together=norm != "batch"))
    next(steps), next(steps)  # the start, and what is looked up once
    with Waits() as waits:
        for _ in range(12):
            next(steps)
    assert waits.seen == []
    with Waits() as waits:
        float(torch.ones(1))
    assert waits.seen  # the counter counts


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_what_is_not_frozen_or_not_in_train_mode_is_computed_as_the_network_says(norm):
    network, images = network_of(NetworkSpec(width=8, norm=norm), (3, 16, 16)), images_of(4, 3, 16, 16)
    fused_features(network, images)
    network.eval()
    assert torch.equal(fused_features(network, images), network.embed(images))
    network.train().requires_grad_(True)
    loss = fused_features(network, images).square().sum()
    gradients = torch.autograd.grad(loss, list(network.features.parameters()))
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)
    network.requires_grad_(False)
    assert fused_features(network, images[:0]).shape == (0, network.classifier.in_features)


def test_replaced_weights_are_noticed(every_convolution):
    network, images = network_of(NetworkSpec(width=8), (3, 16, 16)), images_of(4, 3, 16, 16)
    before = fused_features(network, images)
    other = {name: tensor.clone() * 0.5 + 0.01 for name, tensor in network.state_dict().items()}
    network.load_state_dict(other, assign=True)
    network.requires_grad_(False)
    after = fused_features(network, images)
    assert not torch.allclose(before, after)
    torch.testing.assert_close(after, network.embed(images), atol=1e-4, rtol=1e-4)


def test_batch_norm_within_a_worker_does_not_deadlock():
    network, images = network_of(NetworkSpec(width=8, norm="batch"), (3, 16, 16)), images_of(9, 3, 16, 16)
    with torch.no_grad():
        expected = fused_features(network, images, 2)
        for features in parallel_map(lambda _: fused_features(network, images, 2), range(2), 2):
            assert torch.equal(features, expected)


def test_the_norms_that_are_drawn_are_the_ones_that_fold():
    network = network_of(NetworkSpec(width=8), (3, 16, 16))
    initialise(network, torch_generator(3, 0, "network"))
    norms = [module for module in network.modules() if isinstance(module, InstanceNorm)]
    assert norms
    assert all(bool((norm.weight == 1).all()) and not bool(norm.bias.any()) for norm in norms)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_half_precision_is_a_switch_whose_losses_are_near_those_of_float32(digits, norm):
    config = CondenseConfig(width=16, images_per_class=2, real_batch=32, iterations=3, norm=norm)
    exact, half = (
        torch.stack(
            [
                next(iter(step.loss_by_class.values()))
                for step in condense(digits, config, plan=plan)
                if step.side
            ]
        )
        for plan in (
            make_plan(config, digits.shape, 10, "cpu", 2, precision) for precision in ("float32", "bfloat16")
        )
    )
    assert half.dtype == exact.dtype == torch.float32
    assert not torch.equal(half, exact)
    torch.testing.assert_close(half, exact, atol=0, rtol=0.1)
    torch.testing.assert_close(half.sum(), exact.sum(), atol=0, rtol=0.02)


def test_what_only_a_gpu_can_is_refused_elsewhere_with_what_works():
    with pytest.raises(ValueError, match="use float32 or bfloat16"):
        make_plan(CondenseConfig(), (1, 8, 8), 10, "cpu", precision="tf32")


def test_a_plan_lets_convolutions_round_only_where_it_says_so():
    for plan, allowed in ((Plan(), False), (Plan(precision="tf32"), True)):
        before = torch.backends.cudnn.allow_tf32
        with plan.applied():
            assert torch.backends.cudnn.allow_tf32 is allowed
        assert torch.backends.cudnn.allow_tf32 is before
