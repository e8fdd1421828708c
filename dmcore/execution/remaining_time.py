"""Remaining time of a job at work: the estimate made before it, blended with its measured pace.

The weight of the pace grows with the share that is done, so the first piece alone, which opens files and
warms up caches, decides nothing. The pace is that of the latter half of the time, because a machine becomes
busy and quiet again.
"""

from collections import deque

HALF_DONE = 0.03
"""Share of a job after which its pace counts as much as the estimate."""
HALF_SECONDS = 0.3
"""Seconds after which a pace is half as sure as it can be."""
LEAST_SHARE, LEAST_SECONDS = 0.01, 1.0
"""Share and seconds from which the pace alone is believed, where there is no estimate."""
MOST_MARKS = 240


class RemainingTime:
    """Remaining seconds of one job; `take` is cheap, and called at display rate."""

    def __init__(self, predicted: float | None = None) -> None:
        """Begin with the seconds predicted for the whole job; None where there is no estimate."""
        self.predicted = predicted
        self._marks: deque[tuple[float, float]] = deque()
        self._begun: tuple[float, float] | None = None

    def take(self, at: float, fraction: float) -> None:
        """Take the share that is done, 0 to 1, and the seconds at which it is."""
        if self._begun is None:
            self._begun = at, fraction
        if self._marks and at <= self._marks[-1][0]:
            return
        self._marks.append((at, fraction))
        half = at - (at - self._begun[0]) / 2
        while len(self._marks) > 2 and (self._marks[1][0] <= half or len(self._marks) > MOST_MARKS):
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
        at, fraction = self._marks[-1]
        passed, done, measured = at - self._begun[0], fraction - self._begun[1], self._measured()
        left = max(0.0, 1 - fraction)
        if self.predicted is None:
            known = measured is not None and passed >= LEAST_SECONDS and done >= LEAST_SHARE
            return left * measured if known and measured is not None else None
        if measured is None:
            return left * self.predicted
        weight = done / (done + HALF_DONE) * passed / (passed + HALF_SECONDS)
        return float(left * self.predicted ** (1 - weight) * measured**weight)

    @property
    def slowdown(self) -> float:
        """Factor by which the job is slower than predicted, so far as that is sure; 1 where it is not."""
        left, fraction = self.seconds, self._marks[-1][1] if self._marks else 0.0
        if not left or not self.predicted or fraction >= 1:
            return 1.0
        return left / ((1 - fraction) * self.predicted)

    def _measured(self) -> float | None:
        """Seconds of the whole job at the pace of the latter half; None before anything was done."""
        (first_at, first), (at, fraction) = self._marks[0], self._marks[-1]
        return (at - first_at) / (fraction - first) if fraction > first and at > first_at else None
