"""Job of the background thread: state, progress, result and throttle, as the pages see them.

Only the thread and its manager change a job; what it computes is its `work`, which never changes.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Generator, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from app.jobs.run_view import RunView
from app.jobs.snapshot_builder import SnapshotBuilder
from app.jobs.throttle import Speed, Throttle
from app.text.status import Status
from dmcore.config import Method
from dmcore.experiments.matching_runs import PlannedRun
from dmcore.runs.description import RunError
from dmcore.runs.display.images import DisplayImages
from dmcore.runs.runs_root import open_run

if TYPE_CHECKING:
    from app.jobs.work import WorkerContext

JobKind = Literal["condense", "evaluate", "train", "table", "pool", "race"]
Events = Generator[int | None, None, None]
"""Iteration reached after each event of a job; None where speed means nothing."""


@dataclass(frozen=True, kw_only=True)
class Work(ABC):
    """Work of a job; each kind of job has its own frozen record."""

    kind: ClassVar[JobKind]
    title: str = ""
    """Title of the job; left out, its `default_title`."""
    started_by: str = ""
    """Hash of the id of the person whose browser started it; empty where nobody is known."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title.strip() or self.default_title)

    @property
    @abstractmethod
    def default_title(self) -> str:
        """Title where none is given."""

    @property
    def run_id(self) -> str | None:
        """Id of the run that it continues; None where it makes one, or none."""
        return None

    @property
    def planned_run(self) -> PlannedRun | None:
        """Configuration that a condensation computes; None for other kinds."""
        return None

    def prepare(self, runs_root: Path) -> None:
        """Check that it can begin, and make ready what pages ask for; called before it is queued.

        Raises:
            ValueError: the run that it continues is not there.
        """
        if self.run_id is not None:
            open_run(self.run_id, runs_root)

    @property
    def subject(self) -> Hashable:
        """What is computed, for whoever looks for its job; unique within the kind."""
        return self.run_id

    @abstractmethod
    def __call__(self, job: "Job", context: "WorkerContext") -> Events:
        """The work as a generator of events; closing it stops the work."""


@dataclass(frozen=True)
class TableProgress:
    """Published progress of a table job."""

    cell: int | None
    """Index of the cell that networks are trained for; None while a set is created."""
    activity: str
    """What is being done, in a sentence for the status line."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a part of the test images) of the current network, where it is measured."""
    pending_cells: tuple[int, ...] = ()
    """Indices of the cells that the current set is created for."""
    label: str = ""
    """What is being done in two or three words, to be shown in a cell."""


@dataclass(frozen=True)
class RaceProgress:
    """Published progress of a race: where its lanes are."""

    seed: int
    """Of the race at work."""
    clocks: Mapping[Method, tuple[float, float]]
    """Seconds and iterations of each lane."""
    images: Mapping[Method, DisplayImages]
    """Their images: uint8 [class, image, channel, height, width]."""


@dataclass(eq=False)
class Job:
    """State of one piece of work: queued, computed or ended."""

    work: Work
    throttle: Throttle = field(default_factory=Throttle)
    evaluation_share: float = 0.0
    """Share of the time, 0 to 1, that online evaluation may take; any thread may change it."""
    title: str = field(init=False)
    run_id: str | None = field(init=False)
    """None until the run's folder is made, a moment after the start."""
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    state: Status = Status.QUEUED
    activity: str = ""
    """What is being done while there is no snapshot to show, such as a download; else empty."""
    fraction_done: float = 0.0
    """Share of the training that is done, 0 to 1."""
    snapshot: RunView | None = None
    """The latest snapshot of a run: assigned by the thread, never changed."""
    table_progress: TableProgress | None = None
    """The latest progress of a table: assigned by the thread, never changed."""
    race_progress: RaceProgress | None = None
    """The latest progress of a race: assigned by the thread, never changed."""
    error: RunError | None = None
    """Reason why it failed, and the remedy."""
    snapshot_builder: SnapshotBuilder | None = None
    """Used by the thread only."""
    recording: Path | None = None
    """Used by the thread only: the run's folder while a condensation is between two events."""

    def __post_init__(self) -> None:
        self.title, self.run_id = self.work.title, self.work.run_id

    @property
    def speed(self) -> Speed:
        """Requested speed."""
        return self.throttle.speed

    @property
    def active(self) -> bool:
        """Whether the thread has begun and not ended it."""
        return self.state.in_progress

    @property
    def pending(self) -> bool:
        """Whether it is queued or active."""
        return self.active or self.state is Status.QUEUED

    @property
    def pausing(self) -> bool:
        """Whether a pause was requested and the current iteration is not done yet."""
        return self.throttle.paused and self.state is Status.RUNNING

    @property
    def held(self) -> bool:
        """Whether it is paused, or will be after the current iteration."""
        return self.pausing or self.state is Status.PAUSED

    @property
    def waits_for_person(self) -> bool:
        """Whether it ends only if somebody lets it go on: it is held, or each iteration takes a click."""
        by_click = self.speed == "step" and self.work.kind == "condense" and self.state is Status.RUNNING
        return self.held or by_click

    def publish(self) -> None:
        """Publish a new snapshot if anything changed since the last one. Called by the thread."""
        newest = self.snapshot_builder.build() if self.snapshot_builder is not None else None
        if newest is not None:
            self.snapshot = newest
