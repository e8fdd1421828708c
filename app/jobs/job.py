"""One piece of work for the thread, as the pages see it. Only the thread and its manager change a job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.jobs.live_snapshot import LiveSnapshot, SnapshotBuilder
from app.jobs.pool_request import PoolRequest
from app.jobs.throttle import Speed, Throttle
from dmcore.experiments.matching_runs import PlannedRun
from dmcore.experiments.table import Table

JobState = Literal["queued", "running", "paused", "stopping", "finished", "stopped", "failed"]
JobKind = Literal["condense", "evaluate", "train", "table", "pool"]


@dataclass(frozen=True)
class JobError:
    """Why a job failed, and what to do about it."""

    sentence: str
    remedy: str


@dataclass(frozen=True)
class TableProgress:
    """One published moment of a table that is being filled."""

    cell: int | None
    """Number of the place that networks are trained for; None while a set is made."""
    activity: str
    """In words."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a part of the test images) of the network in hand, where it is watched."""
    pending_cells: tuple[int, ...] = ()
    """Numbers of the places that the set in hand is made for."""
    step: str = ""
    """What is being done in two or three words, to stand in a cell."""


class Job:
    """A condensation, a judgement, a training of one network or a pool of them, or the filling of a table."""

    def __init__(
        self,
        kind: JobKind,
        title: str,
        run_id: str | None = None,
        pace: Speed = "full",
        dataset: str = "",
        gauge_share: float = 0.0,
        planned_run: PlannedRun | None = None,
    ) -> None:
        self.kind: JobKind = kind
        self.title = title
        self.run_id = run_id
        """None until the run's folder is made, a moment after the start."""
        self.planned_run = planned_run
        """Configuration that a condensation computes; None for other kinds."""
        self.state: JobState = "queued"
        self.dataset = dataset
        """What a network is trained on; empty for what belongs to a run."""
        self.evaluation_share = gauge_share
        """Share of the time, 0 to 1, that may go into following the accuracy; anyone may change it."""
        self.activity = ""
        """What happens before there is anything to see, such as a download; else empty."""
        self.done = 0.0
        """Share of a training that is done, 0 to 1."""
        self.snapshot: LiveSnapshot | None = None
        """The latest moment: assigned by the thread, never changed."""
        self.table: Table | None = None
        """What is being filled."""
        self.moment: TableProgress | None = None
        """The latest moment of a table: assigned by the thread, never changed."""
        self.pool: PoolRequest | None = None
        """What is being built."""
        self.arrived = 0
        """Numbers of a table that have come so far."""
        self.error: JobError | None = None
        self.throttle = Throttle(pace)
        self.view: SnapshotBuilder | None = None
        """The thread's own."""
        self.recording: Path | None = None
        """The thread's own: the run's folder while a condensation is between two events."""

    @property
    def speed(self) -> Speed:
        """How fast it goes."""
        return self.throttle.speed

    @property
    def active(self) -> bool:
        """Whether the thread is at it."""
        return self.state in ("running", "paused", "stopping")

    @property
    def pausing(self) -> bool:
        """Whether a pause was asked for and the iteration in hand is not done yet."""
        return self.throttle.paused and self.state == "running"

    def publish(self) -> None:
        """Show the newest moment, if it is newer than the one shown. Called by the thread."""
        newest = self.view.snapshot() if self.view is not None else None
        if newest is not None:
            self.snapshot = newest
