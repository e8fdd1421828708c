"""Job queue of the background thread: the running job and the waiting ones, in order.

A job's state changes here and nowhere else.

Every method may be called from any thread.
"""

import threading
from collections import deque

from app.jobs.job import Job, JobState
from app.jobs.work import Work
from dmcore.config.formatting import grouped


class BusyError(ValueError):
    """Another job is running or queued; the message says which, and the remedy."""


class JobQueue:
    """First-in, first-out queue of jobs; knows the running one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Job, Work]] = deque()
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
    def busy(self) -> bool:
        """Whether a job is running or queued."""
        return bool(self._waiting) or self.active is not None

    @property
    def waiting(self) -> tuple[Job, ...]:
        """The queued jobs, next first."""
        with self._changed:
            return tuple(job for job, _ in self._waiting)

    @property
    def closed(self) -> bool:
        """Whether the queue accepts no more jobs."""
        return self._closed

    def accept(self, job: Job, work: Work, queue_behind: bool) -> None:
        """Add a job; behind others only if `queue_behind`.

        Raises:
            BusyError: another job is running or queued, or the queue is closed.
        """
        with self._changed:
            if self._closed:
                raise BusyError("the app is ending: start it again first")
            if self.busy and not queue_behind:
                raise BusyError(self._busy_sentence())
            self._waiting.append((job, work))
            self.notify()

    def take(self) -> tuple[Job, Work] | None:
        """Wait for a job and begin it; None when the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            job, work = self._waiting.popleft()
            self.current = job
            self.set_state(job, "running")
            return job, work

    def cancel(self, job: Job) -> bool:
        """Take a job out of the queue; False when it is not queued."""
        with self._changed:
            others = [pair for pair in self._waiting if pair[0] is not job]
            if len(others) == len(self._waiting):
                return False
            self._waiting = deque(others)
            self.set_state(job, "stopped")
            return True

    def close(self) -> None:
        """Drop the queued jobs and accept no more."""
        with self._changed:
            self._closed = True
            for job, _ in self._waiting:
                self.set_state(job, "stopped")
            self._waiting.clear()
            self.notify()

    def set_state(self, job: Job, state: JobState) -> None:
        """Change a job's state; a stopping job neither pauses nor unpauses."""
        with self._changed:
            if job.state != "stopping" or state not in ("running", "paused"):
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
