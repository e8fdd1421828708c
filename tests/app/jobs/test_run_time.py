"""Remaining time of a run: near the truth once it is shown, steady, and with the tests that follow."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.small_runs import TINY

from app.jobs import run_time
from app.jobs.run_time import RunTime
from app.jobs.steady_time import FASTEST, SteadyTime
from app.jobs.throttle import Speed, least_seconds
from dmcore.data.load import load_dataset
from dmcore.execution.cost import NO_WORKLOAD, Workload, condensation_workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import LoadSample, MachineLoad
from dmcore.execution.plan import make_plan
from dmcore.execution.remaining_time import RemainingTime
from dmcore.execution.speed_record import SpeedRecord
from dmcore.runs.creation import create_run

ITERATIONS = 500
EACH = 0.1
"""Seconds of an iteration by the record."""
QUIET = MachineLoad(lambda: LoadSample(0.0, 0.0, 0.0, 0.0), cores=2)


class SlowClock:
    """A run on a clock of its own: iterations of one length, and networks tested between them."""

    def __init__(self, folder: Path, speed: Speed, share: float, tests: float, patch: Any) -> None:
        config = TINY.model_copy(update={"iterations": ITERATIONS})
        dataset = load_dataset("digits")
        plan = make_plan(config, dataset.shape, 10, "cpu")
        run = create_run(folder, config, dataset, plan, "")
        data = run.description.data.data_shape
        workload = condensation_workload(config, data)
        pieces = workload.pieces
        record = SpeedRecord(folder / "speeds", "here")
        record.add(dict.fromkeys(pieces, EACH / len(pieces)))
        self.now = self.slowed = self.spent = 0.0
        throttle = SimpleNamespace(clock=lambda: self.now, slowed=0.0)
        self.throttle, self.share, self.speed = throttle, share, speed
        job = SimpleNamespace(throttle=throttle, speed=speed, evaluation_share=share)
        self.online = SimpleNamespace(goes_on=True, spent=0.0)

        def timer(work: Workload, _device: str, clock: Any, done: float) -> JobTimer:
            return JobTimer(work, record, QUIET, 2, clock, done)

        patch.setattr(run_time, "start_timer", timer)
        after = workload * (tests / (EACH * ITERATIONS)) if tests else NO_WORKLOAD
        self.time = RunTime(job, run, self.online, "cpu", after)  # type: ignore[arg-type]

    def run(self, later: float, first: float = 0.0, slow: int = 0) -> list[tuple[float, float]]:
        """(seconds passed, total shown) at every iteration at which one is.

        Args:
            later: seconds of an iteration.
            first: of the `slow` first ones.
        """
        shown = []
        for iteration in range(ITERATIONS + 1):
            each = first if iteration < slow else later
            left = self.time.seconds_left(iteration)
            assert left is not None or not shown, "a shown time goes away"
            if left is not None:
                shown.append((self.now, self.now + left))
            wait = max(0.0, least_seconds(iteration) - each) if self.speed == "slow" else 0.0
            tested = (each + wait) * self.share / (1 - self.share)
            self.now += each + wait + tested
            self.throttle.slowed += wait
            self.online.spent += tested
        return shown


def most_change(shown: list[tuple[float, float]]) -> float:
    """Greatest factor between two of the shown times of which at least five seconds are left."""
    left = [total - passed for passed, total in shown if total - passed >= 5]
    return max(max(one, other) / min(one, other) for one, other in pairwise(left))


@pytest.mark.parametrize("speed", ["full", "slow"])
@pytest.mark.parametrize(("factor", "within"), [(0.5, 12), (1.0, 5), (3.0, 12), (10.0, 25)])
def test_the_first_shown_total_is_right_and_does_not_rise_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: Speed, factor: float, within: float
) -> None:
    tests = 20.0
    clock = SlowClock(tmp_path, speed, 0.2, tests, monkeypatch)
    shown = clock.run(EACH * factor)
    truth = shown[-1][0] + tests * factor
    totals = [total for _, total in shown]
    assert shown[0][0] <= within, "the longer it contradicts the prediction, the later"
    assert totals[0] == pytest.approx(truth, rel=0.2)
    assert max(totals) < 1.1 * totals[0]
    assert totals[-1] == pytest.approx(truth, rel=0.1), "with the tests that follow"


@pytest.mark.parametrize(("first", "slow"), [(1.5, 3), (3.0, 1), (0.5, 20), (1.0, 10)])
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_slow_first_iterations_are_not_taken_for_the_pace_and_no_shown_time_jumps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: float, slow: int, factor: float
) -> None:
    shown = SlowClock(tmp_path, "full", 0.0, 0.0, monkeypatch).run(EACH * factor, first, slow)
    truth = shown[-1][0]
    assert shown[0][0] < slow * first + 10
    for _, total in shown:
        assert total == pytest.approx(truth, rel=0.35)
    assert most_change(shown) < 1.35, "an iteration is long beside five seconds"


def test_a_shown_time_glides_where_the_pace_changes_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = SlowClock(tmp_path, "full", 0.0, 0.0, monkeypatch).run(5 * EACH, EACH, 150)
    assert most_change(shown) < 1.35
    assert shown[-1][1] == pytest.approx(shown[-1][0], abs=1)


def test_a_job_without_a_prediction_shows_none_before_its_pace_is_even() -> None:
    remaining, now = RemainingTime(), 0.0
    first: tuple[float, float] | None = None
    for iteration in range(200):
        remaining.take(now, iteration / 200)
        if remaining.steady and first is None:
            assert remaining.seconds is not None
            first = now, remaining.seconds
        now += 2.0 if iteration < 3 else 0.2
    assert first is not None
    assert sum(first) == pytest.approx(now, rel=0.1)


def test_a_shown_time_counts_down_and_glides_to_what_differs_clearly() -> None:
    steady = SteadyTime()
    assert steady.take(0.0, 60.0) == 60
    assert steady.take(10.0, 52.0) == 50
    assert steady.take(20.0, 39.0) == 40
    assert steady.take(30.0, 60.0) == 60
    assert steady.take(31.0, 300.0) == pytest.approx(59 * FASTEST)
    assert steady.take(61.0, 10.0) == 10
    assert steady.take(95.0, 0.0) == pytest.approx(0, abs=0.1)
    assert SteadyTime().take(1e6, 60.0) == 60, "a clock may begin anywhere"
