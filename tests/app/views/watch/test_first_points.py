"""Accuracy while a run is at work: one point alone is no curve, and it is said when the next one comes."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.recorded_runs import recorded

from app.data.stored_results import stored_results
from app.run.run_view import view_of_folder
from app.text.status import Status
from app.views.watch import online_evaluation_view
from app.views.watch.online_evaluation_view import next_point_text
from dmcore.config.protocols import QUICK
from dmcore.runs.results.accuracy_curves import accuracy_curves


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    manager = SimpleNamespace(evaluation_share=0.2)
    monkeypatch.setattr(online_evaluation_view, "get_manager", lambda: manager)
    return manager


def told(root: Path, accuracies: dict[int, tuple[float, ...]], status: Status = Status.RUNNING) -> str:
    root.mkdir()
    run = recorded(root, accuracies, QUICK)
    view = replace(view_of_folder(run), live=True, status=status)
    return next_point_text(run, view, accuracy_curves(run, stored_results(run)).by_set)


def test_one_point_alone_is_told_to_be_no_curve_and_when_the_next_comes(
    manager: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online_evaluation_view, "_round_text", lambda run, share: "40 s")
    assert told(tmp_path / "one", {0: (50.0, 51.0)}) == "One point is no curve yet: the next in about 40 s"
    monkeypatch.setattr(online_evaluation_view, "_round_text", lambda run, share: "")
    assert told(tmp_path / "unknown", {0: (50.0,)}) == "One point is no curve yet: the next is being computed"


def test_it_is_told_of_a_running_run_alone_that_is_tested(manager: SimpleNamespace, tmp_path: Path) -> None:
    assert told(tmp_path / "two", {0: (50.0,), 100: (60.0,)}) == ""
    assert told(tmp_path / "none", {}) == "", "the middle of the chart says it"
    assert told(tmp_path / "stopped", {0: (50.0,)}, Status.STOPPED) == ""
    manager.evaluation_share = 0.0
    assert told(tmp_path / "off", {0: (50.0,)}) == ""
