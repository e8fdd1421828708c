"""kill -9 at any moment: the run resumes, ends equal to an unbroken one, and no file is half-written.

A server process imports torch once and forks a recording for every line it is sent, so that twenty kills take
seconds. With a checkpoint after every iteration most kills fall into the writing of one.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from support.kill import RecordingServer
from support.run_equality import assert_equal_runs
from support.waiting import until

from dmcore.config import CondenseConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import Plan
from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.creation import create_run
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]

CONFIG = CondenseConfig(
    dataset="digits",
    width=8,
    depth=2,
    real_batch=8,
    images_per_class=1,
    iterations=40,
    replay=True,
    replay_every=3,
    replay_keep=4,
)


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[[], RunFolder]:
    digits = load_dataset("digits")
    return lambda: create_run(tmp_path, CONFIG, digits, Plan(threads=1))


wait_until = partial(until, seconds=30, interval=0.003)


def wait_for_iteration(run: RunFolder, goal: int) -> None:
    wait_until(lambda: run.iteration() >= goal or run.result() is not None)


def assert_sound_and_equal(run: RunFolder, unbroken: RunFolder) -> None:
    for either in (run, unbroken):
        assert newest_checkpoint(either.checkpoint_folder).damaged == ()
        assert either.losses("real-1").iteration.tolist() == list(range(1, CONFIG.iterations + 1))
    assert_equal_runs(run, unbroken)


def test_twenty_kills_at_random_moments_change_nothing(
    server: RecordingServer, new_run: Callable[[], RunFolder]
) -> None:
    unbroken = new_run()
    server.ask(unbroken)
    assert server.outcome() == "done"

    chance, kills, reached = random.Random(3), 0, []
    while kills < 20:
        run, finished = new_run(), False
        while not finished:
            before = run.iteration()
            process = server.ask(run)
            if kills < 20:
                # A few iterations on, at no particular moment of one: on a busy machine as on a free one.
                wait_for_iteration(run, before + chance.randint(0, 6))
                time.sleep(chance.uniform(0, 0.03))
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            finished = server.outcome() == "done"
            if not finished:
                kills += 1
                assert run.status() is not Status.RUNNING
                assert newest_checkpoint(run.checkpoint_folder).damaged == ()
                reached.append(run.iteration())
        assert_sound_and_equal(run, unbroken)
    assert len(set(reached)) >= 8, "the kills fell at many different moments"


def test_kills_inside_every_durable_write_change_nothing(
    server: RecordingServer, new_run: Callable[[], RunFolder]
) -> None:
    unbroken, run = new_run(), new_run()
    server.ask(unbroken)
    assert server.outcome() == "done"
    for call in range(1, 15):  # from the cutting back on to the second checkpoint
        server.ask(run, die_at_call=call)
        assert server.outcome() is None
        assert newest_checkpoint(run.checkpoint_folder).damaged == ()
    server.ask(run)
    assert server.outcome() == "done"
    assert_sound_and_equal(run, unbroken)


def test_of_two_processes_resuming_one_run_one_works_and_the_other_gets_a_sentence(
    server: RecordingServer, new_run: Callable[[], RunFolder]
) -> None:
    unbroken, run = new_run(), new_run()
    server.ask(unbroken)
    assert server.outcome() == "done"
    server.ask(run, die_at_call=40)
    assert server.outcome() is None
    holder = server.ask(run, together=True)
    wait_until(lambda: run.status() is Status.RUNNING)
    os.kill(holder, signal.SIGSTOP)
    server.ask(run)
    sentence = server.outcome()
    assert sentence is not None
    assert f"run {run.id} is being worked on by process {holder} on " in sentence
    os.kill(holder, signal.SIGCONT)
    assert server.read() == {"outcome": "done"}
    assert_sound_and_equal(run, unbroken)
