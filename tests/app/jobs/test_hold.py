"""A job held for a short test: it stands between two steps, says why, and loses nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.jobs import ended, start
from support.waiting import until

from app.jobs.job import Job
from app.jobs.manager import JobManager
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.runs.description import Status
from dmcore.runs.runs_root import open_run

TINY = CondenseConfig(
    dataset="digits",
    images_per_class=1,
    width=8,
    depth=1,
    real_batch=8,
    iterations=12,
    sets=(SetChange(init="noise"),),
)
LONG = TINY.model_copy(update={"iterations": 100_000})


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[JobManager]:
    manager = JobManager(tmp_path / "runs")
    yield manager
    manager.shutdown()


def reached(job: Job, iteration: int) -> None:
    until(lambda: job.snapshot is not None and job.snapshot.iteration >= iteration)


def iteration_of(job: Job) -> int:
    assert job.snapshot is not None
    return job.snapshot.iteration


def test_a_held_run_stands_still_says_why_and_goes_on(manager: JobManager) -> None:
    job = start(manager, LONG)
    reached(job, 2)
    manager.hold(True)
    until(lambda: job.state == "waiting for a short test")
    assert job.active
    assert not job.held, "nobody has paused it"
    assert job.run_id is not None
    assert open_run(job.run_id, manager.runs_root).status() is Status.RUNNING
    stood, began, clock = iteration_of(job), time.monotonic(), job.throttle.clock()
    time.sleep(0.5)
    assert iteration_of(job) == stood
    manager.hold(False)
    until(lambda: job.state == "running" and iteration_of(job) > stood)
    assert job.throttle.clock() - clock < time.monotonic() - began - 0.4, "the wait is not counted"
    manager.stop()
    assert ended(job) == "stopped"


def test_results_are_the_same_with_a_hold_or_without(manager: JobManager) -> None:
    snapshots = []
    for held in (False, True):
        job = start(manager, TINY, speed="step" if held else "full")
        if held:
            reached(job, 0)
            manager.hold(True)
            until(lambda job=job: job.state == "waiting for a short test")  # type: ignore[misc]
            manager.throttle.step()
            time.sleep(0.2)
            assert iteration_of(job) == 0, "a step that a person asks for waits, too"
            manager.hold(False)
            reached(job, 1)
            assert iteration_of(job) == 1
            manager.throttle.set_speed("full")
        assert ended(job) == "finished"
        assert job.run_id is not None
        snapshots.append(open_run(job.run_id, manager.runs_root).snapshot("noise-1"))
    assert np.array_equal(snapshots[0].pixels, snapshots[1].pixels)
    assert np.array_equal(snapshots[0].momentum, snapshots[1].momentum)


def test_an_evaluation_is_held_too(manager: JobManager) -> None:
    job = start(manager, TINY, evaluate=EvaluateConfig(repeats=50, epochs=20))
    until(lambda: job.snapshot is not None and job.snapshot.evaluation is not None)
    manager.hold(True)
    until(lambda: job.state == "waiting for a short test")
    stood = job.snapshot
    time.sleep(0.3)
    assert job.snapshot is stood
    manager.hold(False)
    until(lambda: job.snapshot is not stood and job.state == "running")
    manager.stop()
    assert ended(job) == "stopped"


def test_a_pause_outlasts_a_hold_and_a_hold_a_pause(manager: JobManager) -> None:
    job = start(manager, LONG)
    reached(job, 1)
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    manager.hold(True)
    manager.throttle.unpause()
    until(lambda: job.state == "waiting for a short test")
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    manager.hold(False)
    time.sleep(0.2)
    assert job.state == "paused"
    manager.throttle.unpause()
    until(lambda: job.state == "running")
    manager.hold(True)
    until(lambda: job.state == "waiting for a short test")
    manager.stop()
    assert ended(job) == "stopped"
    manager.hold(False)


def test_a_job_that_begins_meanwhile_is_held_when_it_is_wanted_again(manager: JobManager) -> None:
    first = start(manager, LONG)
    second = start(manager, LONG, queue=True)
    reached(first, 1)
    manager.hold(True)
    until(lambda: first.state == "waiting for a short test")
    manager.stop()
    reached(second, 1)
    manager.hold(True)
    until(lambda: second.state == "waiting for a short test")
    manager.hold(False)
    until(lambda: second.state == "running")
    manager.stop()
    assert ended(second) == "stopped"
