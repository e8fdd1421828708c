"""Micro-batches and activation checkpointing of large sets: the same step, in bounded memory."""

import json
import subprocess
import sys
import threading

import pytest
import torch

from app import ROOT
from dmcore.augment import Color, Crop, Cutout, Flip, Identity, Rotate, Scale
from dmcore.config import CondenseConfig, NetworkSpec, SetChange, SetSpec
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.plan import UNLIMITED, Plan, make_plan
from dmcore.matching import RealSide, match

AUGMENTATIONS = (
    Identity(),
    Color(0.3, 1.7, 0.6),
    Crop(1.0, -1.0),
    Cutout(3.0, 5.0),
    Flip(1.0),
    Scale(0.9, 1.1),
    Rotate(-12.0),
)
"""One for each of seven classes."""


def random_side(network, shape, augmentations=AUGMENTATIONS):
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(len(augmentations), *shape, generator=generator)
    with torch.no_grad():
        return RealSide(0, tuple(augmentations), network.embed(images))


def random_sets(shape, sizes, classes=7):
    generator = torch.Generator().manual_seed(2)
    for size in sizes:
        spec = SetSpec(name=f"set-{size}", images_per_class=size, init="noise", image_lr=1.0, momentum=0.5)
        pixels = torch.randn(classes, size, *shape, generator=generator)
        yield SyntheticSet(spec, pixels, torch.zeros_like(pixels))


def random_network(shape, channels_last=False, **options):
    spec = NetworkSpec(width=8, depth=2, **options)
    return RandomNetworks(spec, shape, 10, 0, torch.device("cpu"), channels_last).at(0)


def largest_difference(ours, expected):
    """Relative to the largest number of the set."""
    return float((ours - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("norm", ["instance", "group", "layer", "none"])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 16, 12)], ids=["grey", "colour"])
@pytest.mark.parametrize("channels_last", [False, True], ids=["contiguous", "channels_last"])
def test_a_step_in_micro_batches_equals_the_whole_step_for_every_augmentation(norm, shape, channels_last):
    network = random_network(shape, channels_last, norm=norm, activation="leaky_relu")
    side, largest = random_side(network, shape), 0.0
    in_pieces = {"channels_last": channels_last, "held_images": 2, "synthetic_images": 2, "backward_piece": 3}
    together = {"sets_together": True, "synthetic_images": UNLIMITED}
    for sizes, changes in (((13,), {}), ((13,), {"workers": 2}), ((2, 7), {}), ((4, 9), together)):
        sets = list(random_sets(shape, sizes))
        losses, gradients = match(network, side, sets, Plan(channels_last=channels_last))
        our_losses, our_gradients = match(network, side, sets, Plan(**(in_pieces | changes)))
        for ours, expected in zip([*our_losses, *our_gradients], [*losses, *gradients], strict=True):
            assert ours.shape == expected.shape
            largest = max(largest, largest_difference(ours, expected))
    print(f"{norm}, {shape}: largest relative difference {largest:.1e}")
    assert largest < 1e-4


@pytest.mark.parametrize("pooling", ["max", "none"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "swish"])
def test_micro_batches_are_exact_for_every_activation_and_pooling(pooling, activation):
    network = random_network((3, 8, 8), pooling=pooling, activation=activation)
    side, (synthetic,) = random_side(network, (3, 8, 8)), random_sets((3, 8, 8), [5])
    (loss,), (gradient,) = match(network, side, [synthetic], Plan())
    (our_loss,), (our_gradient,) = match(network, side, [synthetic], Plan(held_images=4, backward_piece=2))
    assert max(largest_difference(our_loss, loss), largest_difference(our_gradient, gradient)) < 1e-4


@pytest.mark.timed
def test_classes_in_micro_batches_still_run_in_parallel():
    meeting = threading.Barrier(2, timeout=20)

    class Meeting(Identity):
        def __call__(self, images):
            meeting.wait()
            return images

    network = random_network((1, 8, 8))
    side = random_side(network, (1, 8, 8), (Meeting(), Meeting()))
    plan = Plan(workers=2, classes_at_once=1, held_images=2, backward_piece=2)
    match(network, side, list(random_sets((1, 8, 8), [6], classes=2)), plan)


@pytest.mark.parametrize("config", [CondenseConfig(), CondenseConfig(network="resnet18", norm="group")])
def test_activations_saved_for_a_gradient_are_bounded_however_much_memory_is_free(config, monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**40)
    plan = make_plan(config, (3, 32, 32), 10, "cpu")
    assert plan.backward_piece <= plan.synthetic_images <= plan.held_images < 100
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**26)
    scarce = make_plan(config, (3, 32, 32), 10, "cpu")
    assert scarce.backward_piece <= scarce.held_images < plan.held_images


def test_fifty_images_per_class_of_the_papers_network_are_computed_once(monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**34)
    assert make_plan(CondenseConfig(), (3, 32, 32), 10, "cpu").held_images >= 50


def test_a_plan_stored_before_there_were_micro_batches_goes_on_without_them():
    stored = Plan(piece=96, synthetic_images=96).model_dump(exclude={"held_images", "backward_piece"})
    assert Plan.model_validate(stored).held_images == UNLIMITED


MEASURE = """
import json, re, sys, torch
from pathlib import Path
from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.matching import condense
from dmcore.execution.plan import make_plan

def mebibytes(which):
    return int(re.search(which + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

images_per_class, changes = json.loads(sys.argv[1])
pixels = torch.zeros(2 * 64, 3, 32, 32, dtype=torch.uint8)
label, names = torch.arange(2).repeat_interleave(64), ("a", "b")
real = LabelledImages(pixels, label, names, Statistics((0.5,) * 3, (0.25,) * 3))
dataset = DataSet("zeros", "Zeros", real, real)
config = CondenseConfig(
    width=32, images_per_class=images_per_class, init="noise", real_batch=64, iterations=2
)
plan = make_plan(config, dataset.shape, 2, "cpu", threads=2).model_copy(update=changes)
before = mebibytes("VmRSS")
for step in condense(dataset, config, plan=plan):
    pass
learned = step.sets[0].pixels.nbytes / 2**20
print(json.dumps([mebibytes("VmHWM") - before, learned]))
"""
"""The highest resident memory of a process of its own: `ru_maxrss` would begin with that of its parent."""


def memory_beyond_the_images(images_per_class, **changes):
    """MiB at the peak of two iterations, less what the process had before and the images' own tensors."""
    root = ROOT
    arguments = json.dumps([images_per_class, changes])
    output = subprocess.check_output([sys.executable, "-c", MEASURE, arguments], cwd=root, timeout=120)
    peak, learned = json.loads(output)
    print(f"{images_per_class} per class {changes or ''}: {peak:.0f} MiB, images {learned:.0f} MiB")
    return peak - 3 * learned  # pixels, momentum, gradient


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_ten_times_the_images_take_less_than_one_and_a_half_times_the_memory():
    few, many = memory_beyond_the_images(50), memory_beyond_the_images(500)
    at_once = memory_beyond_the_images(500, held_images=UNLIMITED)
    print(f"beyond the images 50: {few:.0f} MiB, 500: {many:.0f} MiB, ratio {many / few:.2f}")
    print(f"500 without pieces: {at_once:.0f} MiB, ratio {at_once / few:.2f}")
    assert many < 1.5 * few < at_once


BATCH_NORM = CondenseConfig(norm="batch", real_batch=8)


@pytest.mark.parametrize("free", [2**28, 2**30, 2**33])
def test_batch_norm_above_its_memory_is_refused_with_the_set_that_fits(free, monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: free)

    def plan(*images_per_class):
        sets = tuple(SetChange(images_per_class=count) for count in images_per_class)
        return make_plan(BATCH_NORM.model_copy(update={"sets": sets}), (3, 32, 32), 10, "cpu")

    with pytest.raises(ValueError, match=r"10 classes x 500 synthetic images as one batch") as refusal:
        plan(1, 500)
    fits = int(str(refusal.value).split("at most ")[1].split(" images per class fit")[0])
    assert plan(1, fits).held_images == UNLIMITED
    with pytest.raises(ValueError, match=f"at most {fits} images per class fit"):
        plan(1, fits + 1)


def test_batch_norm_that_fits_nothing_is_refused_with_what_to_change(monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**22)
    with pytest.raises(ValueError, match="narrower network, or take another norm"):
        make_plan(BATCH_NORM, (3, 32, 32), 10, "cpu")


def test_other_norms_are_never_refused_for_their_size(monkeypatch):
    monkeypatch.setattr("dmcore.execution.plan.free_bytes", lambda device: 2**22)
    plan = make_plan(CondenseConfig(images_per_class=1250), (3, 32, 32), 10, "cpu")
    assert plan.piece == plan.held_images == plan.backward_piece == 1
