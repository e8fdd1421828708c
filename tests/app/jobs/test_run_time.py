"""Remaining time of a run: near the truth within seconds, steady, and with the tests that follow."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.small_runs import TINY

from app.jobs import run_time
from app.jobs.run_time import RunTime
from app.jobs.steady_time import SteadyTime
from app.jobs.throttle import Speed, least_seconds
from dmcore.data.load import load_dataset
from dmcore.execution.cost import NO_WORKLOAD, Workload, condensation_workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import LoadSample, MachineLoad
from dmcore.execution.plan import make_plan
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

    def run(self, each: float) -> list[tuple[float, float]]:
        """(seconds passed, total shown) at every iteration, `each` seconds long."""
        shown = []
        for iteration in range(ITERATIONS + 1):
            left = self.time.seconds_left(iteration)
            assert left is not None
            shown.append((self.now, self.now + left))
            wait = max(0.0, least_seconds(iteration) - each) if self.speed == "slow" else 0.0
            tested = (each + wait) * self.share / (1 - self.share)
            self.now += each + wait + tested
            self.throttle.slowed += wait
            self.online.spent += tested
        return shown


@pytest.mark.parametrize("speed", ["full", "slow"])
@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0, 10.0])
def test_the_total_is_right_after_five_seconds_and_does_not_rise_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, speed: Speed, factor: float
) -> None:
    tests = 20.0
    clock = SlowClock(tmp_path, speed, 0.2, tests, monkeypatch)
    shown = clock.run(EACH * factor)
    truth = shown[-1][0] + tests * factor
    later = [total for passed, total in shown if passed >= 5]
    assert later[0] == pytest.approx(truth, rel=0.2)
    assert max(later) < 1.1 * later[0]
    assert shown[-1][1] == pytest.approx(truth, rel=0.1), "with the tests that follow"


def test_the_estimate_begins_with_what_is_known_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SlowClock(tmp_path, "full", 0.2, 20.0, monkeypatch)
    (_, total), *_ = clock.run(3 * EACH)
    assert total == pytest.approx(EACH * ITERATIONS / 0.8 + 20, rel=0.05)


def test_a_shown_time_counts_down_and_follows_only_what_differs_clearly() -> None:
    steady = SteadyTime()
    assert steady.take(0.0, 60.0) == 60
    assert steady.take(10.0, 52.0) == 50
    assert steady.take(20.0, 39.0) == 40
    assert steady.take(30.0, 60.0) == 60
    assert steady.take(95.0, 0.0) == 0
