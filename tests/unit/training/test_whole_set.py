"""Networks trained on a whole data set: cached by content, resumed exactly, safe from kills and damage."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.waiting import until
from torch.nn import functional

from dmcore.config import NetworkSpec
from dmcore.config.laptop_presets import laptop_training_config
from dmcore.data.images import DataSet
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.plan import Plan
from dmcore.files import tensor_file
from dmcore.files.atomic import DAMAGED
from dmcore.networks import feature_width
from dmcore.randomness import torch_generator
from dmcore.training import whole_set
from dmcore.training.minibatch import loss_in_pieces
from dmcore.training.whole_set import (
    TrainedNetwork,
    TrainingConfig,
    load_trained,
    train_whole,
    training_key,
)

TINY = TrainingConfig(width=4, depth=1, epochs=3)
PLAN = Plan()


def train(dataset: DataSet, config: TrainingConfig, root: Path) -> list[whole_set.TrainingProgress]:
    return list(train_whole(dataset, config, root, PLAN))


def train_until(dataset: DataSet, config: TrainingConfig, root: Path, fraction: float) -> None:
    """Train so far, then close the generator, in the middle of an epoch or not."""
    progress = train_whole(dataset, config, root, PLAN)
    for event in progress:
        if event.fraction >= fraction:
            break
    progress.close()


def loaded(dataset: DataSet, config: TrainingConfig, root: Path) -> TrainedNetwork:
    network = load_trained(dataset, config, root)
    assert network is not None
    return network


def equal(first: TrainedNetwork, second: TrainedNetwork) -> bool:
    states = first.network.state_dict(), second.network.state_dict()
    same = all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    return same and states[0].keys() == states[1].keys() and first.accuracy == second.accuracy


def folder_of(dataset: DataSet, config: TrainingConfig, root: Path) -> Path:
    return root / "trained" / training_key(dataset.digest, config)


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("fraction", [0.1, 0.6, 0.99])
def test_resumed_training_equals_unbroken_training(digits, tmp_path, norm, fraction):
    config = TINY.model_copy(update={"norm": norm})
    train(digits, config, tmp_path / "unbroken")
    train_until(digits, config, tmp_path / "broken", fraction)
    assert load_trained(digits, config, tmp_path / "broken") is None
    first, *_ = train(digits, config, tmp_path / "broken")
    assert first.fraction > fraction - 1 / (TINY.epochs + 1), "at most one epoch is lost"
    assert equal(*(loaded(digits, config, tmp_path / name) for name in ("unbroken", "broken")))


CHILD = """
import sys, torch
from pathlib import Path
from dmcore.data.load import load_dataset
from dmcore.execution.plan import Plan
from dmcore.training.whole_set import TrainingConfig, train_whole
torch.set_num_threads(1)
digits, config = load_dataset("digits"), TrainingConfig.model_validate_json(sys.argv[1])
print("begun", flush=True)
while True:
    for event in train_whole(digits, config, Path(sys.argv[2]), Plan()):
        pass
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_training_killed_at_a_random_moment_equals_unbroken_training(digits, tmp_path):
    config = TINY.model_copy(update={"epochs": 12, "batch": 512})
    train(digits, config, tmp_path / "unbroken")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, config.model_dump_json(), tmp_path / "killed"], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    checkpoint = folder_of(digits, config, tmp_path / "killed") / whole_set.CHECKPOINT
    until(checkpoint.exists, "the first checkpoint", interval=0.005)
    wait = random.uniform(0, 0.3)
    time.sleep(wait)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    print(f"killed {wait:.3f} s after the first checkpoint")
    train(digits, config, tmp_path / "killed")
    assert equal(*(loaded(digits, config, tmp_path / name) for name in ("unbroken", "killed")))


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    where = len(content) - 100
    return content[:where] + bytes([content[where] ^ 4]) + content[where + 1 :]


@pytest.mark.parametrize("damage", [truncated, flipped])
def test_damaged_checkpoint_is_set_aside_and_named(digits, tmp_path, damage):
    train(digits, TINY, tmp_path / "unbroken")
    train_until(digits, TINY, tmp_path / "damaged", 0.6)
    checkpoint = folder_of(digits, TINY, tmp_path / "damaged") / whole_set.CHECKPOINT
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    events = train(digits, TINY, tmp_path / "damaged")
    assert any("damaged" in event.note for event in events)
    assert checkpoint.with_name(checkpoint.name + DAMAGED).exists()
    assert equal(*(loaded(digits, TINY, tmp_path / name) for name in ("unbroken", "damaged")))


@pytest.mark.parametrize("damage", [truncated, flipped])
def test_damaged_network_is_not_loaded_but_trained_again(digits, tmp_path, damage):
    train(digits, TINY, tmp_path)
    before = loaded(digits, TINY, tmp_path)
    file = folder_of(digits, TINY, tmp_path) / whole_set.NETWORK
    file.write_bytes(damage(file.read_bytes()))
    assert load_trained(digits, TINY, tmp_path) is None
    train(digits, TINY, tmp_path)
    assert equal(before, loaded(digits, TINY, tmp_path))


def test_second_writer_is_refused_until_the_first_has_stopped(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(tensor_file, "RETRY_SECONDS", 0.05)
    first = train_whole(digits, TINY, tmp_path, PLAN)
    next(first)
    with pytest.raises(ValueError, match="another process is training this network"):
        next(train_whole(digits, TINY, tmp_path, PLAN))
    first.close()
    assert train(digits, TINY, tmp_path)[-1].accuracy is not None


def test_known_network_is_one_event_and_no_training(digits, tmp_path, monkeypatch):
    last = train(digits, TINY, tmp_path)[-1]
    monkeypatch.setattr(whole_set, "NetworkTraining", None)  # nothing can be trained any more
    (only,) = train(digits, TINY, tmp_path)
    assert (only.fraction, only.accuracy) == (1.0, last.accuracy)


def test_progress_grows_to_one_and_ends_with_the_accuracy(digits, tmp_path):
    events = train(digits, TINY, tmp_path)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert [event.accuracy is None for event in events] == [True] * (len(events) - 1) + [False]


def test_loaded_network_is_frozen_and_tests_as_it_says(digits, tmp_path):
    train(digits, TINY, tmp_path)
    trained = loaded(digits, TINY, tmp_path)
    assert not trained.network.training
    assert not any(parameter.requires_grad for parameter in trained.network.parameters())
    images = digits.test.statistics.normalise(digits.test.images)
    right = (trained.network(images).argmax(1) == digits.test.label).float().mean().item()
    assert 100 * right == pytest.approx(trained.accuracy)
    assert f"{trained.accuracy:.1f}" in trained.sentence
    assert "all 1\u202f437 real images" in trained.sentence


def test_another_seed_setting_or_pixel_gives_another_key(digits):
    changed = digits.test.images.clone()
    changed[0, 0, 0, 0] += 1
    other = replace(digits, test=replace(digits.test, images=changed))
    keys = [
        training_key(digits.digest, TINY),
        training_key(digits.digest, TINY.model_copy(update={"seed": 1})),
        training_key(digits.digest, TINY.model_copy(update={"batch": 128})),
        training_key(digits.digest, TINY.model_copy(update={"norm": "batch"})),
        training_key(other.digest, TINY),
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 16 for key in keys)


def test_key_of_a_stored_training_never_changes():
    assert training_key("data", TrainingConfig()) == "09d462ff4c4d86ca"
    assert training_key("data", TrainingConfig(epochs=7, augment=("crop",), seed=3)) == "ba2c14168fb7a9e1"


def test_gradient_of_pieces_is_that_of_the_whole_minibatch(digits):
    network = empty_network(NetworkSpec(width=8, depth=2), (1, 8, 8), 10, torch.device("cpu"), True)
    initialise(network, torch_generator(0, 0, "test network"))
    parameters = tuple(network.parameters())
    batch = digits.train.statistics.normalise(digits.train.images[:101])
    label = digits.train.label[:101]
    whole = functional.cross_entropy(network(batch), label)
    expected = torch.autograd.grad(whole, parameters)
    for size, workers in ((101, 1), (64, 2), (16, 3)):
        loss, gradients = loss_in_pieces(network, batch, label, parameters, size, workers)
        torch.testing.assert_close(loss, whole.detach(), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(tuple(gradients), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "count", "depth", "epochs"),
    [
        ((1, 8, 8), 1437, 3, 60),
        ((1, 28, 28), 60_000, 3, 5),
        ((3, 32, 32), 50_000, 3, 6),
        ((3, 64, 64), 100_000, 4, 3),
        ((3, 64, 64), 1_281_167, 4, 3),
    ],
)
def test_laptop_training_fits_the_images_and_takes_minutes(shape, count, depth, epochs):
    config = laptop_training_config(shape, count)
    assert (config.width, config.depth, config.epochs) == (32, depth, epochs)
    assert feature_width(config, *shape) > 0
