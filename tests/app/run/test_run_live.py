"""Change tokens of a run's files: equal while nothing changes, whatever the clock says; never an error."""

import os
import time
from pathlib import Path
from stat import S_ISREG

import pytest
from support.long_runs import LongRun

from app.run.live import stored_token
from dmcore.runs.folder import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run whose files are an hour old."""
    run = LongRun(tmp_path).run
    (run.path / "results").mkdir(exist_ok=True)
    (run.path / "results" / "evaluation.json").write_text("{}")
    for path in (run.path, *run.path.rglob("*")):
        stamp(path, -3600.0)
    return run


def stamp(path: Path, seconds: float) -> None:
    """Set the time of a file to so many seconds from now."""
    os.utime(path, (time.time() + seconds,) * 2)


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_the_token_stays_while_nothing_changes_even_with_a_file_from_the_future(
    run: RunFolder, seconds: float
) -> None:
    stamp(run.path / "run.json", seconds)
    before = stored_token(run)
    assert stored_token(run) == before
    (run.path / "results" / "evaluation.json").write_text("{ }")
    assert stored_token(run) != before


def test_a_file_of_this_moment_is_looked_at_again_even_beside_one_from_the_future(run: RunFolder) -> None:
    stamp(run.path / "run.json", 3600.0)
    stamp(run.path / "results" / "evaluation.json", 0.0)
    assert stored_token(run) != stored_token(run)


def test_a_file_that_vanishes_meanwhile_is_left_out(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored_token(run)
    passing = run.path / "results" / "passing.json"
    passing.write_text("{}")
    stamp(passing, -3600.0)
    (run.path / "results" / "nowhere.json").symlink_to("missing.json")
    stat = Path.stat

    def seen_once(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        result = stat(self, follow_symlinks=follow_symlinks)
        if self.name == passing.name and S_ISREG(result.st_mode):
            self.unlink()
        return result

    monkeypatch.setattr(Path, "stat", seen_once)
    stored_token(run)
    assert not passing.exists()
    monkeypatch.undo()
    assert stored_token(run) == before
