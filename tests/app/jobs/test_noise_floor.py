"""The noise floor on the loss chart: one rule while a run is live and when it is read from its folder."""

import time
from pathlib import Path

import numpy as np
import pytest
from support.run_equality import noise_floors

from app.jobs.snapshot_builder import SnapshotBuilder
from app.run.run_view import view_of_folder
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs import recorder
from dmcore.runs.creation import create_run
from dmcore.runs.curves import StoredCurves
from dmcore.runs.recorder import record
from tests.support.small_runs import TINY

CONFIG = TINY.model_copy(update={"iterations": 9})
MEASURED = (1, 2, 4, 8)
"""Iterations up to 9 at which the noise floor is measured."""


def test_live_noise_floor_is_that_of_the_folder_at_the_same_iteration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "FLUSH_SECONDS", 0.0)
    dataset = load_dataset("digits")
    run = create_run(tmp_path, CONFIG, dataset, make_plan(CONFIG, dataset.shape, 10, "cpu"))
    builder, live_values = SnapshotBuilder(run, time.monotonic), {}
    for step in record(run, dataset):
        builder.take(step)
        snapshot = builder.build()
        assert snapshot is not None
        stored = StoredCurves(run)
        stored.refresh()
        assert (snapshot.iteration, snapshot.noise_floor) == (stored.iteration, stored.noise_floor())
        live_values[snapshot.iteration] = snapshot.noise_floor

    by_measurement = np.mean([*noise_floors(run).values()], axis=1)
    for count, iteration in enumerate(MEASURED, start=1):
        assert live_values[iteration] == pytest.approx(float(by_measurement[:count].mean()))
    assert live_values[9] != pytest.approx(float(by_measurement[-1]))  # not the latest measurement
    assert view_of_folder(run).noise_floor == live_values[9]  # the line stays where it is when the run ends
