"""What several commands share: where runs and data are, opening runs and sets, loading data, the device."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from dmcore.cli.flags import WrongArgumentsError
from dmcore.cli.output import Output
from dmcore.data.catalogue import CATALOGUE

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.folder import RunFolder

RunName = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN")]
SetName = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="RUN[:NAME]")]
Folder = Annotated[Path | None, tyro.conf.arg(metavar="DIR", help_behavior_hint="")]
Integer = Annotated[int | None, tyro.conf.arg(metavar="INT", help_behavior_hint="")]
Switch = Annotated[bool, tyro.conf.FlagCreatePairsOff]


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every command has: a way to do it, and who reads the answer."""

    json: Switch = False
    """Print one JSON object on standard output and everything else on standard error."""

    @property
    def output(self) -> Output:
        """Where this command's words go."""
        return Output(self.json)

    def run(self) -> int:
        """Do it; gives the exit code."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class WithRuns(Command):
    """A command that touches runs."""

    runs_root: Folder = None
    """Where runs are; left open: DM_RUNS, else ./runs if it exists, else a folder in your home."""

    def open_run(self, id_or_path: str) -> "RunFolder":
        """The run that was named.

        Raises:
            ValueError: no such run.
        """
        from dmcore.runs.runs_root import find_runs_root, open_run

        return open_run(id_or_path, find_runs_root(self.runs_root))

    def open_sets(self, named: str) -> tuple["RunFolder", tuple[str, ...]]:
        """RUN -> the run and all its sets; RUN:NAME -> the run and that one.

        Raises:
            ValueError: no such run, or no such set in it.
        """
        before, colon, name = named.rpartition(":")
        if not colon or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            run = self.open_run(named)
            return run, run.set_names
        run = self.open_run(before)
        run.snapshot_folder(name)  # refuses a name that is not there
        return run, (name,)


@dataclass(frozen=True, kw_only=True)
class WithData(Command):
    """A command that touches real images."""

    data_root: Folder = None
    """Where named data sets are; left open: DM_DATA, else your cache folder."""
    download: Switch = False
    """Fetch the data set if it is not on disk."""

    def load(self, name_or_path: str) -> "DataSet":
        """The real images, saying what was done to them.

        Raises:
            ValueError: unknown, missing or damaged data.
        """
        from dmcore.data.load import load_dataset

        dataset = load_dataset(name_or_path, root=self.data_root, download=self.download)
        for note in dataset.notes:
            self.output.say(f"note: {note}")
        return dataset


@dataclass(frozen=True, kw_only=True)
class WithRunData(WithData):
    """A command that touches the real images of a run."""

    dataset: Annotated[str | None, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = None
    """Where the run's real images are now, if they were moved; the same images are asked for."""


@dataclass(frozen=True, kw_only=True)
class WithDevice(Command):
    """A command that computes."""

    device: Annotated[str, tyro.conf.arg(metavar="{auto,cpu,cuda,mps}")] = "auto"
    """Where to compute; auto takes a GPU once a test step on it has worked."""
    threads: Integer = None
    """Processor threads; left open, as many as torch takes."""

    def chosen_threads(self) -> int | None:
        """The threads asked for; None: as many as torch takes.

        Raises:
            WrongArgumentsError: fewer than one.
        """
        if self.threads is not None and self.threads < 1:
            raise WrongArgumentsError(f"--threads {self.threads}: must be at least 1")
        return self.threads


def lasting_name(dataset: str) -> str:
    """A path that still names the data set when the run is looked at from another folder."""
    path = Path(dataset)
    return dataset if dataset in CATALOGUE or not path.exists() else str(path.absolute())
