"""Remaining time of a condensation: its own pace, the online evaluation beside it, and a slow start."""

from app.jobs.job import Job
from app.jobs.online_evaluation import OnlineEvaluation
from app.jobs.speeds import start_timer
from app.jobs.throttle import slow_seconds
from dmcore.execution.cost import condensation_workload
from dmcore.runs.folder import RunFolder


class RunTime:
    """Owner of the timer of one condensation; used by the background thread only."""

    def __init__(self, job: Job, run: RunFolder, online_evaluation: OnlineEvaluation, device: str) -> None:
        """Start at the iteration that the run has reached."""
        assert run.config is not None
        self._job, self._online_evaluation = job, online_evaluation
        self._iterations, done = run.config.iterations, run.iteration() / run.config.iterations
        workload = condensation_workload(run.config, run.description.data.data_shape)
        self._timer = start_timer(workload, device, self._working_seconds, done)

    def seconds_left(self, iteration: int) -> float | None:
        """Seconds that are left at an iteration; None while nothing can be said."""
        self._timer.take(iteration / self._iterations)
        seconds = self._timer.seconds_left
        if seconds is None or iteration >= self._iterations:
            return seconds
        share = self._job.evaluation_share if self._online_evaluation.goes_on else 0.0
        slow = 0.0
        if self._job.speed == "slow":
            slow = slow_seconds(iteration, self._iterations, seconds / (self._iterations - iteration))
        return seconds / (1 - share) + slow

    @property
    def slowdown(self) -> float:
        """Factor by which other processes slow the run down."""
        return self._timer.slowdown

    def close(self) -> None:
        """Correct the recorded speeds by how long it took."""
        self._timer.close()

    def _working_seconds(self) -> float:
        """Seconds of the condensation alone: without waits, and without networks that are tested."""
        throttle = self._job.throttle
        return throttle.clock() - throttle.slowed - self._online_evaluation.spent
