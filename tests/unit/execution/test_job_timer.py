"""Timer of a job: a measurement that fails, parts that it did not come to, and what is there already."""

from pathlib import Path

import pytest

from dmcore.bench.estimate import start_timer
from dmcore.config import NetworkSpec
from dmcore.execution.cost import Piece, Workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import LoadSample, MachineLoad
from dmcore.execution.plan import evaluation_plan
from dmcore.execution.speed_record import SpeedRecord

UPDATE, OTHER = (
    Piece(kind="update", network=spec, shape=(1, 8, 8), classes=10, images=10)
    for spec in (NetworkSpec(width=16, depth=2), NetworkSpec(network="mlp"))
)
QUIET = MachineLoad(lambda: LoadSample(0.0, 0.0, 0.0, 0.0), cores=2)


def test_measurement_that_fails_stops_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_arguments: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr("dmcore.bench.estimate.measure_pieces", out_of_memory)
    timer = start_timer(Workload(((UPDATE, 1e6),)), evaluation_plan("cpu"), tmp_path)
    assert timer.estimate.seconds > 60


def test_stopped_job_says_nothing_about_parts_that_it_did_not_come_to(tmp_path: Path) -> None:
    SpeedRecord(tmp_path, "here").add({UPDATE: 0.01})
    first, second = Workload(((UPDATE, 1000.0),)), Workload(((OTHER, 1000.0),))
    speeds, now = SpeedRecord(tmp_path, "here"), [0.0]
    timer = JobTimer(first + second, speeds, QUIET, 2, lambda: now[0])
    timer.begin_part(first)
    now[0] = 50.0
    timer.take_part(0.9)
    timer.close()
    stored = SpeedRecord(tmp_path, "here")
    assert stored.piece_seconds(UPDATE) > 0.02
    assert stored.missing(second) == (OTHER,), "it was scaled, and not worked on"


def test_the_pace_of_the_job_before_predicts_and_is_no_load_of_the_machine(tmp_path: Path) -> None:
    speeds, now = SpeedRecord(tmp_path, "here"), [0.0]
    speeds.add({UPDATE: 0.1})
    timer = JobTimer(Workload(((UPDATE, 1000.0),)), speeds, QUIET, 2, lambda: now[0], pace=3.0)
    assert timer.estimate.seconds == pytest.approx(300, rel=0.05)
    assert timer.slowdown == timer.estimate.slowdown == 1.0
    assert "other programs" not in timer.left_text + timer.estimate.text
    for done in range(101):
        now[0] = 0.3 * done
        timer.take(done / 100)
    assert timer.pace == pytest.approx(3.0 * 30 / 300, rel=0.1)
    timer.take(1.0)
    timer.close()
    assert speeds.piece_seconds(UPDATE) < 0.1, "it took 0.03 s each, on a machine that did nothing else"


def test_what_is_there_already_has_no_pace(tmp_path: Path) -> None:
    speeds, now = SpeedRecord(tmp_path, "here"), [0.0]
    speeds.add({UPDATE: 0.1})
    timer = JobTimer(Workload(((UPDATE, 1000.0),)), speeds, QUIET, 2, lambda: now[0])
    timer.take(0.0)
    timer.skip(0.5)
    assert timer.seconds_left == pytest.approx(50, rel=0.05)
    for done in range(1, 26):
        now[0] = float(done)
        timer.take(0.5 + done / 100)
    assert timer.seconds_left == pytest.approx(25, rel=0.05)
    timer.close()
    assert speeds.piece_seconds(UPDATE) == pytest.approx(0.1, rel=0.05)
