"""Thread pool of an iteration: parallel results equal sequential ones."""

import threading

import pytest
import torch

from dmcore.execution.workers import parallel_map, round_robin


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_keep_the_order_of_the_items(workers):
    assert parallel_map(lambda item: item * item, range(10), workers) == [item * item for item in range(10)]


@pytest.mark.timed
def test_two_items_really_run_in_parallel():
    meeting = threading.Barrier(2, timeout=10)
    parallel_map(lambda _item: meeting.wait(), range(2), workers=2)


def test_an_exception_in_a_worker_is_raised_by_the_caller():
    with pytest.raises(ZeroDivisionError):
        parallel_map(lambda item: 1 / item, [1, 0, 2], workers=2)


def test_round_robin_interleaves_generators_and_the_next_replaces_a_finished_one():
    def letters(name, count):
        for number in range(count):
            yield f"{name}{number}"

    together = round_robin(
        (letters(name, count) for name, count in (("a", 3), ("b", 1), ("c", 2))), workers=2
    )
    assert list(together) == ["a0", "b0", "a1", "a2", "c0", "c1"]
    one_by_one = round_robin((letters(name, 2) for name in "ab"), workers=1)
    assert list(one_by_one) == ["a0", "a1", "b0", "b1"]


def test_a_worker_has_one_torch_thread_whatever_the_process_has_when_its_pool_grows():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        counts = parallel_map(lambda _item: torch.get_num_threads(), range(20), workers=5)
    finally:
        torch.set_num_threads(before)
    assert set(counts) == {1}
