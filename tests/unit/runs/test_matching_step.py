"""A matching step of a run of DC or DSA, recomputed: as the run itself stored it, and the same again."""

from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.recomputed import recomputed
from support.small_runs import TINY, record_run

from dmcore.config import DcConfig, DsaConfig
from dmcore.data.images import DataSet
from dmcore.gradient_matching import condense
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_scene import matching_scene
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.stored_state import read_state

SMALL = {
    "dataset": "digits",
    "width": 8,
    "depth": 2,
    "real_batch": 8,
    "images_per_class": 2,
    "outer_steps": 3,
    "inner_epochs": 2,
    "network_batch": 16,
    "iterations": 2,
}
CONFIGS = {
    "dsa": DsaConfig(**SMALL),
    "dc": DcConfig(**SMALL),
    "batch norm": DsaConfig(**SMALL | {"norm": "batch", "real_batch": 20}),
    "squared": DcConfig(**SMALL | {"distance": "mse"}),
    "one matching step": DsaConfig(**SMALL | {"images_per_class": 1, "outer_steps": 1}),
}


@pytest.fixture(scope="module", params=CONFIGS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return record_run(tmp_path_factory.mktemp("runs"), CONFIGS[request.param], threads=1)


def test_matching_steps_of_an_iteration_are_those_of_the_run_bit_for_bit(
    run: RunFolder, digits: DataSet
) -> None:
    label = 3
    steps = [recomputed(run, digits, 1, label, outer) for outer in range(run.config.loops.outer)]
    plan, (state, _) = restore_plan(run, digits, None)[0], read_state(run, 1)
    _, *events, last = condense(digits, run.config, plan=plan, state=state, iteration=1)
    (name,) = run.set_names
    assert [step.loss for step in steps] == [float(event.loss_by_class[name][label]) for event in events]
    np.testing.assert_array_equal(steps[-1].after, last.sets[0].pixels[label].numpy())
    for earlier, later in pairwise(steps):
        np.testing.assert_array_equal(earlier.after, later.before)
        assert earlier.next_loss == later.loss
    assert steps[-1].next_loss is None


def test_each_class_has_its_own_values(run: RunFolder, digits: DataSet) -> None:
    steps = [recomputed(run, digits, 1, label) for label in range(10)]
    assert len({step.loss for step in steps}) == len({step.gradient.tobytes() for step in steps}) == 10
    (mean_loss,) = {step.mean_loss for step in steps}
    assert mean_loss == pytest.approx(np.mean([step.loss for step in steps]))
    for label, step in enumerate(steps):
        assert [row.weight < 0 for row in step.last_layer] == [each == label for each in range(10)]
        assert max(row.difference for row in step.last_layer) < 1e-5


def test_layers_have_what_the_run_compares(run: RunFolder, digits: DataSet) -> None:
    step = recomputed(run, digits, 1, 0)
    assert sum(layer.distance for layer in step.layers) == pytest.approx(step.loss, rel=1e-4)
    if run.config.distance == "ours":
        assert [layer.name for layer in step.layers] == ["convolution 1", "convolution 2", "last layer"]
        assert [len(layer.cosines) for layer in step.layers] == [8, 8, 10]
        for layer in step.layers:
            assert (1 - layer.cosines).sum() == pytest.approx(layer.distance, rel=1e-4)
    else:
        assert {"norm 1", "convolution 2, bias", "last layer, bias"} < {layer.name for layer in step.layers}
    cancelled = {"convolution 1, bias", "convolution 2, bias"}  # by the norm after them: no gradient
    assert all((layer.real > 0) == (layer.name not in cancelled) for layer in step.layers)
    assert all(np.abs(layer.cosines).max() <= 1 + 1e-5 for layer in step.layers)


def test_the_pixel_gradient_is_that_of_the_step(run: RunFolder, digits: DataSet) -> None:
    step = recomputed(run, digits, 0, 3)
    assert np.abs(step.gradient).max() > 0
    np.testing.assert_allclose(step.after, step.before - 0.1 * step.gradient, atol=1e-6)  # no momentum yet


def test_the_last_layer_s_gradient_is_the_weighted_mean_of_features(run: RunFolder, digits: DataSet) -> None:
    for outer in {0, run.config.loops.outer - 1}:
        step = recomputed(run, digits, 1, 3, outer)
        assert len(step.last_layer) == 10
        assert max(row.difference for row in step.last_layer) < 1e-5
        assert min(row.gradient for row in step.last_layer) > 1e-3
        assert [row.weight < 0 for row in step.last_layer] == [label == 3 for label in range(10)]


def test_the_network_s_training_is_told_epoch_by_epoch(run: RunFolder, digits: DataSet) -> None:
    inner, outer_steps = run.config.loops.inner, run.config.loops.outer
    first, last = (recomputed(run, digits, 1, 3, outer) for outer in (0, outer_steps - 1))
    assert len(first.epochs) == (inner if outer_steps > 1 else 0)
    assert (first.epochs_before, last.epochs_before) == (0, inner * (outer_steps - 1))
    assert len(last.epochs) == last.epochs_before
    assert last.epochs[: len(first.epochs)] == first.epochs
    assert all(each.loss > 0 and 0 <= each.accuracy <= 1 for each in last.epochs)


def test_it_is_the_same_again_and_changes_nothing(run: RunFolder, digits: DataSet) -> None:
    files = {file: file.stat().st_mtime_ns for file in sorted(run.path.rglob("*"))}
    once, again = (recomputed(run, digits, 1, 3) for _ in range(2))
    np.testing.assert_equal(asdict(once), asdict(again))
    assert files == {file: file.stat().st_mtime_ns for file in sorted(run.path.rglob("*"))}


def test_a_scene_has_pictures_and_the_numbers_of_the_step(run: RunFolder, digits: DataSet) -> None:
    step = recomputed(run, digits, 1, 3)
    scene = matching_scene(run, step)
    assert scene.real.shape == scene.real_augmented.shape == (6, 1, 8, 8)
    assert scene.synthetic.shape == scene.after.shape == scene.gradient.shape
    rows = [layer.rows.shape for layer in scene.layers]
    assert rows == [(1, 1, 1, len(layer.cosines)) for layer in step.layers]
    assert scene.largest_difference == max(row.difference for row in step.last_layer)


def test_what_has_no_such_matching_step_is_refused(run: RunFolder, digits: DataSet, tmp_path: Path) -> None:
    last = run.config.loops.outer - 1
    with pytest.raises(ValueError, match=rf"matching steps of an iteration 0 to {last}: choose"):
        recomputed(run, digits, 1, 3, last + 1)
    with pytest.raises(ValueError, match=r"choose the nearest, 2"):
        recomputed(run, digits, 7, 3)
    with pytest.raises(ValueError, match=r"matched no gradients here.*choose a run of DC or DSA"):
        recomputed(record_run(tmp_path, TINY, steps=1), digits, 1, 3)
