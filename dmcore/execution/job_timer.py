"""Timer of a job at work: its remaining time while it runs, and the correction of the record when it ends."""

import time
from collections.abc import Callable
from contextlib import suppress

from dmcore.execution.cost import Estimate, Workload, left_text
from dmcore.execution.machine import MachineLoad
from dmcore.execution.remaining_time import RemainingTime
from dmcore.execution.speed_record import SpeedRecord
from dmcore.files.atomic import StorageError

LOOK_SECONDS = 1.0
"""Between two looks at the load of the machine."""
LEAST_SHARE = 0.05
"""Share of a job from which it corrects the record."""


class JobTimer:
    """Timer of one job, driven at display rate by the thread that computes it."""

    def __init__(
        self,
        work: Workload,
        speeds: SpeedRecord,
        load: MachineLoad,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a job.

        Args:
            work: all of it, from its very beginning where it is resumed.
            speeds: the record; what it lacks is scaled.
            load: of this machine.
            threads: that the job uses.
            clock: seconds, which stand still while a person makes the job wait.
        """
        self._work, self._speeds, self._load, self._threads, self._clock = work, speeds, load, threads, clock
        for piece in speeds.missing(work):
            speeds.scale(piece)
        quiet = speeds.seconds(work) or 0.0
        self._remaining = RemainingTime(quiet * load.slowdown(threads))
        self.estimate = Estimate(quiet * load.slowdown(threads), slowdown=load.slowdown(threads))
        """Made before the beginning."""
        self._begun: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self._looked, self._looks, self._slowdowns = 0.0, 0, 0.0

    def take(self, fraction: float) -> None:
        """Take the share of the job that is done, 0 to 1."""
        now = self._clock()
        if self._begun is None:
            self._begun, self._looked = (now, fraction), now
        self._last = now, fraction
        self._remaining.take(now, fraction)
        if now - self._looked >= LOOK_SECONDS:
            self._look(now)

    @property
    def seconds_left(self) -> float | None:
        """Seconds that are left; None while nothing can be said."""
        return self._remaining.seconds

    @property
    def slowdown(self) -> float:
        """Factor by which other processes slow the job down, averaged so far."""
        return self._slowdowns / self._looks if self._looks else self.estimate.slowdown

    @property
    def left_text(self) -> str:
        """Remaining time for people: '4 min left'; empty while nothing can be said."""
        seconds = self.seconds_left
        return "" if seconds is None else left_text(seconds, self.slowdown)

    def finish(self) -> None:
        """Correct the record by the part that was done, also of a job that was stopped."""
        if self._begun is None:
            return
        seconds, done = (after - before for after, before in zip(self._last, self._begun, strict=True))
        if done >= LEAST_SHARE:
            with suppress(StorageError):  # the job was done; only its time is not kept
                self._speeds.correct(self._work * done, seconds, self.slowdown)

    def _look(self, now: float) -> None:
        self._looked = now
        self._looks += 1
        self._slowdowns += self._load.slowdown(self._threads)
