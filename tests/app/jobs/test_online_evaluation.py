"""Online evaluation: it changes nothing about the run, keeps to its share of the time, and is stored."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from support.jobs import ended, resume, start
from support.waiting import until

from app.answers.question import Look
from app.data.stored_results import evaluation_results, stored_results
from app.jobs import online_evaluation
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.throttle import Throttle
from app.run.run_view import view_of_folder
from app.text.status import Status as Shown
from app.views.watch.online_evaluation_plot import online_evaluation_figure
from app.views.watch.online_evaluation_view import live_online_evaluation, missing_curve_text
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.config.protocols import QUICK, is_quick, whole_set_protocol
from dmcore.data.load import load_dataset
from dmcore.execution.cost import Estimate
from dmcore.execution.plan import evaluation_plan
from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.description import Status, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves, online_results
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.results.online_evaluation_time import read_online_evaluation_time
from dmcore.runs.results.summary import latest_results
from dmcore.runs.results.training_schedule import planned_points
from dmcore.runs.runs_root import open_run
from dmcore.training.evaluate import summarise

RUN = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=16, iterations=300)
RACE = RUN.model_copy(update={"sets": (SetChange(init="noise"), SetChange(init="real", images_per_class=2))})
FAST = QUICK.model_copy(update={"epochs": 4})


def stored_online(run: RunFolder) -> tuple[StoredResult, ...]:
    return online_results(stored_results(run))


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobManager]:
    """Its online evaluation trains four epochs: what is tested here does not depend on how many."""
    for module in (
        "app.jobs.online_evaluation",
        "dmcore.runs.results.accuracy_curves",
        "app.views.watch.online_evaluation_view",
        "dmcore.config.protocols",
    ):
        monkeypatch.setattr(f"{module}.QUICK", FAST)
    manager = JobManager(tmp_path / "runs")
    yield manager
    manager.shutdown()


wait_until = partial(until, seconds=200)


def started(manager: JobManager, config: CondenseConfig, share: float, **options) -> tuple[Job, RunFolder]:
    job = start(manager, config, evaluation_share=share, **options)
    wait_until(lambda: job.run_id is not None and job.snapshot is not None)
    return job, open_run(job.run_id or "", manager.runs_root)


def whole(manager: JobManager, config: CondenseConfig, share: float, **options) -> tuple[Job, RunFolder]:
    job, run = started(manager, config, share, **options)
    assert ended(job, seconds=200) == "finished", job.error
    return job, run


def figure_text(run: RunFolder) -> str:
    figure = json.loads(str(live_online_evaluation(view_of_folder(run), run).as_json()["figure"]))
    return str(figure).replace("\\xa0", " ").replace("\u00a0", " ")


def differences(run: RunFolder, other: RunFolder) -> list[str]:
    """In what two runs differ, bit for bit."""
    different = []
    for name in run.set_names:
        assert run.snapshots(name) == other.snapshots(name)
        for at in run.snapshots(name):
            first, second = run.snapshot(name, at), other.snapshot(name, at)
            different += [f"images of {name} at {at}"] * (not np.array_equal(first.pixels, second.pixels))
            different += [f"momentum of {name} at {at}"] * (
                not np.array_equal(first.momentum, second.momentum)
            )
        losses, others = run.losses(name).loss, other.losses(name).loss
        different += [f"loss of {name}"] * (not np.array_equal(losses, others))
    last, others_last = (newest_checkpoint(folder.checkpoint_folder)[0] for folder in (run, other))
    for name, tensor in last.state.items():
        different += [f"{name} of the checkpoint"] * (not torch.equal(tensor, others_last.state[name]))
    return different


def test_images_momentum_and_losses_are_the_same_bit_for_bit_with_and_without(manager: JobManager) -> None:
    _, without = whole(manager, RACE, 0.0)
    _, beside = whole(manager, RACE, 0.4)
    points = accuracy_curves(beside, stored_results(beside)).count
    assert points >= 6
    assert differences(without, beside) == []
    print(f"bit-equal after {RACE.iterations} iterations with {points} points and lines")


def test_a_share_of_nothing_trains_nothing(manager: JobManager, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = []
    monkeypatch.setattr(
        online_evaluation.OnlineEvaluation, "_events", lambda _, training: trained.append(training)
    )
    _, run = whole(manager, RUN, 0.0)
    assert trained == []
    assert stored_results(run) == ()
    assert read_online_evaluation_time(run) is None


@pytest.mark.parametrize("share", [0.2])
def test_it_takes_no_more_than_its_share_and_says_what_it_took(manager: JobManager, share: float) -> None:
    job, run = whole(manager, RUN.model_copy(update={"iterations": 500}), share)
    time_taken = read_online_evaluation_time(run)
    assert time_taken is not None
    assert job.snapshot is not None
    assert job.snapshot.online_evaluation is not None
    points = len(accuracy_curves(run, stored_results(run)).by_set["real-1"])
    print(
        f"share set {share:.0%}, used {time_taken.used:.1%}, {time_taken.of_seconds:.1f} s, {points} points"
    )
    assert 0.2 * share < time_taken.used <= share + 0.01
    assert points >= 3
    assert f"{100 * time_taken.used:.0f} % of the time" in figure_text(run)


def test_a_curve_for_each_lane_beside_random_real_images_of_each_size(manager: JobManager) -> None:
    _, run = whole(manager, RACE, 0.4)
    curves = accuracy_curves(run, stored_results(run))
    assert list(curves.by_set) == ["noise-1", "real-2"]
    for points in curves.by_set.values():
        iterations = [point.iteration for point in points]
        assert iterations[-1] == 300
        assert iterations == sorted(set(iterations))
        assert set(iterations[:-1]) <= set(planned_points(300, run.snapshots()))
        assert {point.n for point in points} == {QUICK.repeats}
    assert sorted(curves.random_real) == [1, 2]
    assert len([result for result in stored_online(run) if result.kind == "random_real"]) == 2
    text = figure_text(run)
    for shown in ("from noise", "random real, 1", "2 networks", "test accuracy (%)"):
        assert shown in text


def test_the_last_value_is_what_evaluate_finds_by_the_same_protocol(manager: JobManager) -> None:
    _, run = whole(manager, RUN, 0.3)
    last = accuracy_curves(run, stored_results(run)).by_set["real-1"][-1]
    assert last.iteration == run.iteration() == 300
    plan, digits = evaluation_plan("cpu"), load_dataset("digits")
    (again,) = summarise(evaluate_run(run, "real-1", digits, FAST, plan=plan))
    print(f"online {last.mean:.3f} (n = {last.n}), evaluate {again.mean:.3f} (n = {again.n})")
    assert last.accuracies == again.accuracies
    first = accuracy_curves(run, stored_results(run)).by_set["real-1"][0]
    (again,) = summarise(evaluate_run(run, "real-1", digits, FAST, first.iteration, plan=plan))
    assert first.accuracies == again.accuracies


def test_it_pauses_and_stops_in_the_middle_of_a_training_and_a_resumed_run_keeps_its_points(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = RUN.model_copy(update={"iterations": 100_000})
    job, run = started(manager, long, 0.9)
    wait_until(lambda: len(accuracy_curves(run, stored_results(run)).by_set.get("real-1", ())) >= 2)
    in_training = []
    advanced = online_evaluation.OnlineEvaluation._advance

    def slow(self, track):
        in_training.append(True)
        time.sleep(0.02)
        return advanced(self, track)

    monkeypatch.setattr(online_evaluation.OnlineEvaluation, "_advance", slow)
    wait_until(lambda: in_training)
    requested_at = time.monotonic()
    manager.throttle.pause()
    wait_until(lambda: job.state == "paused")
    paused_after = time.monotonic() - requested_at
    assert run.status() is Status.PAUSED
    points = accuracy_curves(run, stored_results(run)).count
    iteration = job.snapshot.iteration if job.snapshot else 0
    manager.throttle.step()
    wait_until(lambda: job.snapshot is not None and job.snapshot.iteration == iteration + 1)
    time.sleep(0.2)
    assert job.snapshot is not None
    assert (
        job.snapshot.iteration == iteration + 1
    )  # a click is one iteration, not an epoch of the online evaluation
    requested_at = time.monotonic()
    manager.stop()
    wait_until(lambda: job.state == "stopped")
    print(f"paused after {paused_after:.2f} s, stopped after {time.monotonic() - requested_at:.2f} s")
    assert paused_after < 2
    assert time.monotonic() - requested_at < 5
    assert run.status() is Status.INTERRUPTED
    assert run.iteration() == iteration + 1
    stored = {(result.set, result.kind, result.iteration): result.accuracies for result in stored_online(run)}
    assert accuracy_curves(run, stored_results(run)).count == points

    again = resume(manager, run.id, evaluation_share=0.9)
    wait_until(lambda: accuracy_curves(run, stored_results(run)).count > points)
    manager.stop()
    wait_until(lambda: again.state == "stopped")
    now = {(result.set, result.kind, result.iteration): result.accuracies for result in stored_online(run)}
    assert stored.items() <= now.items()
    assert len(stored_online(run)) == len(now)  # nothing was tested twice


def test_the_share_can_be_changed_while_the_run_is_at_work(manager: JobManager) -> None:
    job, run = started(manager, RUN.model_copy(update={"iterations": 100_000}), 0.0)
    assert manager.evaluation_share == 0.2
    manager.set_evaluation_share(0.5)
    wait_until(lambda: accuracy_curves(run, stored_results(run)).count)
    manager.set_evaluation_share(0.0)
    time.sleep(0.5)
    count = accuracy_curves(run, stored_results(run)).count
    time.sleep(0.5)
    assert accuracy_curves(run, stored_results(run)).count == count
    with pytest.raises(ValueError, match="from 0 up to below 1"):
        manager.set_evaluation_share(1.0)
    manager.stop()
    wait_until(lambda: job.state == "stopped")


def test_a_gauge_that_fails_says_why_and_the_run_goes_on(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self, training):
        raise OSError("no such luck")

    monkeypatch.setattr(online_evaluation.OnlineEvaluation, "_events", fail)
    job, run = whole(manager, RUN, 0.4)
    assert run.status() is Status.FINISHED
    assert job.snapshot is not None
    assert job.snapshot.online_evaluation is not None
    assert "no such luck" in job.snapshot.online_evaluation.error


def test_at_step_pace_nothing_is_trained_between_two_clicks(manager: JobManager) -> None:
    job, run = started(manager, RUN, 0.9, speed="step")
    for _ in range(5):
        manager.throttle.step()
    time.sleep(0.3)
    assert accuracy_curves(run, stored_results(run)).count == 0
    manager.stop()
    wait_until(lambda: job.state == "stopped")


def test_a_slow_iteration_takes_no_longer_for_what_is_trained_within_it() -> None:
    gate, took = Throttle("slow"), []
    assert gate.wait(1, lambda: None)
    for iteration in (2, 3, 4, 5):  # a busy machine has quiet moments
        began = time.monotonic()
        while time.monotonic() - began < 0.1:
            assert gate.wait(None, lambda: None)
            time.sleep(0.005)
        assert gate.wait(iteration, lambda: None)
        took.append(time.monotonic() - began)
    assert min(took) < 0.17


def test_results_of_the_quick_protocol_stand_in_no_table_of_another(manager: JobManager) -> None:
    _, run = whole(manager, RUN, 0.4, evaluate=EvaluateConfig(repeats=2, epochs=3))
    last = [
        result for result in stored_results(run) if result.kind == "condensed" and result.iteration == 300
    ]
    assert [result.protocol.epochs for result in last] == [4, 3]
    evaluated = latest_results(evaluation_results(run), 300)
    assert {result.protocol.epochs for result in evaluated} == {3}
    assert {result.kind for result in evaluated} == {"condensed", "random_real", "all_real"}
    assert all(is_quick(result.protocol, result.kind) for result in stored_online(run))


def test_a_test_by_the_same_training_takes_the_place_of_the_last_point(manager: JobManager) -> None:
    """One number for one thing: the last images are tested once, by the networks of the fuller test."""
    _, run = whole(manager, RUN, 0.4, evaluate=FAST.model_copy(update={"repeats": 3}))
    last = accuracy_curves(run, stored_results(run)).by_set["real-1"][-1]
    assert (last.iteration, last.n) == (300, 3)
    learned = [result for result in stored_results(run) if result.kind == "condensed"]
    assert [result.n for result in learned if result.iteration == 300] == [3]


def test_a_run_too_short_for_a_round_within_its_share_ends_without_one(manager: JobManager) -> None:
    _, run = whole(manager, RUN.model_copy(update={"iterations": 2}), 0.01)
    assert stored_online(run) == (), "who wants no test at the end does not wait for one"
    assert missing_curve_text(run, view_of_folder(run)).startswith("This run was too short for a test")


def test_the_last_images_of_a_resumed_run_are_tested_however_short_the_rest_is(manager: JobManager) -> None:
    job, run = started(manager, RUN.model_copy(update={"iterations": 100_000}), 0.9)
    wait_until(lambda: accuracy_curves(run, stored_results(run)).by_set)
    manager.stop()
    wait_until(lambda: job.state == "stopped")
    again = resume(manager, run.id, run.iteration() + 2, evaluation_share=0.01)
    assert ended(again, seconds=200) == "finished", again.error
    last = accuracy_curves(run, stored_results(run)).by_set["real-1"][-1]
    assert last.iteration == run.iteration()


def test_the_quick_protocol_is_told_from_its_neighbours() -> None:
    assert is_quick(QUICK)
    assert is_quick(QUICK.model_copy(update={"augment": ("color", "crop", "cutout", "scale", "rotate")}))
    assert not is_quick(QUICK.model_copy(update={"augment": ()}))
    assert not is_quick(QUICK.model_copy(update={"epochs": QUICK.epochs + 1}))
    assert not is_quick(QUICK.model_copy(update={"networks": ("alexnet",)}))
    assert not is_quick(QUICK.model_copy(update={"seed": 1}))
    assert is_quick(whole_set_protocol(QUICK), "all_real")


def test_an_empty_chart_says_what_to_do(manager: JobManager, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = whole(manager, RUN, 0.0)
    view = view_of_folder(run)
    assert "for the next run" in missing_curve_text(run, view)
    assert all(line in figure_text(run) for line in missing_curve_text(run, view).split("\n"))
    monkeypatch.setattr("app.views.watch.online_evaluation_view.get_manager", lambda: manager)
    at_work = replace(view, live=True, status=Shown.RUNNING)
    assert missing_curve_text(run, at_work).startswith("First point: the newest images")
    assert "then earlier and later ones, and random real images" in missing_curve_text(run, at_work)
    assert "guessing 10\u00a0%" in live_online_evaluation(at_work, run).alt.replace(" %", "\u00a0%"), (
        "known before any network is trained"
    )
    assert missing_curve_text(run, replace(at_work, status=Shown.PAUSED)).startswith("Paused: ")
    tested = EvaluationProgress("real-1", "condensed", "convnet", 1, 2, 3, 4, 0.5, 40.0)
    assert "does not run in this app" not in missing_curve_text(run, replace(at_work, evaluation=tested))
    assert "being tested now" in missing_curve_text(run, replace(at_work, evaluation=tested))
    assert "does not run in this app" in missing_curve_text(run, replace(at_work, live=False))


def test_an_empty_chart_promises_no_point_that_does_not_come(
    manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, run = whole(manager, RUN, 0.0)
    page = "app.views.watch.online_evaluation_view"
    monkeypatch.setattr(f"{page}.get_manager", lambda: manager)
    monkeypatch.setattr(f"{page}.job_estimate", lambda _: Look(Estimate(20.0, 20.0)))
    begun = replace(
        view_of_folder(run), live=True, status=Shown.RUNNING, iteration=0, iterations_per_second=1.0
    )
    assert "the newest images\nin about" in missing_curve_text(run, begun)
    assert "may end before its first point" in missing_curve_text(run, replace(begun, iteration=250))
    at_click = SimpleNamespace(evaluation_share=0.2, throttle=Throttle("step"))
    monkeypatch.setattr(f"{page}.get_manager", lambda: at_click)
    assert missing_curve_text(run, begun).startswith("Step by step, no networks are trained")


def point(iteration: int, mean: float, std: float) -> StoredResult:
    return StoredResult(
        set="only",
        iteration=iteration,
        network="convnet",
        mean=mean,
        std=std,
        n=2,
        accuracies=(mean, mean),
        protocol=QUICK,
        kind="condensed",
        created="",
    )


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_the_figure_spans_the_run_and_keeps_labels_apart(scale: str) -> None:
    points = [point(0, 60.0, 2.0), point(100, 80.0, 1.0)]
    near = [point(0, 61.0, 2.0), point(100, 80.1, 1.0)]
    level = point(0, 60.0, 2.0)
    figure = online_evaluation_figure({"a": points, "b": near, "<i>": []}, {"real": level}, 500, scale=scale)
    traces = figure["data"]
    assert [trace["name"] for trace in traces] == ["real", "real", "a", "b"]
    assert traces[2]["x"] == ([1, 100] if scale == "log" else [0, 100])
    assert traces[2]["error_y"]["array"] == [2.0, 1.0]
    assert "2\u00a0networks" in traces[2]["customdata"][0]
    first, second = figure["layout"]["annotations"][:2]
    assert abs(first["yshift"] - second["yshift"]) > 15
    assert figure["layout"]["xaxis"]["type"] == scale
