"""Job control for pages: look up the running and queued jobs; pause, step, stop and cancel them.

Requests take effect between two events, so every tab sees the same job. Every method may be called from any
thread.
"""

from app.jobs.job import Job
from app.jobs.job_queue import JobQueue
from app.jobs.pool_request import PoolRequest
from app.jobs.throttle import Speed
from dmcore.experiments.table import Table

DEFAULT_EVALUATION_SHARE = 0.2


class JobControl:
    """Status and control of the jobs of one queue; the base class of `JobManager`."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.evaluation_share = DEFAULT_EVALUATION_SHARE
        """Share of the time for online evaluation, 0 to 1, of runs that pages start."""

    @property
    def current(self) -> Job | None:
        """The running job, else the last one that ended; see its `state`."""
        return self._queue.current

    @property
    def busy(self) -> bool:
        """Whether a job is running or queued."""
        return self._queue.busy

    @property
    def queued(self) -> tuple[Job, ...]:
        """The queued jobs, next first."""
        return self._queue.waiting

    @property
    def revision(self) -> int:
        """Change token: grows with every change of a job's state; snapshots have their own."""
        return self._queue.revision

    def job_of_run(self, run_id: str) -> Job | None:
        """The running or queued job that belongs to a run."""
        unfinished = (self._queue.active, *self._queue.waiting)
        return next((job for job in unfinished if job is not None and job.run_id == run_id), None)

    def table_job(self, table: Table) -> Job | None:
        """The job that runs this table: running, queued, or the last one that ended."""
        jobs = (self._queue.current, *self._queue.waiting)
        return next((job for job in jobs if job and job.table and job.table.key == table.key), None)

    def pool_job(self, request: PoolRequest) -> Job | None:
        """The job that builds this pool, to whatever size: running, queued, or the last one that ended."""
        jobs = (self._queue.current, *self._queue.waiting)
        return next((job for job in jobs if job and job.pool and job.pool.same_pool(request)), None)

    def pause(self) -> None:
        """Pause the running job after its current event."""
        if (job := self._queue.active) is not None:
            job.throttle.pause()

    def unpause(self) -> None:
        """End the pause."""
        if (job := self._queue.active) is not None:
            job.throttle.unpause()

    def step(self) -> None:
        """Compute one iteration, while the speed is `step` or the job is paused."""
        if (job := self._queue.active) is not None:
            job.throttle.step()

    def set_speed(self, speed: Speed) -> None:
        """Set the speed of the running job; results are the same at every speed."""
        if (job := self._queue.active) is not None:
            job.throttle.set_speed(speed)

    def set_evaluation_share(self, share: float) -> None:
        """Set the share of the time for online evaluation, of the running job and of runs started later.

        Raises:
            ValueError: not from 0 up to, but not including, 1.
        """
        if not 0 <= share < 1:
            raise ValueError(f"a share of {share} is not possible: choose from 0 up to below 1")
        self.evaluation_share = share
        if (job := self._queue.active) is not None:
            job.evaluation_share = share

    def stop(self) -> None:
        """Stop the running job after its current event; a run can be resumed from there."""
        if (job := self._queue.active) is not None:
            self._queue.set_state(job, "stopping")
            job.throttle.stop()

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue; stop it if it is running."""
        if not self._queue.cancel(job) and job is self._queue.active:
            self.stop()

    def notify(self) -> None:
        """Count up the revision, so that pages look again."""
        self._queue.notify()

    def wait(self, revision: int, timeout: float) -> int:
        """Wait until the revision is above this one, or the time in seconds is over; returns the revision."""
        return self._queue.wait(revision, timeout)
