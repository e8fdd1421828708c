"""Accuracy while a run is at work: one point alone is no curve, and it is said when the next one comes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.recorded_runs import recorded, store

from app.data.stored_results import stored_results
from app.jobs.run_view import OnlineEvaluationStatus
from app.jobs.timings import workers_here
from app.run.run_view import view_of_folder
from app.text.status import Status
from app.views.watch import online_evaluation_view
from app.views.watch.online_evaluation_view import next_point_text
from dmcore.config import SetChange
from dmcore.config.formatting import duration
from dmcore.config.protocols import QUICK
from dmcore.execution.cost import Workload
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves
from dmcore.runs.results.evaluation_tasks import EvaluationProgress, EvaluationTask
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime

SHARE = 0.2
TESTING = EvaluationProgress("only", "condensed", "convnet", 2, 5, 30, 200, 0.34, 40.0)
FINAL = OnlineEvaluationStatus(OnlineEvaluationTime(share=SHARE), final=True)


def seconds_of(workload: Workload) -> float:
    return sum(count for _, count in workload.counts)


@pytest.fixture(autouse=True)
def manager(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A manager whose machine takes a second for a piece of any kind."""
    manager = SimpleNamespace(evaluation_share=SHARE, throttle=SimpleNamespace(speed="full"))
    monkeypatch.setattr(online_evaluation_view, "get_manager", lambda: manager)
    monkeypatch.setattr(
        online_evaluation_view,
        "job_estimate",
        lambda workload: SimpleNamespace(value=SimpleNamespace(seconds=seconds_of(workload))),
    )
    return manager


@pytest.fixture
def one_point(tmp_path: Path) -> RunFolder:
    return recorded(tmp_path, {0: (50.0, 51.0)}, QUICK)


def told(run: RunFolder, **changes: Any) -> str:
    view = replace(view_of_folder(run), **{"live": True, "status": Status.RUNNING, **changes})
    return next_point_text(run, view, accuracy_curves(run, stored_results(run)))


def within(run: RunFolder, tests: int) -> str:
    """What is said where so many tests of a set come before the end of the next point."""
    task = EvaluationTask(run, run.set_names[0], "condensed", QUICK)
    one = seconds_of(task.workload(run.description.data.data_shape, workers_here()))
    return f"One point is no curve yet: the next within about {duration(tests * one / SHARE)}"


def test_one_point_alone_is_told_to_be_no_curve_and_by_when_the_next_comes(
    one_point: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(one_point) == within(one_point, 1), "random real images come after it"
    store(one_point, 0, (40.0,), QUICK, "random_real")
    assert told(one_point) == within(one_point, 1)
    monkeypatch.setattr(online_evaluation_view, "job_estimate", lambda workload: SimpleNamespace(value=None))
    assert told(one_point) == "One point is no curve yet: the next is being computed"


def test_the_other_sets_have_their_first_point_before_one_has_its_second(tmp_path: Path) -> None:
    run = recorded(tmp_path, {0: (50.0,)}, QUICK, sets=(SetChange(init="noise"), SetChange(init="real")))
    assert len(run.set_names) == 2
    assert told(run) == within(run, 2 + 2), "the first point of both sets, then the second"


def test_no_point_is_promised_for_after_the_end(one_point: RunFolder) -> None:
    at_the_end = {"iteration": 3999, "iterations": 4000, "iterations_per_second": 10.0}
    assert told(one_point, **at_the_end) == "One point is no curve yet: the next once the run has ended"


@pytest.mark.parametrize(
    "changes",
    [{"status": Status.STOPPED}, {"evaluation": TESTING}, {"online_evaluation": FINAL}, {"live": False}],
    ids=str,
)
def test_it_is_told_only_while_the_run_condenses(one_point: RunFolder, changes: dict[str, Any]) -> None:
    assert told(one_point, **changes) == ""


@pytest.mark.parametrize(
    "turn_off",
    [
        lambda manager: setattr(manager, "evaluation_share", 0.0),
        lambda manager: setattr(manager.throttle, "speed", "step"),
    ],
    ids=["off", "step by click"],
)
def test_it_is_told_only_where_networks_are_trained(
    manager: SimpleNamespace, one_point: RunFolder, turn_off: Callable[[SimpleNamespace], None]
) -> None:
    turn_off(manager)
    assert told(one_point) == ""


@pytest.mark.parametrize("accuracies", [{}, {0: (50.0,), 100: (60.0,)}], ids=["none", "two"])
def test_it_is_told_of_one_point_alone(tmp_path: Path, accuracies: dict[int, tuple[float, ...]]) -> None:
    assert told(recorded(tmp_path, accuracies, QUICK)) == ""
