"""A tick of the Watch page costs the same however long the run is: in bytes, points and events read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.live_routes import live_client
from support.long_runs import TICK, LongRun, ask
from support.run_equality import noise_floors
from support.waiting import until_instance

from app.jobs.manager import JobManager
from app.jobs.run_view import RunView
from app.run.run_view import view_of_folder
from dmcore.runs.events import EventTail, truncate_events

SHORT, LONG = 1000, 6000
NEW = 7


@pytest.fixture
def long_run(process_manager: JobManager) -> LongRun:
    return LongRun(process_manager.runs_root)


@pytest.fixture
def events_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each look at a run's folder has read."""
    counts: list[int] = []
    read = EventTail.read

    def counted(self: EventTail) -> list[dict[str, Any]]:
        events = read(self)
        counts.append(len(events))
        return events

    monkeypatch.setattr(EventTail, "read", counted)
    return counts


def seen_at(run: LongRun, iteration: int) -> RunView:
    """The view, once it has been looked at so late: looks at a folder keep a distance."""

    def look() -> RunView | None:
        view = view_of_folder(run.run)
        return view if view.iteration == iteration else None

    view: RunView = until_instance(look, RunView)
    return view


def points_of(loss: bytes) -> list[int]:
    return [len(trace["x"]) for trace in json.loads(json.loads(loss)["figure"])["data"]]


def test_five_thousand_iterations_more_add_less_than_a_tenth_to_a_tick(
    process_manager: JobManager, long_run: LongRun
) -> None:
    answers = {}
    for length in (SHORT, LONG):
        long_run.go_on_to(length)
        seen_at(long_run, length)
        with live_client() as client:  # a server of its own: what it has observed may be kept for two seconds
            answers[length] = {name: ask(client, long_run.run, name) for name in TICK}
    short, long = (sum(map(len, answers[length].values())) for length in (SHORT, LONG))
    assert short < long < 1.1 * short
    assert len(answers[LONG]["loss"]) < 1.1 * len(answers[SHORT]["loss"])
    assert points_of(answers[LONG]["loss"]) == points_of(answers[SHORT]["loss"])


def test_a_look_at_a_long_run_reads_only_what_is_new(long_run: LongRun, events_read: list[int]) -> None:
    read = {}
    for length in (SHORT, LONG):
        long_run.go_on_to(length)
        seen_at(long_run, length)
        events_read.clear()
        long_run.go_on_to(length + NEW)
        seen_at(long_run, length + NEW)
        read[length] = list(events_read)
    assert read == {SHORT: [NEW], LONG: [NEW]}


def test_curves_read_bit_by_bit_are_those_of_the_whole_file(long_run: LongRun) -> None:
    for length in (10, 300, 301):
        long_run.go_on_to(length)
        view = seen_at(long_run, length)
    assert set(view.loss) == set(long_run.run.set_names)
    for name, (iterations, loss) in view.loss.items():
        stored = long_run.run.losses(name)
        assert iterations.tolist() == stored.iteration.tolist()
        assert loss.tolist() == stored.loss.mean(axis=1).tolist()
    assert view.noise_floor == pytest.approx(float(np.mean([*noise_floors(long_run.run).values()])))


def test_a_run_that_was_cut_back_is_read_anew(long_run: LongRun) -> None:
    long_run.go_on_to(300)
    seen_at(long_run, 300)
    truncate_events(long_run.run.events_file, 200)
    for name in long_run.run.set_names:
        for file in Path(long_run.run.snapshot_folder(name)).glob("*.safetensors"):
            if int(file.stem) > 200:
                file.unlink()
    view = seen_at(long_run, 200)
    assert {int(iterations[-1]) for iterations, _ in view.loss.values()} == {200}
