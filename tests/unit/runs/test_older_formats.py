"""Every version of the run folder stays readable: each has an asset that is loaded for ever."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from app import ROOT
from dmcore.data.load import load_dataset
from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.runs_root import list_runs, open_run

ASSETS = ROOT / "tests" / "assets"


@pytest.fixture
def stored(tmp_path: Path) -> RunFolder:
    """A copy of the first version's run: two sets, stopped at 6 of 8, evaluated once, plan changed at 4."""
    shutil.copytree(ASSETS / "run-format-1", tmp_path / "run-format-1")
    return open_run("run-format-1", tmp_path)


def test_format_1_is_read_in_full(stored: RunFolder) -> None:
    assert [run.id for run in list_runs(stored.path.parent)] == ["run-format-1"]
    assert stored.status() is Status.INTERRUPTED
    assert stored.iteration() == 6
    assert stored.description.title == "Kept for ever"
    assert stored.description.data.train_count == 1437
    assert stored.set_names == ("real-1", "noise-1-m0_9")
    assert stored.sets[1].spec is not None
    assert stored.sets[1].spec.momentum == 0.9
    for name in stored.set_names:
        assert stored.snapshots(name) == list(range(7))
        assert stored.snapshot(name).pixels.shape == (10, 1, 1, 8, 8)
        assert stored.losses(name).loss.shape == (6, 10)
    assert stored.losses("real-1").loss[5, 0] == np.float32(2.389384)
    assert stored.noise_floors().iteration.tolist() == [1, 2, 4]
    assert [note.iteration for note in stored.notes()] == [4]
    (result,) = stored.results()
    assert (result.network, result.iteration, result.n, result.kind) == ("mlp", 6, 2, "condensed")
    checkpoint = newest_checkpoint(stored.checkpoint_folder).checkpoint
    assert checkpoint is not None
    snapshot = stored.snapshot("real-1", 6)
    np.testing.assert_array_equal(checkpoint.state["real-1/pixels"].half().numpy(), snapshot.pixels)


def test_format_1_is_resumed_to_its_end(stored: RunFolder) -> None:
    assert [step.iteration for step in record(stored, load_dataset("digits"))] == [6, 7, 8]
    assert stored.status() is Status.FINISHED
    assert stored.losses("noise-1-m0_9").iteration.tolist() == list(range(1, 9))
    assert len(stored.results()) == 1
