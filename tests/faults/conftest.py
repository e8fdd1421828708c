"""A finished run with every small file that a run can have, also damaged; and a process to be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.hostile.damage import copied
from support.kill import RecordingServer
from support.recorded_runs import stored_result
from support.small_runs import TINY, record_run

from dmcore.config import EvaluateConfig
from dmcore.files.checked_json import write_record
from dmcore.runs.description import RunError
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime, write_online_evaluation_time
from dmcore.runs.results.prediction import write_prediction

CONFIG = TINY.model_copy(update={"iterations": 3})
RESULT = stored_result("real-2", 3, (51.25,), EvaluateConfig(epochs=50, repeats=1))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run that has every small file a run can have."""
    run = record_run(tmp_path_factory.mktemp("recorded"), CONFIG, "Two per digit")
    write_record(run.path / "results" / "1.json", RESULT)
    error = RunError(sentence="the disk was full", remedy="free some", iteration=1, kind="storage")
    write_record(run.path / "error.json", error)
    write_prediction(run, 50.0)
    write_online_evaluation_time(run, OnlineEvaluationTime(share=0.1, seconds=1.0, of_seconds=20.0))
    return run


@pytest.fixture
def sound(recorded: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A copy of it that stays sound."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))
    return copied(recorded, tmp_path / "runs" / "20260101-000000-digits-good")


@pytest.fixture
def spoilt(recorded: RunFolder, sound: RunFolder) -> RunFolder:
    """A copy beside it, for damage."""
    return copied(recorded, sound.path.parent / "20260101-000000-digits-spot")


@pytest.fixture(scope="module")
def server() -> Iterator[RecordingServer]:
    """A process that records runs, and may be killed at any moment of one."""
    server = RecordingServer()
    yield server
    server.close()
