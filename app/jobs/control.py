"""What pages see of the job at work and of those that wait, and what they may ask of it.

Requests take effect between two events, so every tab sees the same job. Every method may be called from any
thread.
"""

from app.jobs.job import Job
from app.jobs.pool_request import AskedPool
from app.jobs.queue import JobQueue
from app.jobs.throttle import Pace
from dmcore.experiments.table import Table

USUAL_SHARE = 0.2


class JobControl:
    """The requests of one queue of jobs."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.gauge_share = USUAL_SHARE
        """Share of the time for following the accuracy that whoever starts a run on a page asks for."""

    @property
    def current(self) -> Job | None:
        """The job that the thread is at, else the last one that ended; its `state` tells."""
        return self._queue.current

    @property
    def busy(self) -> bool:
        """Whether a job is at work or waits."""
        return self._queue.busy

    @property
    def queued(self) -> tuple[Job, ...]:
        """What waits, next first."""
        return self._queue.waiting

    @property
    def revision(self) -> int:
        """Grows with every change of a job's state; not with snapshots, which count by themselves."""
        return self._queue.revision

    def find(self, run_id: str) -> Job | None:
        """The job at work or waiting that belongs to a run."""
        at_hand = (self._queue.active, *self._queue.waiting)
        return next((job for job in at_hand if job is not None and job.run_id == run_id), None)

    def table_job(self, table: Table) -> Job | None:
        """The job that fills this table: at work, waiting, or the last one that ended."""
        at_hand = (self._queue.current, *self._queue.waiting)
        return next((one for one in at_hand if one and one.table and one.table.key == table.key), None)

    def pool_job(self, asked: AskedPool) -> Job | None:
        """The job that builds this pool, to whatever size: at work, waiting, or the last one that ended."""
        at_hand = (self._queue.current, *self._queue.waiting)
        return next((one for one in at_hand if one and one.pool and one.pool.same(asked)), None)

    def pause(self) -> None:
        """Let the job at work wait after the event in hand."""
        if (job := self._queue.active) is not None:
            job.gate.pause()

    def go_on(self) -> None:
        """End the pause."""
        if (job := self._queue.active) is not None:
            job.gate.go_on()

    def step(self) -> None:
        """One iteration, while the pace is `step` or the job is paused."""
        if (job := self._queue.active) is not None:
            job.gate.step()

    def set_pace(self, pace: Pace) -> None:
        """How fast the job at work goes; results are the same at every pace."""
        if (job := self._queue.active) is not None:
            job.gate.set_pace(pace)

    def set_gauge_share(self, share: float) -> None:
        """How much of its time the job at work, and what pages start later, may spend on test networks.

        Raises:
            ValueError: not from 0 up to, but not including, 1.
        """
        if not 0 <= share < 1:
            raise ValueError(f"a share of {share} is not possible: choose from 0 up to below 1")
        self.gauge_share = share
        if (job := self._queue.active) is not None:
            job.gauge_share = share

    def stop(self) -> None:
        """End the job at work after the event in hand; a run can be resumed from there."""
        if (job := self._queue.active) is not None:
            self._queue.set_state(job, "stopping")
            job.gate.stop()

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue; one at work is stopped."""
        if not self._queue.cancel(job) and job is self._queue.active:
            self.stop()

    def wait(self, revision: int, timeout: float) -> int:
        """Wait until the revision is above this one, or the time in seconds is over; returns the revision."""
        return self._queue.wait(revision, timeout)
