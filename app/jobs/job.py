"""Job of the background thread: state, progress, result and throttle, as the pages see them.

Only the thread and its manager change a job.
"""

import secrets
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
    """Reason why a job failed, and the remedy."""

    sentence: str
    remedy: str


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


class Job:
    """A condensation, an evaluation, a training of one network or of a pool of them, or a table to be run."""

    def __init__(
        self,
        kind: JobKind,
        title: str,
        run_id: str | None = None,
        speed: Speed = "full",
        dataset: str = "",
        evaluation_share: float = 0.0,
        planned_run: PlannedRun | None = None,
        started_by: str = "",
    ) -> None:
        self.id = secrets.token_hex(4)
        self.kind: JobKind = kind
        self.title = title
        self.run_id = run_id
        """None until the run's folder is made, a moment after the start."""
        self.planned_run = planned_run
        """Configuration that a condensation computes; None for other kinds."""
        self.started_by = started_by
        """Hash of the id of the person whose browser started it; empty where nobody is known."""
        self.state: JobState = "queued"
        self.dataset = dataset
        """What a network is trained on; empty for what belongs to a run."""
        self.evaluation_share = evaluation_share
        """Share of the time, 0 to 1, that online evaluation may take; any thread may change it."""
        self.activity = ""
        """What is being done while there is no snapshot to show, such as a download; else empty."""
        self.fraction_done = 0.0
        """Share of the training that is done, 0 to 1."""
        self.snapshot: LiveSnapshot | None = None
        """The latest snapshot of a run: assigned by the thread, never changed."""
        self.table: Table | None = None
        """The table to be run."""
        self.table_progress: TableProgress | None = None
        """The latest progress of a table: assigned by the thread, never changed."""
        self.pool: PoolRequest | None = None
        """The pool of trained networks to be built."""
        self.error: JobError | None = None
        self.throttle = Throttle(speed)
        self.snapshot_builder: SnapshotBuilder | None = None
        """Used by the thread only."""
        self.recording: Path | None = None
        """Used by the thread only: the run's folder while a condensation is between two events."""

    @property
    def speed(self) -> Speed:
        """Requested speed."""
        return self.throttle.speed

    @property
    def active(self) -> bool:
        """Whether the thread has begun and not ended it."""
        return self.state in ("running", "paused", "stopping")

    @property
    def pausing(self) -> bool:
        """Whether a pause was requested and the current iteration is not done yet."""
        return self.throttle.paused and self.state == "running"

    def publish(self) -> None:
        """Publish a new snapshot if anything changed since the last one. Called by the thread."""
        newest = self.snapshot_builder.build() if self.snapshot_builder is not None else None
        if newest is not None:
            self.snapshot = newest
