"""Speeds of this machine: one record and one load for all threads of the process."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.jobs import speeds


def results_of_first_calls(ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch, slow: str) -> set[int]:
    """Identities of what eight threads get that call at once, while making the value takes long."""
    make = getattr(speeds, slow)

    def made_slowly(*arguments: object, **named: object) -> object:
        time.sleep(0.05)
        return make(*arguments, **named)

    monkeypatch.setattr(speeds, slow, made_slowly)
    barrier = threading.Barrier(8)

    def call(_: int) -> object:
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(8) as threads:
        return {id(value) for value in list(threads.map(call, range(8)))}


def test_first_calls_at_once_get_one_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DM_CACHE", str(tmp_path))
    assert len(results_of_first_calls(lambda: speeds.record_of("cpu"), monkeypatch, "SpeedRecord")) == 1


def test_the_record_of_a_device_stays_the_same_while_another_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DM_CACHE", str(tmp_path))
    first = speeds.record_of("cpu")
    assert speeds.record_of("mps") is not first
    assert speeds.record_of("cpu") is first


def test_first_calls_at_once_get_one_load(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds._load.cache_clear()
    assert len(results_of_first_calls(speeds.machine_load, monkeypatch, "MachineLoad")) == 1
