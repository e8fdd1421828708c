"""Base classes of commands with shared options: runs root, data root, device; opening runs, loading data."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from dmcore.cli.flags import WrongArgumentsError, check_number, whole_number
from dmcore.cli.output import Output
from dmcore.config.command_line import LATEST

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.folder import RunFolder

MOST_MINUTES = 10**6
"""Two years."""
MOST_THREADS = 1024
"""More than the cores of any machine; torch would begin to start them all."""
RunName = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
SetName = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN[:NAME]")]
Folder = Annotated[Path | None, tyro.conf.arg(constructor=Path, metavar="DIR", help_behavior_hint="")]
WHOLE_NUMBER = tyro.constructors.PrimitiveConstructorSpec(
    nargs=1,
    metavar="INT",
    instance_from_str=lambda words: whole_number(words[0]),
    is_instance=lambda value: value is None or isinstance(value, int),
    str_from_instance=lambda value: [str(value)],
)
WholeNumber = Annotated[int, WHOLE_NUMBER]
Integer = Annotated[int | None, WHOLE_NUMBER, tyro.conf.arg(help_behavior_hint="")]
Minutes = Annotated[float | None, tyro.conf.arg(constructor=float, metavar="FLOAT", help_behavior_hint="")]
Text = Annotated[str | None, tyro.conf.arg(constructor=str, metavar="TEXT", help_behavior_hint="")]
Switch = Annotated[bool, tyro.conf.FlagCreatePairsOff]


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base class of all commands: `run` and the --json switch."""

    json: Switch = False
    """Print one JSON object on standard output and everything else on standard error."""

    @property
    def output(self) -> Output:
        """Printer of this command's output."""
        return Output(self.json)

    def run(self) -> int:
        """Run the command and return its exit code."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class WithRuns(Command):
    """Base class of commands that read or write runs."""

    runs_root: Folder = None
    """Folder of runs; left open: DM_RUNS, else ./runs if it exists, else a folder in your home."""

    def open_run(self, id_or_path: str) -> "RunFolder":
        """Open a run by its id or path, or the newest by `latest`; print which small files are damaged.

        Raises:
            ValueError: no such run.
        """
        from dmcore.runs.problems import find_damage
        from dmcore.runs.runs_root import find_runs_root, open_run, own_runs

        root = find_runs_root(self.runs_root)
        if id_or_path == LATEST and (runs := own_runs(root)):
            id_or_path = runs[0].id
            self.output.print(f"run {id_or_path}")
        run = open_run(id_or_path, root)
        for damage in find_damage(run):
            self.output.print(str(damage))
        return run

    def open_sets(self, named: str) -> tuple["RunFolder", tuple[str, ...]]:
        """Parse RUN[:NAME]: the run with the named set, or with all its sets.

        Raises:
            ValueError: no such run, or no such set in it.
        """
        before, colon, name = named.rpartition(":")
        if not colon or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            run = self.open_run(named)
            return run, run.set_names
        run = self.open_run(before)
        run.snapshot_folder(name)  # raises where there is no such set
        return run, (name,)


@dataclass(frozen=True, kw_only=True)
class WithData(Command):
    """Base class of commands that load a data set."""

    data_root: Folder = None
    """Folder of named data sets; left open: DM_DATA, else your cache folder."""
    download: Switch = False
    """Download the data set if it is not on disk."""

    def load(self, name_or_path: str, class_names: tuple[str, ...] = ()) -> "DataSet":
        """Load a data set and print its notes; `class_names` are those of a run, in the order that it has.

        Raises:
            ValueError: unknown, missing or damaged data.
        """
        from dmcore.data.load import load_dataset

        dataset = load_dataset(
            name_or_path, root=self.data_root, download=self.download, class_names=class_names
        )
        for note in dataset.notes:
            self.output.print(f"note: {note}")
        return dataset


@dataclass(frozen=True, kw_only=True)
class WithRunData(WithData):
    """Base class of commands that load the data set of a run."""

    dataset: Text = None
    """Path of the run's data set, if it was moved; the images must be the same."""


@dataclass(frozen=True, kw_only=True)
class WithDevice(Command):
    """Base class of commands that compute: device and threads."""

    device: Annotated[str, tyro.conf.arg(metavar="{auto,cpu,cuda,mps}")] = "auto"
    """Device to compute on; auto takes a GPU once a test step on it has worked."""
    threads: Integer = None
    """CPU threads; left open, torch's default."""

    def chosen_threads(self) -> int | None:
        """Validated number of threads; None: torch's default.

        Raises:
            WrongArgumentsError: fewer than one, or more than any machine has.
        """
        check_number("threads", self.threads, MOST_THREADS)
        return self.threads


def check_minutes(minutes: float) -> None:
    """Check a time budget.

    Raises:
        WrongArgumentsError: it is not positive, or longer than anybody waits.
    """
    if not 0 < minutes <= MOST_MINUTES:
        limit = f"at most {MOST_MINUTES}" if minutes > 0 else "greater than 0"
        raise WrongArgumentsError(f"--minutes {minutes:g}: must be {limit}")
