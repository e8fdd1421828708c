"""The one thread that computes, its queue, and the manager through which pages ask things of it.

The thread never calls Streamlit. It publishes a snapshot by assigning one attribute of its job; start, pause,
go on and stop are requests that take effect between two events, so every tab sees the same job. The manager
is one per process; it stops and joins its thread when the process ends, which leaves a run to be resumed.
"""

import atexit
import logging
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from types import ModuleType

from app.job import Job, JobError, JobState
from app.judging import KINDS, Kind
from app.live import EvaluationProgress, LiveSnapshot
from app.pace import Pace
from app.settings import data_root, runs_root
from app.starts import title_of
from app.words import grouped
from app.work import Condensation, Desk, Evaluation, Resumption, StopAskedError, Work, announce
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.runs.roots import open_run

__all__ = [
    "BusyError",
    "EvaluationProgress",
    "Job",
    "JobError",
    "JobManager",
    "LiveSnapshot",
    "Pace",
    "get_manager",
    "release_manager",
]

log = logging.getLogger(__name__)


class BusyError(ValueError):
    """The thread is at another job; the sentence says which, and what can be done."""


class JobManager:
    """Owns the thread of one device and what waits for it. Every method may be called from any thread."""

    def __init__(self, runs_root: Path, data_root: Path | None = None, device: str = "auto") -> None:
        """Make a manager; its thread starts with the first job, or with `warm`."""
        self._desk = Desk(runs_root, data_root, device)
        self._changed = threading.Condition()
        self._queue: deque[tuple[Job, Work]] = deque()
        self._current: Job | None = None
        self._thread: threading.Thread | None = None
        self._closing = False
        self._revision = 0
        self._device: tuple[str, str] | None = None

    @property
    def runs_root(self) -> Path:
        """Where its runs are."""
        return self._desk.runs_root

    @property
    def device(self) -> tuple[str, str] | None:
        """The device in use and the reason in a sentence; None until torch is loaded."""
        return self._device

    @property
    def current(self) -> Job | None:
        """The job that the thread is at, else the last one that ended; its `state` tells."""
        return self._current

    @property
    def busy(self) -> bool:
        """Whether a job is at work or waits."""
        return bool(self._queue) or (self._current is not None and self._current.active)

    @property
    def queued(self) -> tuple[Job, ...]:
        """What waits, next first."""
        with self._changed:
            return tuple(job for job, _ in self._queue)

    @property
    def revision(self) -> int:
        """Grows with every change of a job's state; not with snapshots, which count by themselves."""
        return self._revision

    def find(self, run_id: str) -> Job | None:
        """The job at work or waiting that belongs to a run."""
        at_hand = [self._current] if self._current is not None and self._current.active else []
        return next((job for job in (*at_hand, *self.queued) if job.run_id == run_id), None)

    def start(
        self,
        config: CondenseConfig,
        title: str = "",
        evaluate: EvaluateConfig | None = None,
        *,
        queue: bool = False,
        pace: Pace = "full",
        download: bool = False,
    ) -> Job:
        """Condense a new run.

        Args:
            config: what to learn.
            title: what to call it; left out, made from the configuration.
            evaluate: the protocol to judge it by at the end; left out, it is not judged.
            queue: wait for the job at hand instead of refusing.
            pace: how fast to begin.
            download: fetch the data set if it is not on disk.

        Raises:
            BusyError: another job is at hand and `queue` is false.
        """
        title = title.strip() or title_of(config)
        work = Condensation(config, title, evaluate, download)
        return self._accept(Job("condense", title, pace=pace), work, queue)

    def resume(
        self,
        run_id: str,
        *,
        iterations: int | None = None,
        evaluate: EvaluateConfig | None = None,
        queue: bool = False,
        pace: Pace = "full",
    ) -> Job:
        """Go on with a run, to the iterations it was made for or to another number.

        Raises:
            BusyError: another job is at hand and `queue` is false.
            ValueError: no such run, or one that cannot go on.
        """
        run = open_run(run_id, self._desk.runs_root)
        if run.config is None:
            raise ValueError(f"run {run_id} was imported without its configuration: start a new run instead")
        job = Job("condense", run.description.title, run.id, pace)
        return self._accept(job, Resumption(run.id, iterations, evaluate), queue)

    def evaluate(
        self, run_id: str, config: EvaluateConfig, kinds: Sequence[Kind] | None = None, *, queue: bool = False
    ) -> Job:
        """Judge the sets of a run as they are now, beside as many random real images, beside all of them.

        Raises:
            BusyError: another job is at hand and `queue` is false.
            ValueError: no such run, or an unknown kind.
        """
        run = open_run(run_id, self._desk.runs_root)
        for kind in kinds or ():
            if kind not in KINDS:
                raise ValueError(f"there is no kind {kind!r}: choose from {', '.join(KINDS)}")
        job = Job("evaluate", run.description.title, run.id)
        return self._accept(job, Evaluation(run.id, config, None if kinds is None else tuple(kinds)), queue)

    def pause(self) -> None:
        """Let the current job wait after the event in hand."""
        if self._current is not None and self._current.state == "running":
            self._current.gate.pause()

    def go_on(self) -> None:
        """End the pause."""
        if self._current is not None:
            self._current.gate.go_on()

    def step(self) -> None:
        """One iteration, while the pace is `step` or the job is paused."""
        if self._current is not None:
            self._current.gate.step()

    def set_pace(self, pace: Pace) -> None:
        """How fast the current job goes; results are the same at every pace."""
        if self._current is not None:
            self._current.gate.set_pace(pace)

    def stop(self) -> None:
        """End the current job after the event in hand; a run can be resumed from there."""
        job = self._current
        if job is not None and job.active:
            self._set_state(job, "stopping")
            job.gate.stop()

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue; one at work is stopped."""
        with self._changed:
            waiting = [pair for pair in self._queue if pair[0] is not job]
            if len(waiting) < len(self._queue):
                self._queue = deque(waiting)
                self._set_state(job, "stopped")
                return
        if job is self._current:
            self.stop()

    def wait(self, revision: int, timeout: float) -> int:
        """Wait until the revision is above this one, or the time in seconds is over; returns the revision."""
        with self._changed:
            self._changed.wait_for(lambda: self._revision > revision, timeout)
            return self._revision

    def warm(self) -> None:
        """Load torch in the thread, so that the first start need not wait for it."""
        with self._changed:
            self._ensure_thread()

    def shutdown(self) -> None:
        """Stop the job at hand, drop what waits, and wait until the thread has ended. For good."""
        with self._changed:
            self._closing = True
            for job, _ in self._queue:
                self._set_state(job, "stopped")
            self._queue.clear()
            self._changed.notify_all()
        self.stop()
        if self._thread is not None:
            self._thread.join()
        atexit.unregister(self.shutdown)

    def _accept(self, job: Job, work: Work, queue: bool) -> Job:
        with self._changed:
            if self._closing:
                raise BusyError("the app is ending: start it again first")
            if self.busy and not queue:
                raise BusyError(self._busy_sentence())
            self._queue.append((job, work))
            self._bump()
            self._ensure_thread()
        return job

    def _busy_sentence(self) -> str:
        job = self._current
        if job is None or not job.active:
            return "other runs wait for their turn: queue this one behind them, or cancel those"
        done = f" at iteration {grouped(job.snapshot.iteration)}" if job.snapshot is not None else ""
        return f"“{job.title}” is {job.state}{done}: stop it, or queue this one behind it"

    def _ensure_thread(self) -> None:
        if self._thread is None and not self._closing:
            # A daemon, because others are joined before atexit runs; inside torch at the very end it would
            # abort the process, so atexit stops and joins it.
            self._thread = threading.Thread(target=self._work, name="condense", daemon=True)
            atexit.register(self.shutdown)
            self._thread.start()

    def _work(self) -> None:
        try:
            self._device = self._desk.warm()
        except Exception:  # the job that needs it will say it to a person
            log.exception("torch could not be warmed")
        with self._changed:
            self._bump()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if self._closing:
                    return
                job, work = self._queue.popleft()
                self._current = job
                self._set_state(job, "running")
            self._set_state(job, self._outcome(job, work))

    def _outcome(self, job: Job, work: Work) -> JobState:
        """Do a job to its end; whatever goes wrong in it, the thread lives on."""
        try:
            return "finished" if self._drive(job, work) else "stopped"
        except StopAskedError:
            return "stopped"
        except Exception as error:
            if not isinstance(error, ValueError):
                log.exception("a job failed")
            from dmcore.runs.failure import describe_failure

            iteration = job.snapshot.iteration if job.snapshot is not None else 0
            failure = describe_failure(error, iteration)
            job.error = JobError(failure.sentence, failure.remedy)
            return "failed"
        finally:
            job.doing = ""
            job.view = job.recording = None

    def _drive(self, job: Job, work: Work) -> bool:
        """Whether it came to its end; False when it was stopped."""
        run_id = job.run_id
        with closing(work(job, self._desk)) as events:
            for iteration in events:
                if run_id != job.run_id:
                    run_id = job.run_id
                    with self._changed:
                        self._bump()
                if job.view is not None and job.view.is_due():
                    job.publish()
                passed = job.gate.wait(iteration, partial(self._announce, job))
                if passed and job.state == "paused":
                    self._announce(job)
                if not passed:
                    job.publish()
                    return False
        job.publish()
        return True

    def _announce(self, job: Job) -> None:
        """Show and say that the job waits for a person, or no longer."""
        job.publish()
        announce(job)
        state: JobState = "paused" if job.gate.paused else "running"
        if job.state != state:
            self._set_state(job, state)

    def _set_state(self, job: Job, state: JobState) -> None:
        with self._changed:
            if job.state == "stopping" and state in ("running", "paused"):
                return
            job.state = state
            self._bump()

    def _bump(self) -> None:
        self._revision += 1
        self._changed.notify_all()


def get_manager() -> JobManager:
    """The manager of this process, for the folders that the settings name.

    It is kept outside of this module, where neither hot reload nor the menu's “Clear cache” reaches it.
    """
    place = sys.modules.setdefault(_PLACE, ModuleType(_PLACE))
    with place.__dict__.setdefault("lock", threading.Lock()):
        if "manager" not in place.__dict__:
            place.__dict__["manager"] = JobManager(runs_root(), data_root())
        manager: JobManager = place.__dict__["manager"]
        return manager


def release_manager() -> None:
    """Shut the manager of this process down; the next `get_manager` makes another."""
    place = sys.modules.get(_PLACE)
    if place is not None and "manager" in place.__dict__:
        place.__dict__.pop("manager").shutdown()


_PLACE = "dm_explorer_process"
