"""Timer of a job at work: its remaining time while it runs, and the correction of the record when it ends."""

import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from statistics import fmean

from dmcore.execution.cost import Estimate, Piece, Workload, left_text
from dmcore.execution.machine import MachineLoad
from dmcore.execution.remaining_time import RemainingTime
from dmcore.execution.speed_record import SpeedRecord
from dmcore.files.atomic import StorageError

LOOK_SECONDS = 1.0
"""Between two looks at the load of the machine."""
RECENT_LOOKS = 5
"""Looks that tell whether other programs slow the job down now."""
LEAST_SHARE = 0.05
"""Share of a job from which it corrects the record."""


class JobTimer:
    """Timer of one job, driven by the thread that computes it, from time to time or after each epoch."""

    def __init__(
        self,
        workload: Workload,
        speeds: SpeedRecord,
        load: MachineLoad,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        done: float = 0.0,
        pace: float | None = None,
    ) -> None:
        """Begin a job.

        Args:
            workload: all of it, from its very beginning where it is resumed.
            speeds: the record; what it lacks is scaled.
            load: of this machine.
            threads: that the job uses.
            clock: seconds, which stand still while a person makes the job wait.
            done: share that was done before.
            pace: of the job before it, which predicts this one's; left out, the load does.
        """
        self._workload, self._speeds = workload, speeds
        self._load, self._threads, self._clock = load, threads, clock
        slowdown = load.slowdown(threads)
        self._predicted_pace = slowdown if pace is None else pace
        quiet = speeds.scaled_seconds(workload)
        predicted = quiet * self._predicted_pace
        self._remaining = RemainingTime(predicted)
        self.estimate = Estimate(predicted * (1 - done), quiet * (1 - done), slowdown=slowdown)
        """Of what is left, made before the beginning."""
        self._begun: tuple[float, float] | None = None
        self._last = (0.0, done)
        self._before, self._share = done, 0.0
        self._looked, self._looks, self._slowdowns = 0.0, 0, 0.0
        self._recent: deque[float] = deque(maxlen=RECENT_LOOKS)
        self._worked_on: set[Piece] = set()

    def take(self, fraction: float) -> None:
        """Take the share of the job that is done, 0 to 1."""
        now = self._clock()
        if self._begun is None:
            self._begun, self._looked = (now, fraction), now
        self._last = now, fraction
        self._remaining.take(now, fraction)
        if now - self._looked >= LOOK_SECONDS:
            self._look(now)

    def skip(self, share: float) -> None:
        """Count a share as done that turned out to be there already: it took no time, and has no pace."""
        self._last = self._last[0], self._last[1] + share
        if self._begun is not None:
            self._begun = self._begun[0], self._begun[1] + share
        self._remaining.skip(share)

    def begin_part(self, part: Workload) -> None:
        """Begin a part of the job; the one before it is done. Its share is that of the time it takes."""
        self._before += self._share
        self._share = self.seconds_of(part) / (self.seconds_of(self._workload) or 1.0)
        self.work_on(part)
        self.take_part(0.0)

    def take_part(self, fraction: float) -> None:
        """Take the share of the part that is done, 0 to 1."""
        self.take(min(1.0, self._before + fraction * self._share))

    def work_on(self, part: Workload) -> None:
        """Note what is at work: a job that is stopped says nothing about parts that it did not come to."""
        self._worked_on.update(part.pieces)

    def seconds_of(self, part: Workload) -> float:
        """Seconds that a part of the job takes on the quiet machine."""
        return math.fsum(count * self._speeds.piece_seconds(piece) for piece, count in part.counts)

    @property
    def fraction(self) -> float:
        """Share of the job that is done, 0 to 1."""
        return self._last[1]

    @property
    def seconds_left(self) -> float | None:
        """Seconds that are left; None while nothing can be said."""
        return self._remaining.seconds

    @property
    def steady(self) -> bool:
        """Whether `seconds_left` will hardly change by a factor any more."""
        return self._remaining.steady

    @property
    def slowdown(self) -> float:
        """Factor by which other processes slow the job down in these seconds."""
        return fmean(self._recent) if self._recent else self.estimate.slowdown

    @property
    def pace(self) -> float:
        """Factor by which the job is slower than recorded of the quiet machine, for whatever reason."""
        return self._predicted_pace * self._remaining.slowdown

    def seconds_at_pace(self, workload: Workload) -> float:
        """Seconds that other work takes at the pace of this job."""
        return self._speeds.scaled_seconds(workload) * self.pace

    @property
    def left_text(self) -> str:
        """Remaining time for people: '4 min left'; empty while nothing can be said."""
        seconds = self.seconds_left
        return "" if seconds is None else left_text(seconds, self.slowdown)

    def close(self) -> None:
        """Correct the record by the part that was done, also of a job that was stopped."""
        if self._begun is None:
            return
        seconds, done = (after - before for after, before in zip(self._last, self._begun, strict=True))
        if done >= LEAST_SHARE:
            with suppress(StorageError):  # the job was done; only its time is not kept
                average = self._slowdowns / self._looks if self._looks else self.estimate.slowdown
                self._speeds.correct(self._workload * done, seconds, average, self._worked_on)

    def _look(self, now: float) -> None:
        self._looked = now
        self._looks += 1
        self._recent.append(self._load.slowdown_now(self._threads))
        self._slowdowns += self._recent[-1]
