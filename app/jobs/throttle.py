"""What a person asks of a run while it works: pause, go on, stop, one step, and how fast to go.

Requests take effect between two events. A gate only ever waits: whatever the pace, the results are the same.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, get_args

Pace = Literal["step", "slow", "full"]

SLOW_ITERATIONS = 40
"""Iterations that take at least `SLOW_SECONDS` each at the slow pace: by 20 half the change is over."""
SLOW_SECONDS = 0.12
EASING = 0.9
"""By what the wait shrinks with each iteration after those."""
BEAT_SECONDS = 30.0
"""How often a run that waits for a person is announced again, so that its heartbeat goes on."""


def slow_seconds(iteration: int) -> float:
    """How long this iteration takes at least at the slow pace."""
    seconds = SLOW_SECONDS * EASING ** max(0, iteration - SLOW_ITERATIONS)
    return seconds if seconds > 1e-3 else 0.0


class Gate:
    """The worker passes it between two events; anybody may ask anything of it from any thread."""

    def __init__(self, pace: Pace = "full") -> None:
        self._changed = threading.Condition()
        self._pace: Pace = pace
        self._paused = False
        self._stopping = False
        self._steps = 0
        self._passed = float("-inf")
        self._waited = 0.0

    @property
    def pace(self) -> Pace:
        """How fast to go."""
        return self._pace

    @property
    def paused(self) -> bool:
        """Whether a pause was asked for."""
        return self._paused

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopping

    def clock(self) -> float:
        """Seconds that go on only while the worker does not wait for a person."""
        return time.monotonic() - self._waited

    def set_pace(self, pace: Pace) -> None:
        """Go step by step, slowly at first, or at full speed.

        Raises:
            ValueError: no such pace.
        """
        if pace not in get_args(Pace):
            raise ValueError(f"there is no pace {pace!r}: choose step, slow or full")
        with self._changed:
            self._pace, self._steps = pace, 0
            self._changed.notify_all()

    def pause(self) -> None:
        """Wait before the next event."""
        with self._changed:
            self._paused, self._steps = True, 0

    def go_on(self) -> None:
        """End the pause."""
        with self._changed:
            self._paused, self._steps = False, 0
            self._changed.notify_all()

    def step(self) -> None:
        """Let one iteration pass while the pace is `step` or the run is paused."""
        with self._changed:
            if self._paused or self._pace == "step":
                self._steps += 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Let nothing pass any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def wait(self, iteration: int | None, announce: Callable[[], None]) -> bool:
        """Wait until the next event may be computed; False when the worker is to stop instead.

        Args:
            iteration: updates done so far; None where pace means nothing (evaluation).
            announce: called, outside any lock, when the wait is for a person, and again every half minute.
        """
        announced = False
        while True:
            with self._changed:
                if self._stopping:
                    return False
                if not self._held(iteration):
                    left = self._slow_left(iteration)
                    if left <= 0:
                        if iteration is not None:
                            self._passed = time.monotonic()
                        return True
                    self._changed.wait(left)
                    continue
                if self._steps:
                    self._steps -= 1
                    self._passed = time.monotonic()
                    return True
                if announced:
                    began = time.monotonic()
                    self._changed.wait(BEAT_SECONDS)
                    self._waited += time.monotonic() - began
            announce()
            announced = True

    def _held(self, iteration: int | None) -> bool:
        return self._paused or (self._pace == "step" and iteration is not None)

    def _slow_left(self, iteration: int | None) -> float:
        if self._pace != "slow" or iteration is None:
            return 0.0
        return self._passed + slow_seconds(iteration) - time.monotonic()
