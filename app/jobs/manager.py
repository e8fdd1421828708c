"""The background thread that computes, and the job manager that starts jobs on it and controls them.

The thread (`JobManager._work`) takes one job after the other from the queue; worker.py runs a job. The thread
never calls Streamlit. It publishes a snapshot by assigning one attribute of its job; start, pause, unpause
and stop are requests that take effect between two events, so every tab sees the same job. The manager is one
per process; it stops and joins its thread when the process ends, which leaves a run to be resumed.
"""

import threading
from pathlib import Path

from app.answers.singleton import Singleton, stop_at_exit
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root, runs_root
from app.jobs.job import Job, Work
from app.jobs.job_queue import JobQueue
from app.jobs.throttle import Speed, Throttle
from app.jobs.work import WorkerContext
from app.jobs.worker import run_job, warm_up
from app.text.status import Status

DEFAULT_EVALUATION_SHARE = 0.2


class JobManager(JobQueue):
    """Job queue with the background thread of one device that computes it.

    Every method may be called from any thread.
    """

    def __init__(self, runs_root: Path, data_root: Path | None = None, device: str = "auto") -> None:
        """Make a manager; its thread starts with the first job, or with `warm_up`."""
        self._context = WorkerContext(runs_root, data_root, device)
        super().__init__()
        self.evaluation_share = DEFAULT_EVALUATION_SHARE
        """Share of the time for online evaluation, 0 to 1, of runs that pages start."""
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._held: Job | None = None
        self._device: tuple[str, str] | None = None

    @property
    def runs_root(self) -> Path:
        """Folder of the runs."""
        return self._context.runs_root

    def data_digest(self, dataset: str) -> str:
        """`train_digest` of a data set that is in memory; empty for others."""
        known = DATASETS.known(dataset, self._context.data_root)
        return "" if known is None else known.train_digest

    @property
    def device(self) -> tuple[str, str] | None:
        """The device in use and the reason in a sentence; None until torch is loaded."""
        return self._device

    def submit(
        self, work: Work, *, queue: bool = False, speed: Speed = "full", evaluation_share: float = 0.0
    ) -> Job:
        """Start a job, or queue it.

        Args:
            work: what it computes.
            queue: wait behind other jobs instead of refusing.
            speed: speed at the beginning.
            evaluation_share: share of the time, 0 to 1, that online evaluation may take.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
            ValueError: there is no such run.
            StorageError: the runs root cannot be written to.
        """
        work.prepare(self.runs_root)
        job = Job(work, Throttle(speed), evaluation_share)
        self.accept(job, queue_behind=queue)
        self.warm_up()
        return job

    @property
    def throttle(self) -> Throttle:
        """Throttle of the running job; without one, of nothing."""
        job = self.active
        return Throttle() if job is None else job.throttle

    def set_evaluation_share(self, share: float) -> None:
        """Set the share of the time for online evaluation, of the running job and of runs started later.

        Raises:
            ValueError: not from 0 up to, but not including, 1.
        """
        if not 0 <= share < 1:
            raise ValueError(f"a share of {share} is not possible: choose from 0 up to below 1")
        self.evaluation_share = share
        if (job := self.active) is not None:
            job.evaluation_share = share

    def hold(self, wanted: bool) -> None:
        """Hold the running job before its next event while something short is computed, or let it go on.

        To be called again and again while it is wanted: another job may have begun since.
        """
        job, held = self.active if wanted else None, self._held
        if held is not None and held is not job:
            held.throttle.release()
        if job is not None and not job.throttle.on_hold:
            job.throttle.hold()
        self._held = job

    def warm_up(self) -> None:
        """Start the background thread, which loads torch, so that the first job need not wait for it."""
        with self._starting:
            if self._thread is None and not self.closed:
                self._thread = threading.Thread(target=self._work, name="condense", daemon=True)
                stop_at_exit(self.shutdown)
                self._thread.start()

    def shutdown(self) -> None:
        """Stop the running job, drop the queued ones, and wait until the thread has ended. For good."""
        self.close()
        self.stop()
        with self._starting:
            if self._thread is not None:
                self._thread.join()

    def _work(self) -> None:
        """The loop of the background thread: warm up, then one job after the other until the end."""
        self._device = warm_up(self._context)
        self.notify()
        while (job := self.take()) is not None:
            self.set_state(job, run_job(job, self._context, self.set_state))


get_manager = Singleton(lambda: JobManager(runs_root(), data_root()))
"""The job manager of this process, for the folders of the settings."""


def is_computing() -> bool:
    """Whether the background thread of this process is computing a job now; one that waits does not count."""
    manager = get_manager.existing()
    job = manager.current if manager is not None else None
    return job is not None and job.state in (Status.RUNNING, Status.STOPPING)


def hold_job(wanted: bool) -> None:
    """Hold the running job of this process for something short, or let it go on; see `JobManager.hold`."""
    manager = get_manager.existing()
    if manager is not None:
        manager.hold(wanted)
