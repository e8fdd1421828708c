"""One piece of work for the thread, as the pages see it. Only the thread and its manager change a job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.jobs.pool_request import AskedPool
from app.jobs.snapshot import LiveSnapshot, LiveView
from app.jobs.throttle import Gate, Pace
from dmcore.experiments.table import Table

JobState = Literal["queued", "running", "paused", "stopping", "finished", "stopped", "failed"]
JobKind = Literal["condense", "evaluate", "train", "table", "pool"]


@dataclass(frozen=True)
class JobError:
    """Why a job failed, and what to do about it."""

    sentence: str
    remedy: str


@dataclass(frozen=True)
class TableMoment:
    """One published moment of a table that is being filled."""

    place: int | None
    """Number of the place that networks are trained for; None while a set is made."""
    doing: str
    """In words."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a part of the test images) of the network in hand, where it is watched."""
    made_for: tuple[int, ...] = ()
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
        pace: Pace = "full",
        dataset: str = "",
        gauge_share: float = 0.0,
    ) -> None:
        self.kind: JobKind = kind
        self.title = title
        self.run_id = run_id
        """None until the run's folder is made, a moment after the start."""
        self.state: JobState = "queued"
        self.dataset = dataset
        """What a network is trained on; empty for what belongs to a run."""
        self.gauge_share = gauge_share
        """Share of the time, 0 to 1, that may go into following the accuracy; anyone may change it."""
        self.doing = ""
        """What happens before there is anything to see, such as a download; else empty."""
        self.done = 0.0
        """Share of a training that is done, 0 to 1."""
        self.snapshot: LiveSnapshot | None = None
        """The latest moment: assigned by the thread, never changed."""
        self.table: Table | None = None
        """What is being filled."""
        self.moment: TableMoment | None = None
        """The latest moment of a table: assigned by the thread, never changed."""
        self.pool: AskedPool | None = None
        """What is being built."""
        self.arrived = 0
        """Numbers of a table that have come so far."""
        self.error: JobError | None = None
        self.gate = Gate(pace)
        self.view: LiveView | None = None
        """The thread's own."""
        self.recording: Path | None = None
        """The thread's own: the run's folder while a condensation is between two events."""

    @property
    def pace(self) -> Pace:
        """How fast it goes."""
        return self.gate.pace

    @property
    def active(self) -> bool:
        """Whether the thread is at it."""
        return self.state in ("running", "paused", "stopping")

    @property
    def pausing(self) -> bool:
        """Whether a pause was asked for and the iteration in hand is not done yet."""
        return self.gate.paused and self.state == "running"

    def publish(self) -> None:
        """Show the newest moment, if it is newer than the one shown. Called by the thread."""
        newest = self.view.snapshot() if self.view is not None else None
        if newest is not None:
            self.snapshot = newest
