"""Remaining time as it is shown: estimates change from moment to moment, a number on screen must not."""

STEADY_SHARE, STEADY_SECONDS = 0.05, 1.0
"""Share of a remaining time, and seconds, by which an estimate may differ before the shown one follows it."""


class SteadyTime:
    """Remaining time for people: it counts down with the clock, and follows estimates that differ from it."""

    def __init__(self) -> None:
        self._end: float | None = None

    def take(self, now: float, seconds: float) -> float:
        """Take an estimate of the seconds that are left at a time; returns those to show."""
        tolerance = max(STEADY_SECONDS, STEADY_SHARE * seconds)
        if self._end is None or abs(self._end - now - seconds) > tolerance:
            self._end = now + seconds
        return max(0.0, self._end - now)
