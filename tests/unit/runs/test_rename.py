"""Renaming a run: at any time, from any process, and `run.json` stays complete."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dmcore.cli import main
from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run, extend_run
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.rename import rename_run
from dmcore.runs.runs_root import delete_run, open_run

TINY = CondenseConfig(dataset="digits", images_per_class=1, width=4, depth=1, real_batch=4, iterations=4)


@pytest.fixture
def run(tmp_path: Path, digits: DataSet) -> RunFolder:
    return create_run(tmp_path, TINY, digits, make_plan(TINY, digits.shape, 10, "cpu"), "Before")


def test_only_the_title_changes(run: RunFolder) -> None:
    renamed = rename_run(run, "  ../After \n it ")
    assert renamed.path == run.path
    assert renamed.description == run.description.model_copy(update={"title": "../After it"})
    assert open_run(run.id, run.path.parent).description.title == "../After it"


def test_an_empty_title_is_the_data_sets(run: RunFolder) -> None:
    assert rename_run(run, "   ").description.title == run.description.data.title


@pytest.mark.parametrize(
    ("title", "message"), [("x" * 121, "at most 120 characters, this one 121"), ("\udcff", "cannot be shown")]
)
def test_titles_that_cannot_be_are_refused_in_a_sentence(run: RunFolder, title: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rename_run(run, title)
    assert open_run(run.id, run.path.parent).description.title == "Before"


def test_a_run_at_work_is_renamed_and_ends_well(run: RunFolder, digits: DataSet) -> None:
    steps = record(run, digits)
    next(steps)
    assert rename_run(run, "At work").status() is Status.RUNNING
    for _ in steps:
        pass
    ended = open_run(run.id, run.path.parent)
    assert ended.status() is Status.FINISHED
    assert ended.description.title == "At work"


def test_continuing_keeps_a_title_given_meanwhile(run: RunFolder) -> None:
    seen_before = open_run(run.id, run.path.parent)
    assert seen_before.description.title == "Before"
    rename_run(run, "Meanwhile")
    longer = extend_run(seen_before, 9)
    assert longer.description.title == "Meanwhile"
    assert longer.config is not None
    assert longer.config.iterations == 9


def test_threads_and_processes_renaming_at_once_leave_one_of_their_titles(run: RunFolder) -> None:
    code = (
        "import sys; from pathlib import Path; from dmcore.runs.folder import RunFolder\n"
        "from dmcore.runs.rename import rename_run\n"
        "for n in range(30): rename_run(RunFolder(Path(sys.argv[1])), f'process {n}')"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(run.path)])
    troubles: list[Exception] = []

    def rename(name: str) -> None:
        try:
            for number in range(30):
                rename_run(run, f"{name} {number}")
                RunFolder(run.path).description  # noqa: B018 - a reader meets no half file
        except ValueError as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=rename, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert other.wait(60) == 0
    assert troubles == []
    assert open_run(run.id, run.path.parent).description.title in ("one 29", "two 29", "process 29")
    assert list(run.path.glob(".*.tmp")) == []


def test_renaming_a_deleted_run_is_refused_and_brings_nothing_back(run: RunFolder) -> None:
    delete_run(run)
    with pytest.raises(ValueError, match="no run"):
        rename_run(run, "Ghost")
    assert not run.path.exists()


def test_the_command_line_renames(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rename", run.id, "From a terminal", "--runs-root", str(run.path.parent)]) == 0
    assert "is now titled From a terminal" in capsys.readouterr().out
    assert open_run(run.id, run.path.parent).description.title == "From a terminal"


@pytest.mark.parametrize("command", [["condense", "--iterations", "1"], ["select"]])
def test_title_is_checked_before_there_is_a_run(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--title", "x" * 121, "--runs-root", str(tmp_path / "runs")]) == 1
    assert "at most 120 characters" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
