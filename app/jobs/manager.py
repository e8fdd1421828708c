"""The background thread that computes, and the job manager that starts jobs on it and controls them.

The thread (`JobManager._work`) takes one job after the other from the queue; worker.py runs a job. The thread
never calls Streamlit. It publishes a snapshot by assigning one attribute of its job; start, pause, unpause
and stop are requests that take effect between two events, so every tab sees the same job. The manager is one
per process; it stops and joins its thread when the process ends, which leaves a run to be resumed.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from app.answers.singleton import Singleton, stop_at_exit
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root, runs_root
from app.jobs.evaluation_tasks import TRAINED_ON, TrainedOn
from app.jobs.job import Job, Work
from app.jobs.job_queue import JobQueue
from app.jobs.pool_work import PoolWork
from app.jobs.run_presets import title_of
from app.jobs.table_work import TableWork
from app.jobs.throttle import Speed, Throttle
from app.jobs.work import CondenseWork, EvaluateWork, ResumeWork, WholeSetTrainingWork, WorkerContext
from app.jobs.worker import run_job, warm_up
from app.text.status import Status
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.matching_runs import PlannedRun
from dmcore.experiments.results import Results, results_file, write_results
from dmcore.experiments.table import Table
from dmcore.runs.runs_root import open_run

DEFAULT_EVALUATION_SHARE = 0.2


class JobManager(JobQueue):
    """Job queue with the background thread of one device that computes it; starts every kind of job.

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

    def start(
        self,
        config: CondenseConfig,
        title: str = "",
        evaluate: EvaluateConfig | None = None,
        *,
        queue: bool = False,
        speed: Speed = "full",
        download: bool = False,
        prediction: float | None = None,
        started_by: str = "",
        evaluation_share: float = 0.0,
    ) -> Job:
        """Condense a new run.

        Args:
            config: the set-up.
            title: title of the run; left out, made from the configuration.
            evaluate: the protocol of the evaluation at the end; left out, it is not evaluated.
            queue: wait behind other jobs instead of refusing.
            speed: speed at the beginning.
            download: fetch the data set if it is not on disk.
            prediction: the accuracy in percent that a person expects; stored with the run.
            started_by: hash of the id of this person, who may have predicted too.
            evaluation_share: share of the time, 0 to 1, that online evaluation may take.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
        """
        work = CondenseWork(
            title=title.strip() or title_of(config),
            planned_run=PlannedRun(config),
            evaluate=evaluate,
            download=download,
            prediction=prediction,
            started_by=started_by,
        )
        return self._submit(work, queue, speed, evaluation_share)

    def resume(
        self,
        run_id: str,
        *,
        iterations: int | None = None,
        evaluate: EvaluateConfig | None = None,
        queue: bool = False,
        speed: Speed = "full",
        evaluation_share: float = 0.0,
    ) -> Job:
        """Resume a run, to the iterations of its configuration or to another number.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
            ValueError: no such run, or one that cannot be resumed.
        """
        run = open_run(run_id, self._context.runs_root)
        if run.config is None:
            raise ValueError(f"run {run_id} was not condensed here: start a new run instead")
        config = (
            run.config if iterations is None else run.config.model_copy(update={"iterations": iterations})
        )
        work = ResumeWork(
            title=run.description.title,
            run_id=run.id,
            planned_run=PlannedRun(config, run.description.data.digest or ""),
            iterations=iterations,
            evaluate=evaluate,
        )
        return self._submit(work, queue, speed, evaluation_share)

    def evaluate(
        self,
        run_id: str,
        config: EvaluateConfig,
        kinds: Sequence[TrainedOn] | None = None,
        *,
        queue: bool = False,
    ) -> Job:
        """Evaluate the sets of a run as they are now, and as many random real images, and all real images.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
            ValueError: no such run, or an unknown kind.
        """
        run = open_run(run_id, self._context.runs_root)
        for kind in kinds or ():
            if kind not in TRAINED_ON:
                raise ValueError(f"there is no kind {kind!r}: choose from {', '.join(TRAINED_ON)}")
        chosen = None if kinds is None else tuple(kinds)
        work = EvaluateWork(title=run.description.title, run_id=run.id, config=config, kinds=chosen)
        return self._submit(work, queue)

    def train(self, dataset: str, *, queue: bool = False) -> Job:
        """Train a network on the whole of a data set, for the feature map for example.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
        """
        work = WholeSetTrainingWork(title=f"A network for all of {dataset}", dataset=dataset)
        return self._submit(work, queue)

    def run_table(self, table: Table, *, queue: bool = False) -> Job:
        """Run a table of the paper: create its sets and train networks on them; stored results are reused.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
            StorageError: the runs root cannot be written to.
        """
        if not results_file(self.runs_root, table).exists():
            # its addresses answer from now on
            write_results(self.runs_root, Results(table=table, cell_results={}))
        return self._submit(TableWork(title=table.title, table=table), queue)

    def build_pool(self, request: PoolRequest, *, queue: bool = False) -> Job:
        """Train the missing networks of a pool, to condense with trained ones; each is stored when done.

        Raises:
            BusyError: another job is running or queued and `queue` is false.
        """
        title = f"A pool of trained networks for {request.dataset}"
        return self._submit(PoolWork(title=title, request=request), queue)

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

    def _submit(self, work: Work, queue: bool, speed: Speed = "full", evaluation_share: float = 0.0) -> Job:
        job = Job(work, Throttle(speed), evaluation_share)
        self.accept(job, queue_behind=queue)
        self.warm_up()
        return job

    def _work(self) -> None:
        """The loop of the background thread: warm up, then one job after the other until the end."""
        self._device = warm_up(self._context)
        self.notify()
        while (job := self.take()) is not None:
            self.set_state(job, run_job(job, self._context, self.set_state))


get_manager = Singleton(lambda: JobManager(runs_root(), data_root()))
"""The job manager of this process, for the folders of the settings."""


def is_computing() -> bool:
    """Whether the background thread of this process is computing a job now; a paused job does not count."""
    manager = get_manager.existing()
    job = manager.current if manager is not None else None
    return job is not None and job.state in (Status.RUNNING, Status.STOPPING)
