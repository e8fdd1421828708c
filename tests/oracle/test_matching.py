"""Loss, features, gradients and ten whole iterations against the record (dm_loss.npz, trajectory.npz)."""

import inspect

import pytest
import torch

from dmcore import augment
from dmcore.bench.plain_step import PlainStep, plain_convnet
from dmcore.config import NetworkSpec, SetSpec
from dmcore.data.synthetic import SyntheticSet
from dmcore.execution.fused_network import VERSION
from dmcore.execution.plan import Plan
from dmcore.matching import RealSide, match, mean_features
from dmcore.networks import build_network

NORMS = {"instancenorm": "instance", "batchnorm": "batch"}
PLANS = {
    "joint": Plan(),
    "channels_last in pieces": Plan(
        channels_last=True, piece=5, classes_at_once=2, synthetic_images=2, workers=2
    ),
}
QUICK = {"quick": VERSION, "block_bytes": 2**18}
PLANS["quick"] = PLANS["channels_last in pieces"].model_copy(update=QUICK)
PLANS["quick, joint"] = Plan(channels_last=True, threads=2, **QUICK)
# images meet in a batch norm, so they must not go in pieces
CASES = [("instancenorm", "joint"), ("instancenorm", "channels_last in pieces"), ("batchnorm", "joint")]
CASES += [("instancenorm", "quick"), ("batchnorm", "quick, joint")]


@pytest.fixture(autouse=True)
def _every_convolution(monkeypatch):
    """A quick plan goes Winograd's way at the record's width too."""
    monkeypatch.setattr("dmcore.execution.winograd.CHANNELS", 16)


def network_with(weights, norm, images, width):
    spec = NetworkSpec(width=width, depth=3, norm=NORMS[norm])
    network = build_network(spec, *images.shape[-3:], len(weights[-1])).train().requires_grad_(False)
    for parameter, value in zip(network.parameters(), weights, strict=True):
        parameter.copy_(torch.as_tensor(value))
    return network


def synthetic_set(images, image_lr=1.0):
    spec = SetSpec(name="set", images_per_class=images.shape[1], init="real", image_lr=image_lr, momentum=0.5)
    return SyntheticSet(spec, images.clone(), torch.zeros_like(images))


def real_means(network, images_by_class, augmentations, plan):
    return mean_features(network, [[images] for images in images_by_class], augmentations, plan).squeeze(1)


class Comparison:
    def __init__(self):
        self.count, self.largest = 0, 0.0

    def __call__(self, ours, expected, what):
        expected = torch.as_tensor(expected)
        torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-4, msg=lambda text: f"{what}: {text}")
        self.count += 1
        self.largest = max(self.largest, float((ours - expected).abs().max()))


@pytest.mark.parametrize("kind", ["rgb32", "gray28"])
@pytest.mark.parametrize(("norm", "plan"), CASES)
def test_loss_features_and_gradient_equal_the_record(oracle, kind, norm, plan):
    record, plan, compare = oracle("dm_loss.npz"), PLANS[plan], Comparison()
    real, start = torch.from_numpy(record[f"{kind}/real"]), torch.from_numpy(record[f"{kind}/syn"])
    keys = [key for key in record.files if key.startswith(f"{kind}/{norm}/weights/")]
    width = len(record[keys[0]])
    network = network_with([record[key] for key in keys], norm, real, width)

    expected = torch.from_numpy(record[f"{kind}/{norm}/features_real"])
    features = network.embed(real.flatten(0, 1))
    compare(features, expected.reshape(features.shape), "features of the real images")

    none = (augment.Identity(),) * len(real)
    side = RealSide(0, none, real_means(network, list(real), none, plan))
    (loss,), (gradient,) = match(network, side, [synthetic_set(start)], plan)
    compare(loss, record[f"{kind}/{norm}/loss_per_class"], "loss per class")
    compare(gradient, record[f"{kind}/{norm}/grad"].reshape(gradient.shape), "gradient")
    print(f"dm_loss.npz {kind} {norm}: {compare.count} arrays, largest difference {compare.largest:.2e}")


@pytest.mark.parametrize(("norm", "plan"), CASES)
def test_ten_iterations_equal_the_record(oracle, norm, plan):
    record, plan, compare = oracle("trajectory.npz"), PLANS[plan], Comparison()
    real = torch.from_numpy(record["real"])
    synthetic = synthetic_set(torch.from_numpy(record["start"]))
    keys = [key for key in record.files if key.startswith(f"{norm}/weights/")]
    classes = range(len(real))
    for step, chosen in enumerate(record["index"]):
        weights = [record[key][step] for key in keys]
        network = network_with(weights, norm, real, len(weights[0]))
        augmentations = tuple(recorded_augmentation(record, step, c) for c in classes)
        images = [real[c][torch.from_numpy(chosen[c])] for c in classes]
        with torch.no_grad():
            side = RealSide(step, augmentations, real_means(network, images, augmentations, plan))
        (loss,), (gradient,) = match(network, side, [synthetic], plan)
        synthetic.sgd_step(gradient)
        compare(loss, record[f"{norm}/loss_per_class"][step], f"loss of step {step}")
        compare(synthetic.pixels, record[f"{norm}/synthetic"][step], f"pixels after step {step}")
        compare(synthetic.momentum_buffer, record[f"{norm}/momentum"][step], f"momentum after step {step}")
    print(f"trajectory.npz {norm}: {compare.count} arrays, largest difference {compare.largest:.2e}")
    assert compare.count == 30


@pytest.mark.parametrize("norm", NORMS)
def test_the_plain_step_that_speed_is_measured_against_equals_the_record(oracle, norm):
    record, compare = oracle("trajectory.npz"), Comparison()
    real, start = torch.from_numpy(record["real"]), torch.from_numpy(record["start"])
    keys = [key for key in record.files if key.startswith(f"{norm}/weights/")]
    step = PlainStep(start, batch_norm=norm == "batchnorm")
    spec = NetworkSpec(width=len(record[keys[0]][0]), norm=NORMS[norm])
    network = plain_convnet(spec, *real.shape[2:4], len(real)).train().requires_grad_(False)
    for number, chosen in enumerate(record["index"]):
        for parameter, key in zip(network.parameters(), keys, strict=True):
            parameter.copy_(torch.as_tensor(record[key][number]))
        images = [of_class[torch.from_numpy(which)] for of_class, which in zip(real, chosen, strict=True)]
        augmentations = [recorded_augmentation(record, number, index) for index in range(len(real))]
        compare(step(network, images, augmentations), record[f"{norm}/loss_per_class"][number], "loss")
        compare(step.pixels.detach(), record[f"{norm}/synthetic"][number], f"pixels after step {number}")
    assert compare.count == 20


def recorded_augmentation(record, step, index):
    operation = getattr(augment, str(record["operation"][step, index]).title())
    names = inspect.signature(operation).parameters
    return operation(*(float(record[f"parameter/{name}"][step, index]) for name in names))
