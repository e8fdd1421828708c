"""Job queue of the background thread: the running job and the waiting ones, in order.

A job's state changes here and nowhere else.

Every method may be called from any thread.
"""

import threading
from collections import deque
from collections.abc import Hashable

from app.jobs.job import Job, JobKind
from app.text.status import Status
from dmcore.config.formatting import grouped


class BusyError(ValueError):
    """Another job is running or queued; the message says which, and the remedy."""


class JobQueue:
    """First-in, first-out queue of jobs; knows the running one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._closed = False
        self.current: Job | None = None
        """The running job, else the last one that ended."""
        self.revision = 0
        """Change token: grows with every change of a job's state."""

    @property
    def active(self) -> Job | None:
        """The running job."""
        current = self.current
        return current if current is not None and current.active else None

    @property
    def holding(self) -> Job | None:
        """The running job where it waits for a person, and so do those behind it."""
        job = self.active
        return job if job is not None and job.waits_for_person else None

    @property
    def busy(self) -> bool:
        """Whether a job is running or queued."""
        return bool(self._waiting) or self.active is not None

    @property
    def queued(self) -> tuple[Job, ...]:
        """The queued jobs, next first."""
        with self._changed:
            return tuple(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether the queue accepts no more jobs."""
        return self._closed

    def accept(self, job: Job, queue_behind: bool) -> None:
        """Add a job; behind others only if `queue_behind`.

        Raises:
            BusyError: another job is running or queued, or the queue is closed.
        """
        with self._changed:
            if self._closed:
                raise BusyError("the app is ending: start it again first")
            if self.busy and not queue_behind:
                raise BusyError(self._busy_sentence())
            self._waiting.append(job)
            self.notify()

    def take(self) -> Job | None:
        """Wait for a job and begin it; None when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self.current = job = self._waiting.popleft()
            self.set_state(job, Status.RUNNING)
            return job

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue; stop it if it is running."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                self.set_state(job, Status.STOPPED)
            elif job is self.active:
                self.stop()

    def stop(self) -> None:
        """Stop the running job after its current event; a run can be resumed from there."""
        with self._changed:
            if (job := self.active) is not None:
                self.set_state(job, Status.STOPPING)
                job.throttle.stop()

    def job_of_run(self, run_id: str) -> Job | None:
        """The running or queued job that belongs to a run."""
        unfinished = (self.active, *self.queued)
        return next((job for job in unfinished if job is not None and job.run_id == run_id), None)

    def job_about(self, kind: JobKind, subject: Hashable) -> Job | None:
        """The job of this kind that computes a subject: running, queued, or the last one that ended."""
        works = ((job, job.work) for job in (self.current, *self.queued) if job is not None)
        return next((job for job, work in works if (work.kind, work.subject) == (kind, subject)), None)

    def close(self) -> None:
        """Drop the queued jobs and accept no more."""
        with self._changed:
            self._closed = True
            for job in self._waiting:
                self.set_state(job, Status.STOPPED)
            self._waiting.clear()
            self.notify()

    def set_state(self, job: Job, state: Status) -> None:
        """Change a job's state; a stopping job neither pauses nor unpauses."""
        with self._changed:
            if job.state is not Status.STOPPING or state not in (
                Status.RUNNING,
                Status.PAUSED,
                Status.WAITING,
            ):
                job.state = state
            self.notify()

    def notify(self) -> None:
        """Count up the revision and wake all who wait for it."""
        with self._changed:
            self.revision += 1
            self._changed.notify_all()

    def wait(self, revision: int, timeout: float) -> int:
        """Wait until the revision is above this one, or the time is over; returns the revision."""
        with self._changed:
            self._changed.wait_for(lambda: self.revision > revision, timeout)
            return self.revision

    def _busy_sentence(self) -> str:
        job = self.active
        if job is None:
            return "other jobs are queued: queue this one behind them, or cancel those"
        done = f" at iteration {grouped(job.snapshot.iteration)}" if job.snapshot is not None else ""
        return f"“{job.title}” is {job.state}{done}: stop it, or queue this one behind it"
