"""Recomputed updates: from a stored iteration they equal what the run did."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from support.recorded_runs import imported

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.runs.checkpoint import checkpoint_file, read_checkpoint
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.update import recompute_update
from dmcore.runs.recorder import record
from dmcore.runs.snapshots import stored_iterations
from dmcore.runs.stored_state import stored_states

SMALL = {
    "dataset": "digits",
    "width": 8,
    "depth": 2,
    "real_batch": 8,
    "images_per_class": 1,
    "iterations": 14,
}
PLAN = Plan(threads=1, channels_last=True, piece=40, classes_at_once=5)
SMOOTH = {**SMALL, "activation": "swish"}
CONFIGS = {
    "plain": CondenseConfig(**SMALL),
    "replay": CondenseConfig(**SMOOTH, replay=True, replay_keep=3, replay_every=3),
    "batch norm": CondenseConfig(**SMOOTH, norm="batch"),
    "three sets": CondenseConfig(
        **SMOOTH, sets=(SetChange(), SetChange(init="noise"), SetChange(images_per_class=2, image_lr=0.1))
    ),
}
STOP = 6
"""Where each run was stopped once, so that it has a checkpoint in the middle as well as at its end."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, digits: DataSet) -> dict[str, RunFolder]:
    root = tmp_path_factory.mktemp("runs")
    made = {}
    for name, config in CONFIGS.items():
        plan = PLAN.model_copy(update={"classes_at_once": 10, "piece": 10**6} if config.norm else {})
        run = create_run(root, config, digits, plan)
        steps = record(run, digits)
        for step in steps:
            if step.iteration == STOP:
                break
        steps.close()
        for _ in record(run, digits):
            pass
        assert stored_iterations(run.checkpoint_folder) == [STOP, 14]
        made[name] = run
    return made


def every_byte(run: RunFolder) -> dict[str, str]:
    return {
        str(
            file.relative_to(run.path)
        ): f"{hashlib.sha256(file.read_bytes()).hexdigest()} {file.stat().st_mtime_ns}"
        for file in sorted(run.path.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_from_a_checkpoint_the_update_is_done_again_to_the_last_bit(
    runs: dict[str, RunFolder], digits: DataSet, name: str
) -> None:
    run = runs[name]
    again = recompute_update(run, digits, STOP)
    assert again.stored_as == "float32"
    assert again.same_plan
    for set_name, update in again.sets.items():
        snapshot = run.snapshot(set_name, STOP + 1)
        losses = run.losses(set_name)
        np.testing.assert_array_equal(losses.loss[list(losses.iteration).index(STOP + 1)], update.loss)
        np.testing.assert_array_equal(update.recorded, update.loss)
        for label, class_update in update.classes.items():
            np.testing.assert_array_equal(class_update.after.astype(np.float16), snapshot.pixels[label])
            np.testing.assert_array_equal(class_update.momentum.astype(np.float16), snapshot.momentum[label])


@pytest.mark.parametrize("name", CONFIGS)
def test_from_a_snapshot_the_update_gives_the_checkpointed_pixels_within_float16(
    runs: dict[str, RunFolder], digits: DataSet, name: str
) -> None:
    run = runs[name]
    again = recompute_update(run, digits, 13)
    assert again.stored_as == "float16"
    state = read_checkpoint(checkpoint_file(run.checkpoint_folder, 14)).state
    # a rounded pixel can switch a ReLU, and then the gradient jumps: all pixels only where nothing switches
    share = 1.0 if run.config is not None and run.config.activation == "swish" else 0.9
    for set_name, update in again.sets.items():
        after = np.stack([class_update.after for class_update in update.classes.values()])
        off = np.abs(after - state[f"{set_name}/pixels"].numpy()) / np.maximum(1, np.abs(after))
        assert update.recorded is not None
        loss_off = np.abs(update.loss / update.recorded - 1).max()
        print(f"{name}, {set_name}: pixels off by {off.max():.1e} at most, losses by {loss_off:.1e}")
        assert np.quantile(off, share) < 2e-3
        assert loss_off < 0.02


@pytest.mark.parametrize("name", CONFIGS)
def test_every_piece_follows_from_the_one_before(
    runs: dict[str, RunFolder], digits: DataSet, name: str
) -> None:
    again = recompute_update(runs[name], digits, 9)
    for update_name, update in again.sets.items():
        squared = (again.difference(update_name) ** 2).sum(axis=1)
        np.testing.assert_allclose(squared, update.loss, rtol=1e-4)
        for label, class_update in update.classes.items():
            augmented = again.augmentations[label](torch.from_numpy(class_update.before)).numpy()
            np.testing.assert_array_equal(class_update.augmented, augmented)
            momentum = update.spec.momentum * class_update.momentum_before + class_update.gradient
            np.testing.assert_allclose(class_update.momentum, momentum, atol=1e-6)
            np.testing.assert_allclose(
                class_update.after,
                class_update.before - update.spec.image_lr * class_update.momentum,
                atol=1e-6,
            )
            assert np.abs(class_update.gradient).max() > 0
    for label, sample in again.real.items():
        assert sample.batch == 8
        normal = digits.train.statistics.normalise(torch.from_numpy(sample.stored))
        np.testing.assert_array_equal(sample.augmented, again.augmentations[label](normal).numpy())
        of_class = digits.train.images[digits.train.by_class[label]].numpy()
        assert all((of_class == picture).all(axis=(1, 2, 3)).any() for picture in sample.stored)


def test_replay_takes_the_network_that_the_run_took(runs: dict[str, RunFolder], digits: DataSet) -> None:
    draws = [recompute_update(runs["replay"], digits, iteration).draw for iteration in (0, 3, 6, 9)]
    assert draws == [0, 1, 2, 3]
    assert recompute_update(runs["replay"], digits, 8).draw in (0, 1, 2)
    assert recompute_update(runs["plain"], digits, 8).draw == 8


def test_only_the_classes_asked_for_are_kept(runs: dict[str, RunFolder], digits: DataSet) -> None:
    whole, part = (
        recompute_update(runs["plain"], digits, 5),
        recompute_update(runs["plain"], digits, 5, labels=[3]),
    )
    assert list(part.real) == list(part.sets["real-1"].classes) == [3]
    np.testing.assert_array_equal(whole.real_means, part.real_means)
    np.testing.assert_array_equal(whole.sets["real-1"].classes[3].after, part.sets["real-1"].classes[3].after)


def test_what_comes_after_the_last_iteration_is_computed_and_not_recorded(
    runs: dict[str, RunFolder], digits: DataSet
) -> None:
    again = recompute_update(runs["three sets"], digits, 14)
    assert again.stored_as == "float32"
    assert all(update.recorded is None for update in again.sets.values())
    assert all(np.isfinite(update.loss).all() for update in again.sets.values())


def test_reenacting_leaves_every_file_as_it_is(runs: dict[str, RunFolder], digits: DataSet) -> None:
    before = {name: every_byte(run) for name, run in runs.items()}
    for run in runs.values():
        recompute_update(run, digits, STOP)
        recompute_update(run, digits, 13)
    assert before == {name: every_byte(run) for name, run in runs.items()}


def test_damaged_checkpoint_gives_way_to_the_snapshots(tmp_path: Path, digits: DataSet) -> None:
    run = create_run(tmp_path, CONFIGS["plain"].model_copy(update={"iterations": 3}), digits, PLAN)
    for _ in record(run, digits):
        pass
    file = checkpoint_file(run.checkpoint_folder, 3)
    file.write_bytes(file.read_bytes()[:-7])
    assert recompute_update(run, digits, 3).stored_as == "float16"


def test_what_cannot_be_done_again_is_a_sentence_with_a_remedy(
    tmp_path: Path, runs: dict[str, RunFolder], digits: DataSet
) -> None:
    plain = runs["plain"]
    with pytest.raises(ValueError, match="iteration 99: choose the nearest, 14"):
        recompute_update(plain, digits, 99)
    (plain.snapshot_folder("real-1") / "0000004.safetensors").rename(tmp_path / "aside")
    with pytest.raises(ValueError, match="iteration 4: choose the nearest, 3 and 5"):
        recompute_update(plain, digits, 4)
    (tmp_path / "aside").rename(plain.snapshot_folder("real-1") / "0000004.safetensors")
    assert stored_states(plain) == list(range(15))
    with pytest.raises(ValueError, match="classes 0 to 9"):
        recompute_update(plain, digits, 5, labels=[10])
    foreign = imported(tmp_path, plain)
    with pytest.raises(ValueError, match="was not condensed here"):
        recompute_update(foreign, digits, 0)
    train = digits.train
    others = type(train)(train.images.flip(0), train.label, train.class_names, train.statistics)
    with pytest.raises(ValueError, match="other training images"):
        recompute_update(plain, DataSet("digits", "Digits", others, digits.test), 5)


def test_another_machine_s_plan_is_named(tmp_path: Path, digits: DataSet) -> None:
    run = create_run(tmp_path, CONFIGS["plain"].model_copy(update={"iterations": 3}), digits, PLAN)
    for _ in record(run, digits):
        pass
    plan = {**(run.description.plan or {}), "torch_version": "1.0"}
    (run.path / "run.json").write_text(run.description.model_copy(update={"plan": plan}).model_dump_json())
    again = recompute_update(RunFolder(run.path), digits, 2)
    assert not again.same_plan
    np.testing.assert_allclose(again.sets["real-1"].loss, again.sets["real-1"].recorded, rtol=0.02)


def test_looks_at_a_run_at_work_change_nothing_of_it(
    tmp_path: Path, runs: dict[str, RunFolder], digits: DataSet
) -> None:
    undisturbed = runs["three sets"]
    assert undisturbed.config is not None
    plan = PLAN.model_copy(update={"workers": 2})
    run = create_run(tmp_path, undisturbed.config, digits, plan)
    steps = record(run, digits)
    next(steps)
    with ThreadPoolExecutor(1) as elsewhere:
        looks = elsewhere.submit(lambda: [recompute_update(run, digits, 0) for _ in range(5)])
        for _ in steps:
            pass
        assert len({again.sets["noise-1"].loss.tobytes() for again in looks.result(60)}) == 1
    for name in run.set_names:
        np.testing.assert_array_equal(run.losses(name).loss, undisturbed.losses(name).loss)
        np.testing.assert_array_equal(run.snapshot(name, 14).pixels, undisturbed.snapshot(name, 14).pixels)


def test_a_look_that_ends_first_leaves_the_run_its_exact_kernels() -> None:
    def flags() -> tuple[bool, bool]:
        return torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32

    before = flags()
    look, work = PLAN.applied(), PLAN.applied()
    look.__enter__()
    work.__enter__()
    look.__exit__(None, None, None)
    assert flags() == (True, False)
    work.__exit__(None, None, None)
    assert flags() == before


def test_a_remark_says_whether_the_recorded_loss_is_the_computed_one(
    runs: dict[str, RunFolder], digits: DataSet
) -> None:
    exact = recompute_update(runs["plain"], digits, STOP, [0])
    rounded = recompute_update(runs["plain"], digits, 4, [0])
    assert (exact.stored_as, rounded.stored_as) == ("float32", "float16")
    assert exact.compare_losses(0.1, 0.1) == "They agree."
    assert exact.compare_losses(0.1, 0.1001).startswith("They do not agree")
    assert rounded.compare_losses(0.1, 0.1001).startswith("They agree to 0.1 %: the images were stored")
    assert rounded.compare_losses(0.1, 0.2).startswith("They do not agree (50 % apart)")
