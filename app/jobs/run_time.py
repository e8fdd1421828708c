"""Remaining time of a run: its pace, the online evaluation beside it, a slow start, the tests after it."""

from app.jobs.job import Job
from app.jobs.online_evaluation import OnlineEvaluation
from app.jobs.speeds import start_timer
from app.jobs.steady_time import SteadyTime
from app.jobs.throttle import slow_seconds
from dmcore.execution.cost import NO_WORKLOAD, Workload, condensation_workload
from dmcore.runs.folder import RunFolder


class RunTime:
    """Owner of the timer of one condensation; used by the background thread only."""

    def __init__(
        self,
        job: Job,
        run: RunFolder,
        online_evaluation: OnlineEvaluation,
        device: str,
        tests: Workload = NO_WORKLOAD,
    ) -> None:
        """Start at the iteration that the run has reached; `tests` is the work that follows its last one."""
        assert run.config is not None
        self._job, self._online_evaluation, self._tests = job, online_evaluation, tests
        self._iterations, done = run.config.iterations, run.iteration() / run.config.iterations
        workload = condensation_workload(run.config, run.description.data.data_shape)
        self._timer = start_timer(workload, device, self._working_seconds, done)
        self._shown, self._taken = SteadyTime(), -1.0
        self._steady = False

    def seconds_left(self, progress: float) -> float | None:
        """Seconds that are left, with the tests; None until they are steady.

        Args:
            progress: iterations done, with the share of the one at work.
        """
        if progress != self._taken:  # between two events there is nothing new to say of the pace
            self._timer.take(progress / self._iterations)
            self._taken = progress
        seconds = self._timer.seconds_left
        self._steady = self._steady or self._timer.steady
        if seconds is None or not self._steady:
            return None
        left = self._condensing(progress, seconds) + self._timer.seconds_at_pace(self._tests)
        return self._shown.take(self._job.throttle.clock(), left)

    @property
    def includes_tests(self) -> bool:
        """Whether tests follow the last iteration."""
        return self._tests != NO_WORKLOAD

    @property
    def slowdown(self) -> float:
        """Factor by which other processes slow the run down."""
        return self._timer.slowdown

    @property
    def pace(self) -> float:
        """Factor by which the run is slower than the recorded speeds say, for the job that follows it."""
        return self._timer.pace

    def close(self) -> None:
        """Correct the recorded speeds by how long it took."""
        self._timer.close()

    def _condensing(self, progress: float, seconds: float) -> float:
        """Seconds until the last iteration, from those that the iterations themselves take."""
        if progress >= self._iterations:
            return 0.0
        slow = 0.0
        if self._job.speed == "slow":
            slow = slow_seconds(int(progress), self._iterations, seconds / (self._iterations - progress))
        share = self._job.evaluation_share if self._online_evaluation.goes_on else 0.0
        return (seconds + slow) / (1 - share)

    def _working_seconds(self) -> float:
        """Seconds of the condensation alone: without waits, and without networks that are tested."""
        throttle = self._job.throttle
        return throttle.clock() - throttle.slowed - self._online_evaluation.spent
