"""Which job the thread is at and which wait: the one place where a job's state changes.

Every method may be called from any thread.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from app.jobs.job import Job, JobState
from app.jobs.work import Work
from app.text.formatting import grouped

log = logging.getLogger(__name__)


class BusyError(ValueError):
    """The thread is at another job; the sentence says which, and what can be done."""


class JobQueue:
    """The job at work and those that wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Job, Work]] = deque()
        self._aside: deque[Callable[[], None]] = deque()
        self._closed = False
        self.current: Job | None = None
        """The job at work, else the last one that ended."""
        self.revision = 0
        """Grows with every change of a job's state."""

    @property
    def active(self) -> Job | None:
        """The job at work."""
        current = self.current
        return current if current is not None and current.active else None

    @property
    def busy(self) -> bool:
        """Whether a job is at work or waits."""
        return bool(self._waiting) or self.active is not None

    @property
    def waiting(self) -> tuple[Job, ...]:
        """What waits, next first."""
        with self._changed:
            return tuple(job for job, _ in self._waiting)

    @property
    def closed(self) -> bool:
        """Whether nothing is accepted any more."""
        return self._closed

    def accept(self, job: Job, work: Work, behind_others: bool) -> None:
        """Let a job be taken at once, or wait for its turn if `behind_others`.

        Raises:
            BusyError: another job is at hand and this one is not to wait.
        """
        with self._changed:
            if self._closed:
                raise BusyError("the app is ending: start it again first")
            if self.busy and not behind_others:
                raise BusyError(self._busy_sentence())
            self._waiting.append((job, work))
            self.bump()

    def do_when_idle(self, task: Callable[[], None]) -> None:
        """Have something done, by the thread that takes jobs, while no job waits. It must be short."""
        with self._changed:
            self._aside.append(task)
            self._changed.notify_all()

    def take(self) -> tuple[Job, Work] | None:
        """Wait for a job and begin it, doing what was put aside meanwhile; None when the queue is closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed or self._aside)
                if self._closed:
                    return None
                if self._waiting:
                    job, work = self._waiting.popleft()
                    self.current = job
                    self.set_state(job, "running")
                    return job, work
                task = self._aside.popleft()
            try:
                task()
            except Exception:
                log.exception("what was put aside failed")  # the thread lives on: jobs come next

    def cancel(self, job: Job) -> bool:
        """Take a job out; False when it does not wait."""
        with self._changed:
            others = [pair for pair in self._waiting if pair[0] is not job]
            if len(others) == len(self._waiting):
                return False
            self._waiting = deque(others)
            self.set_state(job, "stopped")
            return True

    def close(self) -> None:
        """Drop what waits and accept nothing more."""
        with self._changed:
            self._closed = True
            for job, _ in self._waiting:
                self.set_state(job, "stopped")
            self._waiting.clear()
            self.bump()

    def set_state(self, job: Job, state: JobState) -> None:
        """Change a job's state; one that is stopping neither pauses nor goes on."""
        with self._changed:
            if job.state != "stopping" or state not in ("running", "paused"):
                job.state = state
            self.bump()

    def bump(self) -> None:
        """Let everybody who watches the revision look again."""
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
            return "other runs wait for their turn: queue this one behind them, or cancel those"
        done = f" at iteration {grouped(job.snapshot.iteration)}" if job.snapshot is not None else ""
        return f"“{job.title}” is {job.state}{done}: stop it, or queue this one behind it"
