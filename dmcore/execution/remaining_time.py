"""Remaining time of a job at work: the estimate made before it, blended with its measured pace.

The weight of the pace grows with the share that is done and with the seconds that it was observed for, so the
first piece alone, which opens files and warms up caches, decides nothing, and a job that takes many times as
long as predicted says so within some seconds. The pace is that of the latter half of the time, because a
machine becomes busy and quiet again, and of the latter half of the work, because a job begins slowly. Until
it is steady, an estimate says nothing: the farther it is from the prediction, the longer it is doubted.
"""

import math
from collections import deque

HALF_DONE = 0.03
"""Share of a job after which its pace counts as much as the estimate."""
HALF_SECONDS = 0.3
"""Seconds after which a pace is half as sure as it can be."""
OBSERVED_SECONDS = 1.0
"""Seconds of observation after which the pace counts as much as the estimate, however little is done."""
OBSERVED_MARKS = 4
"""Observations of progress without which seconds say nothing: it may still be at its first piece."""
LEAST_SHARE, LEAST_SECONDS = 0.01, 1.0
"""Share and seconds from which the pace alone is believed, where there is no estimate."""
LEAST_WINDOW = 10.0
"""Seconds over which a pace is averaged at least: on a busy machine single moments say little."""
MOST_MARKS = 240
STEADY_SECONDS, STEADY_FACTOR = 2.0, 1.3
"""Seconds before which no pace is steady, and how much those of its two halves may differ."""
DOUBT_SECONDS = 5.0
"""Seconds for which a pace of twice or half the predicted one is doubted; of four times it twice as long."""
MOST_DOUBT = 30.0
"""Seconds after which whatever is estimated is believed."""


class RemainingTime:
    """Remaining seconds of one job; `take` is cheap, and called at display rate."""

    def __init__(self, predicted: float | None = None) -> None:
        """Begin with the seconds predicted for the whole job; None where there is no estimate."""
        self.predicted = predicted
        self._marks: deque[tuple[float, float]] = deque()
        """The beginning, and each step of progress: what is left of both where the window has moved on."""
        self._begun: tuple[float, float] | None = None
        self._at, self._steps = 0.0, 0

    def take(self, at: float, fraction: float) -> None:
        """Take the share that is done, 0 to 1, and the seconds at which it is."""
        if self._begun is None:
            self._begun, self._at = (at, fraction), at
            self._marks.append(self._begun)
        if at <= self._at:
            return
        self._at = at
        if fraction > self._marks[-1][1]:
            self._steps += 1
            self._marks.append((at, fraction))
            if self._steps == 2:  # from now on there is a pace without the first piece
                self._marks.popleft()
        since = at - max((at - self._begun[0]) / 2, LEAST_WINDOW)
        while len(self._marks) > 2 and (self._marks[1][0] <= since or len(self._marks) > MOST_MARKS):
            self._marks.popleft()

    def skip(self, share: float) -> None:
        """Count a share as done that took no time."""
        self._marks = deque((at, fraction + share) for at, fraction in self._marks)
        if self._begun is not None:
            self._begun = self._begun[0], self._begun[1] + share

    @property
    def seconds(self) -> float | None:
        """Seconds that are left; None before they can be told."""
        if self._begun is None or not self._marks:
            return self.predicted
        fraction, total = self._marks[-1][1], self._total()
        return None if total is None else max(0.0, 1 - fraction) * total

    @property
    def steady(self) -> bool:
        """Whether the estimate can be shown: it will hardly change by a factor any more."""
        if self._begun is None:
            return False
        passed, measured = self._at - self._begun[0], self._measured()
        if passed >= MOST_DOUBT:
            return True
        if measured is None or passed < STEADY_SECONDS or self._steps < OBSERVED_MARKS:
            return False
        doubt = 1.0 if self.predicted is None else abs(math.log2(measured / self.predicted))
        return passed >= DOUBT_SECONDS * doubt and self._is_even()

    @property
    def slowdown(self) -> float:
        """Factor by which the job is slower than predicted, so far as that is sure; 1 where it is not."""
        total = self._total()
        return total / self.predicted if total and self.predicted else 1.0

    def _total(self) -> float | None:
        """Seconds of the whole job; None before they can be told."""
        if self._begun is None or not self._marks:
            return self.predicted
        passed, done = self._at - self._begun[0], self._marks[-1][1] - self._begun[1]
        measured = self._measured()
        if self.predicted is None:
            return measured if passed >= LEAST_SECONDS and done >= LEAST_SHARE else None
        if measured is None:
            return self.predicted
        by_share = done / (done + HALF_DONE) * passed / (passed + HALF_SECONDS)
        by_time = passed**3 / (passed**3 + OBSERVED_SECONDS**3) if self._steps >= OBSERVED_MARKS else 0.0
        weight = max(by_share, by_time)
        return float(self.predicted ** (1 - weight) * measured**weight)

    def _measured(self) -> float | None:
        """Seconds of the whole job at the pace of the latter half; None before anything was done."""
        (first_at, first), (_, fraction) = self._half(self._begun), self._marks[-1]
        return (self._at - first_at) / (fraction - first) if fraction > first else None

    def _half(self, since: tuple[float, float] | None) -> tuple[float, float]:
        """Latest mark before the latter half of the work that was done since a mark."""
        first = self._marks[0]
        middle = ((since or first)[1] + self._marks[-1][1]) / 2
        return next((mark for mark in reversed(self._marks) if mark[1] <= middle), first)

    def _is_even(self) -> bool:
        """Whether the pace of the latter half is that of its own latter half."""
        begin, (_, fraction) = self._half(self._begun), self._marks[-1]
        at, middle = self._half(begin)
        if not begin[1] < middle < fraction:
            return False
        paces = (at - begin[0]) / (middle - begin[1]), (self._at - at) / (fraction - middle)
        return max(paces) <= STEADY_FACTOR * min(paces)
