"""Pace of polling: counts the tabs that poll, and spreads their requests so that the sum stays bounded."""

import threading
import time
from collections.abc import Callable

SECONDS_PER_VIEWER = 1 / 12
"""All tabs together ask for twelve lines a second, each with what follows it: images, charts, stops."""
LONGEST_SECONDS = 5.0
PRESENT_SECONDS = 12.0
"""A tab that has not polled for so long is gone or hidden."""
MOST_VIEWERS = 1000


class ViewerCount:
    """Sliding count of the tabs that poll live lines. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._counted_at = -PRESENT_SECONDS

    def poll_seconds(self, viewer: str) -> float:
        """Count a viewer; returns the least seconds until it polls the same line again."""
        now = self._clock()
        with self._lock:
            if viewer in self._seen or len(self._seen) < MOST_VIEWERS:
                self._seen[viewer] = now
            if now - self._counted_at > 1.0:
                self._counted_at = now
                self._seen = {
                    viewer: seen for viewer, seen in self._seen.items() if now - seen < PRESENT_SECONDS
                }
            return min(len(self._seen) * SECONDS_PER_VIEWER, LONGEST_SECONDS)
