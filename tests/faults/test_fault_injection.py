"""Every write call of a short run fails once: one sentence, nothing lost, and the run ends as if unbroken.

A run is created, recorded, stopped, resumed after a crash and extended, evaluated, renamed, exported and
imported again; each command is repeated with its first, second, … write call failing, as on a full disk, a
broken one, a read-only one, and without memory. After each failure the command is given again, and the folder
must be equal to one that no call has failed in.

In the test suite one call of each kind fails, with the four errors in turn. Every call with every error takes
a quarter of an hour:

    python tests/faults/test_fault_injection.py
"""

import errno
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.hostile.faulty_disk import Fault, faulty_disk

from dmcore.cli import condense, main
from dmcore.runs import recorder
from dmcore.runs.checkpoint import checkpoint_file, newest_checkpoint
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import read_runs

ERRORS: dict[str, Callable[[], BaseException]] = {
    name: lambda name=name: OSError(getattr(errno, name), os.strerror(getattr(errno, name)))  # type: ignore[misc]
    for name in ("ENOSPC", "EIO", "EACCES")
} | {"MemoryError": MemoryError}
SENTENCES = ("is full: free some space", "could not be written", "cannot be written to", "check the disk")
RUN, EXPORT = "RUN", "EXPORT"
"""Stand for the run's path and the folder of exports."""
SMALL = ["--dataset", "digits", "--images-per-class", "1", "--width", "4", "--depth", "1"]
SMALL += ["--real-batch", "4", "--threads", "1"]
COMMANDS = {
    "record": ["condense", *SMALL, "--iterations", "4"],
    "resume": ["resume", RUN, "--iterations", "5"],
    "evaluate": ["evaluate", f"{RUN}:real-1", "--repeats", "1", "--epochs", "1", "--threads", "1"],
    "rename": ["rename", RUN, "Another title"],
    "npz": ["export", f"{RUN}:real-1", "--format", "npz", "--to", EXPORT],
    "png": ["export", f"{RUN}:real-1", "--format", "png", "--to", EXPORT],
    "import": ["import", f"{EXPORT}/set.npz"],
    "select": ["select", "--dataset", "digits", "--images-per-class", "1"],
}
STOPPED_AT = 2


class Outcome(NamedTuple):
    """End of one command."""

    exit_code: int
    sentence: str


class Trials(NamedTuple):
    """Number of failed calls by command and error."""

    failed: Counter[tuple[str, str]]
    noticed: int
    """How many of them ended the command."""


class Bench:
    """Folder of runs and exports in which commands are given, and copies of it from before each of them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.root = folder, folder / "work"
        self.root.mkdir()
        self._before: dict[str, Path] = {}
        self._after: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, list[str]] = {}
        for name in COMMANDS:
            self._before[name] = shutil.copytree(self.root, folder / f"before-{name}")
            fault = Fault(self.root)
            with faulty_disk(fault):
                outcome = self.give(name)
            assert outcome.exit_code == 0, outcome.sentence
            self.calls[name] = fault.calls
            self._after[name] = self.content()
            self._prepare_next(name)

    def give(self, name: str) -> Outcome:
        """Give a command, or resume the run where recording it had begun."""
        run = next((run for run in self.runs() if run.config is not None), None)
        arguments = COMMANDS[name]
        if name == "record" and run is not None:
            arguments = ["resume", RUN]
        places = {RUN: "" if run is None else str(run.path), EXPORT: str(self.root / "export")}
        words = [word.replace(RUN, places[RUN]).replace(EXPORT, places[EXPORT]) for word in arguments]
        errors = StringIO()
        goal = STOPPED_AT if name == "record" else 10**6
        with stopped_at(goal), redirect_stderr(errors), redirect_stdout(StringIO()):
            exit_code = main([*words, "--runs-root", str(self.root / "runs")])
        return Outcome(exit_code, re.split(r"[\r\n]", errors.getvalue().strip())[-1])

    def try_with(self, name: str, number: int, error: BaseException) -> bool:
        """Give a command with one call failing, then again; whether the failure was noticed."""
        shutil.rmtree(self.root)
        shutil.copytree(self._before[name], self.root)
        before = self.content()
        with faulty_disk(Fault(self.root, number, error)):
            outcome = self.give(name)
        if outcome.exit_code:
            assert outcome.exit_code == 1
            assert outcome.sentence.startswith("dmcore: "), outcome.sentence
            words = ("memory",) if isinstance(error, MemoryError) else SENTENCES
            assert any(word in outcome.sentence for word in words), outcome.sentence
            if name in ("import", "select"):
                assert len(self.runs()) == len(before["runs"]), "no run is left behind"
        assert all(entry in self.content()["results"] for entry in before["results"])
        if outcome.exit_code:
            again = self.give(name)
            if not (name == "png" and "exists already" in again.sentence):
                assert again.exit_code == 0, again.sentence
        self._assert_nothing_lost(name)
        return outcome.exit_code != 0

    def _assert_nothing_lost(self, name: str) -> None:
        content, expected = self.content(), self._after[name]
        for part in expected:
            assert content[part] == expected[part], f"{part} differ"
        assert not list(self.root.rglob(".*.tmp")) or name in ("evaluate", "rename", "npz"), "litter"
        folders = [path for path in (self.root / "runs").iterdir() if not (path / "run.json").exists()]
        assert not any(map(os.listdir, folders)), "half a run is left"

    def runs(self) -> list[RunFolder]:
        """Readable runs."""
        readable, unreadable = read_runs(self.root / "runs")
        assert not unreadable
        return readable

    def content(self) -> dict[str, Any]:
        """What must not be lost: titles, images, momentum, losses, results, exported files."""
        runs = sorted(self.runs(), key=lambda run: run.description.origin)
        return {
            "runs": [(run.description.origin, run.description.title, run.notes()) for run in runs],
            "states": [_tensors(run) for run in runs],
            "snapshots": [
                {
                    (name, iteration): (snapshot.pixels.tobytes(), snapshot.momentum.tobytes())
                    for name in run.set_names
                    for iteration in run.snapshots(name)
                    for snapshot in [run.snapshot(name, iteration)]
                }
                for run in runs
            ],
            "losses": [
                (losses.iteration.tolist(), losses.loss.tolist())
                for run in runs
                for losses in map(run.losses, run.set_names)
            ],
            "results": sorted(
                {(result.network, result.accuracies) for run in runs for result in run.results()}
            ),
            "exports": sorted(
                (str(file.relative_to(self.root)), file.suffix == ".npz" or file.read_bytes())
                for file in (self.root / "export").rglob("*")
                if file.is_file() and not file.name.startswith(".")
            ),
        }

    def _prepare_next(self, name: str) -> None:
        if name == "record":  # a crash: losses and images go on after the newest checkpoint
            (run,) = self.runs()
            checkpoint_file(run.checkpoint_folder, STOPPED_AT).unlink()
        if name == "png":
            (file,) = (self.root / "export").glob("*.npz")
            shutil.copy(file, self.root / "export" / "set.npz")


def _tensors(run: RunFolder) -> dict[str, bytes]:
    checkpoint = newest_checkpoint(run.checkpoint_folder).checkpoint
    assert checkpoint is not None
    return {"iteration": bytes([checkpoint.iteration])} | {
        key: tensor.numpy().tobytes() for key, tensor in checkpoint.state.items()
    }


@contextmanager
def stopped_at(iteration: int) -> Iterator[None]:
    """Context manager in which a recording is stopped at an iteration, and each has a checkpoint."""

    def follow(steps: Any, done: int, *_arguments: object) -> None:
        while done < iteration:
            step = next(steps, None)
            if step is None:
                break
            done = step.iteration

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(condense, "_follow", follow)
        patch.setattr(recorder, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr(recorder, "CHECKPOINT_SHARE", 1e6)
        patch.setattr(recorder, "FLUSH_SECONDS", 0.0)
        yield


def run_trials(bench: Bench, each: bool, report: Callable[[str], None]) -> Trials:
    """Let calls of every command fail: `each` with every error, else one of each kind with one error.

    Raises:
        AssertionError: something was lost, or not said; names the command, the call and the error.
    """
    failed: Counter[tuple[str, str]] = Counter()
    noticed, turns = 0, cycle(ERRORS)
    for name, calls in bench.calls.items():
        if name == "select" and not each:  # written as an import is
            continue
        numbers = range(1, len(calls) + 1) if each else sorted(_one_of_each_kind(calls))
        for number in numbers:
            for error in ERRORS if each else [next(turns)]:
                try:
                    noticed += bench.try_with(name, number, ERRORS[error]())
                except Exception as problem:
                    where = f"{error} in call {number} of {name} ({calls[number - 1]})"
                    raise AssertionError(f"{where}: {problem}") from problem
                failed[name, error] += 1
        report(f"{name}: {len(numbers)} of {len(calls)} write calls")
    return Trials(failed, noticed)


def _one_of_each_kind(calls: list[str]) -> set[int]:
    """Number of the last call of each kind: the same function on a file of the same name but for numbers."""
    kinds = {re.sub(r"\w*-[\w-]+|\d+", "#", call): number for number, call in enumerate(calls, start=1)}
    return set(kinds.values())


def _sentence(trials: Trials) -> str:
    counts = Counter[str]()
    for (_, error), count in trials.failed.items():
        counts[error] += count
    each = ", ".join(f"{count} {error}" for error, count in counts.items())
    return f"{trials.failed.total()} calls failed ({each}), {trials.noticed} ended a command, 0 lost"


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_failure_of_any_write_call_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    trials = run_trials(Bench(tmp_path), "DM_ALL_FAULTS" in os.environ, print)
    print(_sentence(trials))
    assert trials.failed.total() > 100


if __name__ == "__main__":
    import tempfile

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        print(_sentence(run_trials(Bench(Path(folder)), True, print)))
