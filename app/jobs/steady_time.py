"""Remaining time as it is shown: estimates change from moment to moment, a number on screen must not."""

STEADY_SHARE, STEADY_SECONDS = 0.05, 1.0
"""Share of a remaining time, and seconds, by which an estimate may differ before the shown one follows it."""
FASTEST = 1.15
"""Factor by which the shown time may change in a second, beside its counting down."""
MOST_SECONDS = 60.0
"""Of seconds without an estimate, those that count."""


class SteadyTime:
    """Remaining time for people: it counts down with the clock, and glides to estimates that differ."""

    def __init__(self) -> None:
        self._end: float | None = None
        self._at = 0.0

    def take(self, now: float, seconds: float) -> float:
        """Take an estimate of the seconds that are left at a time; returns those to show."""
        if self._end is None:
            self._end, self._at = now + seconds, now
        shown, factor = max(STEADY_SECONDS, self._end - now), FASTEST ** min(MOST_SECONDS, now - self._at)
        if abs(self._end - now - seconds) > max(STEADY_SECONDS, STEADY_SHARE * seconds):
            self._end = now + min(max(seconds, shown / factor), shown * factor)
        self._at = now
        return max(0.0, self._end - now)
