"""Runs of DC and DSA: stopped between matching steps, resumed, extended, evaluated, exported, listed."""

import json
from pathlib import Path

import pytest
import torch
from support.run_equality import assert_equal_runs

from dmcore.config import (
    CondenseConfig,
    DcConfig,
    DsaConfig,
    EvaluateConfig,
    GradientMatchingConfig,
    MethodConfig,
)
from dmcore.data.images import DataSet
from dmcore.execution import fused_training
from dmcore.execution.divergence import DivergedError
from dmcore.execution.plan import Plan
from dmcore.gradient_matching import OuterStep
from dmcore.matching import Step
from dmcore.runs import recorder
from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.creation import create_run, extend_run
from dmcore.runs.description import Status
from dmcore.runs.doctor.examination import repair_run
from dmcore.runs.events import read_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.problems import find_damage
from dmcore.runs.recompute.update import recompute_update
from dmcore.runs.recorder import record
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.expected_accuracy import expected_accuracy
from dmcore.runs.runs_root import list_runs, open_run

SMALL = {
    "dataset": "digits",
    "width": 4,
    "depth": 2,
    "real_batch": 8,
    "images_per_class": 2,
    "outer_steps": 3,
    "inner_epochs": 2,
    "network_batch": 16,
    "iterations": 2,
}
PLAN = Plan(threads=1, channels_last=True, piece=20, workers=2, quick=fused_training.VERSION)
USUAL = DsaConfig(**SMALL)
CONFIGS = {
    "dsa": DsaConfig(**SMALL | {"outer_steps": 2}),
    "batch norm": DsaConfig(**SMALL | {"outer_steps": 2, "inner_epochs": 1, "norm": "batch"}),
    "one matching step": DsaConfig(**SMALL | {"images_per_class": 1, "outer_steps": None}),
}


def new_run(root: Path, digits: DataSet, config: GradientMatchingConfig = USUAL) -> RunFolder:
    return create_run(root, config, digits, PLAN)


def run_events(run: RunFolder, digits: DataSet, count: int) -> Step | OuterStep:
    """Take so many events of a run, then close it as a person's Stop does; the last one."""
    steps = record(run, digits)
    for _ in range(count):
        event = next(steps)
    steps.close()
    return event


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_run_stopped_at_every_event_equals_the_unbroken_one(
    tmp_path: Path, digits: DataSet, config: GradientMatchingConfig
) -> None:
    unbroken, broken = new_run(tmp_path, digits, config), new_run(tmp_path, digits, config)
    events = list(record(unbroken, digits))
    per_iteration = config.loops.outer + 1
    assert len(events) == 1 + config.iterations * per_iteration
    for iteration in range(config.iterations):
        for count in range(1, per_iteration + 1):  # the step of the resumed run, then matching steps
            stopped = run_events(broken, digits, count)
            assert stopped.iteration == broken.iteration() == iteration
            assert isinstance(stopped, OuterStep) == (count > 1)
            assert broken.status() is Status.INTERRUPTED
            assert newest_checkpoint(broken.checkpoint_folder).checkpoint.iteration == iteration  # type: ignore[union-attr]
        run_events(broken, digits, 1 + per_iteration)
    assert broken.status() is Status.FINISHED
    assert broken.notes() == []
    assert_equal_runs(unbroken, broken)
    assert find_damage(broken) == ()


def test_matching_steps_are_not_recorded_as_iterations(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    steps = [event for event in record(run, digits) if isinstance(event, Step)]
    assert [event["iteration"] for event in read_events(run.events_file)] == [1, 2]
    recorded = run.losses("real-2").loss
    for row, step in zip(recorded, steps[1:], strict=True):
        assert torch.equal(torch.from_numpy(row), step.loss_by_class["real-2"])
    result = run.result()
    assert result is not None
    assert result.images_per_second == pytest.approx(2 * 3 * 80 / result.seconds, rel=0.1)


def test_a_stop_inside_an_iteration_keeps_the_images_of_its_beginning(
    tmp_path: Path, digits: DataSet
) -> None:
    run = new_run(tmp_path, digits)
    last = run_events(run, digits, 7)  # start, three matching steps, iteration 1, two matching steps
    assert isinstance(last, OuterStep)
    stored = newest_checkpoint(run.checkpoint_folder).checkpoint
    assert stored is not None
    assert torch.equal(stored.state["real-2/pixels"], last.begun.sets[0].pixels)
    assert not torch.equal(stored.state["real-2/pixels"], last.sets[0].pixels)
    assert run.snapshots("real-2")[-1] == stored.iteration == 1


def test_the_owner_gives_a_sign_of_life_between_matching_steps(
    tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = []
    monkeypatch.setattr(recorder, "FLUSH_SECONDS", -1.0)
    monkeypatch.setattr(recorder, "heartbeat", lambda path: beats.append(path))
    assert len(list(record(new_run(tmp_path, digits), digits))) == len(beats) == 1 + 2 * 4


def test_a_damaged_description_is_restored_with_its_method(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits)
    run_events(run, digits, 5)
    (run.path / "run.json").write_bytes(b"")
    repair_run(run.path)
    assert open_run(run.path).config == run.config == USUAL
    assert json.loads((run.path / "run.json").read_text())["format"] == 4
    assert list(record(open_run(run.path), digits))[-1].iteration == 2


def test_a_finished_run_is_extended(tmp_path: Path, digits: DataSet) -> None:
    longer = new_run(tmp_path, digits, DsaConfig(**SMALL | {"iterations": 3}))
    extended = new_run(tmp_path, digits)
    for run in (longer, extended):
        assert list(record(run, digits))
    extended = extend_run(extended, 3)
    assert isinstance(extended.config, DsaConfig)
    assert list(record(extended, digits))
    assert extended.losses("real-2").loss.tolist() == longer.losses("real-2").loss.tolist()


def test_only_runs_of_gradient_matching_have_the_format_of_their_settings(
    tmp_path: Path, digits: DataSet
) -> None:
    formats = {}
    for config in (CondenseConfig(dataset="digits"), DcConfig(dataset="digits")):
        run = create_run(tmp_path, config, digits, PLAN)
        stored = json.loads((run.path / "run.json").read_text())
        formats[config.method] = stored["format"]
        assert ("method" in stored["config"]) == (config.method != "dm")
        assert open_run(run.path).config == config
    assert formats == {"dm": 3, "dc": 4}


def test_a_run_names_its_method_and_is_listed(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits, DcConfig(**SMALL))
    assert [listed.description.title for listed in list_runs(tmp_path)] == [f"{digits.title}, DC"]
    assert run.status() is Status.INTERRUPTED
    assert run.sets[0].spec is not None
    assert run.sets[0].spec.init == "noise"


def test_a_run_is_evaluated_and_predicts_nothing_of_distribution_matching(
    tmp_path: Path, digits: DataSet
) -> None:
    run = new_run(tmp_path, digits)
    assert list(record(run, digits))
    protocol = EvaluateConfig(networks=("convnet",), epochs=1, repeats=1)
    assert list(evaluate_run(run, None, digits, protocol))
    (result,) = run.results()
    assert (result.set, result.iteration, result.n) == ("real-2", 2, 1)
    planned = CondenseConfig(dataset="digits", width=4, depth=2, images_per_class=2)
    assert expected_accuracy(tmp_path, planned, planned.all_sets()[0]).by_protocol == ()


def test_a_run_of_gradient_matching_has_no_updates_of_distribution_matching(
    tmp_path: Path, digits: DataSet
) -> None:
    run = new_run(tmp_path, digits)
    assert list(record(run, digits))
    with pytest.raises(ValueError, match="has matching steps in place of these updates"):
        recompute_update(run, digits, 2)


def test_images_that_are_no_numbers_end_the_run_with_their_class(tmp_path: Path, digits: DataSet) -> None:
    run = new_run(tmp_path, digits, DsaConfig(**SMALL | {"image_lr": 1e30, "outer_steps": 1}))
    with pytest.raises(DivergedError, match=r"image of class .* is no longer a number"):
        list(record(run, digits))
    error = run.error()
    assert error is not None
    assert error.remedy.startswith("start a new run with a lower ")
    assert run.status() is Status.FAILED


@pytest.mark.parametrize("rate", ["image_lr", "network_lr"])
def test_a_gradient_that_is_no_number_is_told_as_such_and_not_as_a_setting(
    tmp_path: Path, digits: DataSet, rate: str
) -> None:
    run = new_run(tmp_path, digits, DsaConfig(**SMALL | {rate: 1e30}))
    with pytest.raises(DivergedError, match="gradient of class"):
        list(record(run, digits))
    error = run.error()
    assert error is not None
    assert error.kind == "diverged"


@pytest.mark.parametrize(("config", "told"), [(USUAL, True), (CondenseConfig(dataset="digits"), False)])
def test_another_number_of_workers_is_told_where_pieces_depend_on_it(
    tmp_path: Path, digits: DataSet, config: MethodConfig, told: bool
) -> None:
    run = create_run(tmp_path, config, digits, PLAN)
    _, notes = restore_plan(run, digits, PLAN.model_copy(update={"workers": 1}))
    assert [note for note in notes if "workers 1 instead of 2" in note] == (notes if told else [])
    assert bool(notes) == told


@pytest.mark.parametrize(("stored", "told"), [(0, False), (fused_training.VERSION, False), (99, True)])
def test_another_version_of_the_fast_path_is_told(
    tmp_path: Path, digits: DataSet, stored: int, told: bool
) -> None:
    run = create_run(tmp_path, USUAL, digits, PLAN.model_copy(update={"quick": stored}))
    plan, notes = restore_plan(run, digits, None)
    assert plan.quick == (fused_training.VERSION if told else stored)
    assert bool(notes) == told
    assert all(f"quick {fused_training.VERSION} instead of 99" in note for note in notes)
