"""Time on a quiet machine: waiting counts as far as processor time explains it."""

import time

import pytest

from dmcore.bench.quiet_time import MOST_WAITING, quiet_seconds
from dmcore.execution.workers import parallel_map

COMPUTED, WAITED = 0.05, 0.5
reads_threads = pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="processor time of other threads cannot be read here"
)


def compute(seconds: float) -> None:
    """Use so much processor time."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


def compute_and_wait() -> None:
    compute(COMPUTED)
    time.sleep(WAITED)


@pytest.mark.timed
@reads_threads
def test_waiting_for_a_core_does_not_make_a_computation_longer() -> None:
    seconds = quiet_seconds(compute_and_wait, "cpu")
    assert COMPUTED <= seconds < 1.2 * MOST_WAITING * COMPUTED


@pytest.mark.timed
@reads_threads
def test_workers_side_by_side_take_as_long_as_the_busiest() -> None:
    shares = [COMPUTED, 2 * COMPUTED]
    parallel_map(compute, [0.0, 0.0], 2)  # starts the threads
    seconds = quiet_seconds(lambda: parallel_map(compute, shares, 2), "cpu")
    assert 2 * COMPUTED <= seconds < 1.2 * MOST_WAITING * sum(shares)


@pytest.mark.timed
@reads_threads
def test_many_workers_that_wait_for_pythons_lock_take_as_long_as_one_after_the_other() -> None:
    workers = 8
    parallel_map(compute, [0.0] * workers, workers)  # starts the threads
    seconds = quiet_seconds(lambda: parallel_map(compute, [COMPUTED] * workers, workers), "cpu")
    assert seconds > 0.8 * workers * COMPUTED


def test_on_a_gpu_all_the_time_that_passes_counts() -> None:
    assert quiet_seconds(compute_and_wait, "cuda") >= COMPUTED + WAITED


def test_all_the_time_counts_where_processor_time_of_threads_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(time, "pthread_getcpuclockid", raising=False)
    assert quiet_seconds(compute_and_wait, "cpu") >= COMPUTED + WAITED
