"""kill -9 in the middle of gradient matching: the iteration is done again, the run ends as an unbroken one.

Of an iteration's state nothing is stored but its beginning: the network that was in training is trained anew.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from support.kill import RecordingServer
from support.run_equality import assert_equal_runs

from dmcore.config import DsaConfig
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

CONFIG = DsaConfig(
    dataset="digits",
    width=4,
    depth=2,
    real_batch=8,
    images_per_class=1,
    outer_steps=2,
    inner_epochs=5,
    iterations=6,
)
EPOCHS = CONFIG.iterations * (CONFIG.loops.outer - 1) * CONFIG.loops.inner
"""Of all networks of the run together."""


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[[], RunFolder]:
    digits = load_dataset("digits")
    return lambda: create_run(tmp_path, CONFIG, digits, Plan(threads=1, channels_last=True, piece=32))


def unbroken_run(server: RecordingServer, new_run: Callable[[], RunFolder]) -> RunFolder:
    run = new_run()
    server.ask(run)
    assert server.outcome() == "done"
    return run


def assert_sound_and_equal(run: RunFolder, unbroken: RunFolder) -> None:
    assert newest_checkpoint(run.checkpoint_folder).damaged == ()
    assert run.losses("real-1").iteration.tolist() == list(range(1, CONFIG.iterations + 1))
    assert_equal_runs(run, unbroken)


def test_twenty_kills_inside_the_training_of_networks_change_nothing(
    server: RecordingServer, new_run: Callable[[], RunFolder]
) -> None:
    unbroken, chance, kills = unbroken_run(server, new_run), random.Random(5), 0
    while kills < 20:
        run, finished = new_run(), False
        while not finished:
            server.ask(run, die_at_epoch=chance.randint(1, EPOCHS // 2) if kills < 20 else None)
            finished = server.outcome() == "done"
            if not finished:
                kills += 1
                assert run.status() is not Status.RUNNING
        assert_sound_and_equal(run, unbroken)


def test_twenty_kills_at_random_moments_change_nothing(
    server: RecordingServer, new_run: Callable[[], RunFolder]
) -> None:
    began = time.monotonic()
    unbroken, chance, kills = unbroken_run(server, new_run), random.Random(3), 0
    took = time.monotonic() - began
    while kills < 20:
        run, finished = new_run(), False
        while not finished:
            process = server.ask(run)
            if kills < 20:
                time.sleep(chance.uniform(0, took))
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            finished = server.outcome() == "done"
            kills += not finished
        assert_sound_and_equal(run, unbroken)
