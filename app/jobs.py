"""The one thread that computes, and the manager through which pages ask things of it.

The thread never calls Streamlit. It publishes a snapshot by assigning one attribute of its job; start, pause,
go on and stop are requests that take effect between two events, so every tab sees the same job. The manager
is one per process; it stops and joins its thread when the process ends, which leaves a run to be resumed.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from app.job import Job, JobError
from app.job_queue import BusyError, JobQueue
from app.judging import KINDS, Kind
from app.live import EvaluationProgress, LiveSnapshot
from app.pace import Pace
from app.process import end_with_process, kept_in_process, released_by_process
from app.settings import cache_root, data_root, runs_root
from app.starts import title_of
from app.table_work import TableWork
from app.timings import Timings
from app.work import Condensation, Desk, Evaluation, Resumption, WholeTraining, Work
from app.worker import carry_out, warm_up
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.experiments.results import Results, results_file, write_results
from dmcore.experiments.table import Table
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

USUAL_SHARE = 0.2


class JobManager:
    """Owns the thread of one device and what waits for it. Every method may be called from any thread."""

    def __init__(self, runs_root: Path, data_root: Path | None = None, device: str = "auto") -> None:
        """Make a manager; its thread starts with the first job, or with `warm`."""
        self._desk = Desk(runs_root, data_root, device)
        self._queue = JobQueue()
        self.timings = Timings(self._queue, device)
        """How long set-ups would take here."""
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._device: tuple[str, str] | None = None
        self.gauge_share = USUAL_SHARE
        """Share of the time for following the accuracy that whoever starts a run on a page asks for."""

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

    def start(
        self,
        config: CondenseConfig,
        title: str = "",
        evaluate: EvaluateConfig | None = None,
        *,
        queue: bool = False,
        pace: Pace = "full",
        download: bool = False,
        guess: float | None = None,
        gauge_share: float = 0.0,
    ) -> Job:
        """Condense a new run.

        Args:
            config: what to learn.
            title: what to call it; left out, made from the configuration.
            evaluate: the protocol to judge it by at the end; left out, it is not judged.
            queue: wait for the job at hand instead of refusing.
            pace: how fast to begin.
            download: fetch the data set if it is not on disk.
            guess: the accuracy in percent that a person expects; kept with the run.
            gauge_share: share of the time, 0 to 1, that may go into following the accuracy.

        Raises:
            BusyError: another job is at hand and `queue` is false.
        """
        title = title.strip() or title_of(config)
        work = Condensation(config, title, evaluate, download, guess)
        return self._accept(Job("condense", title, pace=pace, gauge_share=gauge_share), work, queue)

    def resume(
        self,
        run_id: str,
        *,
        iterations: int | None = None,
        evaluate: EvaluateConfig | None = None,
        queue: bool = False,
        pace: Pace = "full",
        gauge_share: float = 0.0,
    ) -> Job:
        """Go on with a run, to the iterations it was made for or to another number.

        Raises:
            BusyError: another job is at hand and `queue` is false.
            ValueError: no such run, or one that cannot go on.
        """
        run = open_run(run_id, self._desk.runs_root)
        if run.config is None:
            raise ValueError(f"run {run_id} was not condensed here: start a new run instead")
        job = Job("condense", run.description.title, run.id, pace, gauge_share=gauge_share)
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

    def train(self, dataset: str, *, queue: bool = False) -> Job:
        """Train a network on the whole of a data set, for the feature map and whatever else needs one.

        Raises:
            BusyError: another job is at hand and `queue` is false.
        """
        job = Job("train", f"A network for all of {dataset}", dataset=dataset)
        return self._accept(job, WholeTraining(dataset, cache_root()), queue)

    def fill(self, table: Table, *, queue: bool = False) -> Job:
        """Fill a table of the paper: make its sets and train networks on them; what is known is kept.

        Raises:
            BusyError: another job is at hand and `queue` is false.
            StorageError: the runs root cannot be written to.
        """
        if not results_file(self.runs_root, table).exists():
            write_results(self.runs_root, Results(table=table, filled={}))  # its addresses answer from now on
        job = Job("table", table.title, dataset=table.dataset)
        job.table = table
        return self._accept(job, TableWork(table, cache_root()), queue)

    def table_job(self, table: Table) -> Job | None:
        """The job that fills this table: at work, waiting, or the last one that ended."""
        at_hand = (self._queue.current, *self._queue.waiting)
        return next((one for one in at_hand if one and one.table and one.table.key == table.key), None)

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

    def warm(self) -> None:
        """Load torch in the thread, so that the first start need not wait for it."""
        with self._starting:
            if self._thread is None and not self._queue.closed:
                self._thread = threading.Thread(target=self._work, name="condense", daemon=True)
                end_with_process(self.shutdown)
                self._thread.start()

    def shutdown(self) -> None:
        """Stop the job at hand, drop what waits, and wait until the thread has ended. For good."""
        self._queue.close()
        self.stop()
        with self._starting:
            if self._thread is not None:
                self._thread.join()

    def _accept(self, job: Job, work: Work, queue: bool) -> Job:
        self._queue.accept(job, work, behind_others=queue)
        self.warm()
        return job

    def _work(self) -> None:
        """The thread: warm up, then one job after the other until the end."""
        self._device = warm_up(self._desk)
        self._queue.bump()
        while (taken := self._queue.take()) is not None:
            job, work = taken
            self._queue.set_state(job, carry_out(job, work, self._desk, self._queue.set_state))


def get_manager() -> JobManager:
    """The manager of this process, for the folders that the settings name."""
    return kept_in_process("manager", lambda: JobManager(runs_root(), data_root()))


def release_manager() -> None:
    """Shut the manager of this process down; the next `get_manager` makes another."""
    manager: JobManager | None = released_by_process("manager")
    if manager is not None:
        manager.shutdown()
