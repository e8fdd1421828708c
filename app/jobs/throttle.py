"""Throttle of a running job: pause, hold, stop, single step and speed, requested from any thread.

Requests take effect between two events. A throttle only ever waits: the results are the same at every speed.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, get_args

Speed = Literal["step", "slow", "full"]

SLOW_ITERATIONS = 40
"""Iterations that take at least `SLOW_SECONDS` each at slow speed: by 20 half the change is over."""
SLOW_SECONDS = 0.12
EASING = 0.9
"""Factor by which the wait shrinks with each iteration after those."""
HEARTBEAT_SECONDS = 30.0
"""How often a run that waits for a person is announced again, so that its heartbeat goes on."""


def least_seconds(iteration: int) -> float:
    """Least duration of an iteration at slow speed, in seconds."""
    seconds = SLOW_SECONDS * EASING ** max(0, iteration - SLOW_ITERATIONS)
    return seconds if seconds > 1e-3 else 0.0


def slow_seconds(first: int, iterations: int, seconds: float) -> float:
    """Seconds that slow speed adds to the iterations from `first` on, if each takes so many by itself."""
    total, iteration = 0.0, first
    while iteration < iterations and least_seconds(iteration) > seconds:
        total += least_seconds(iteration) - seconds
        iteration += 1
    return total


SLOW_START_SECONDS = sum(map(least_seconds, range(SLOW_ITERATIONS + 100)))
"""Most that slow speed adds to a run: nothing where an iteration takes longer by itself."""


class Throttle:
    """Pause, stop and speed requests of one job; the worker waits here between two events.

    Every method may be called from any thread.
    """

    def __init__(self, speed: Speed = "full") -> None:
        self._changed = threading.Condition()
        self._speed: Speed = speed
        self._paused = False
        self._on_hold = False
        self._stopping = False
        self._steps = 0
        self._passed = float("-inf")
        self._waited = 0.0
        self.slowed = 0.0
        """Seconds that the worker waited for no other reason than slow speed."""

    @property
    def speed(self) -> Speed:
        """Requested speed."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether a pause was requested."""
        return self._paused

    @property
    def on_hold(self) -> bool:
        """Whether the program holds the job for something short, whatever a person requests."""
        return self._on_hold

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested."""
        return self._stopping

    def clock(self) -> float:
        """Monotonic seconds that stand still while the worker waits for a person, or is on hold."""
        return time.monotonic() - self._waited

    def set_speed(self, speed: Speed) -> None:
        """Set the speed: step by step, slowly at first, or full.

        Raises:
            ValueError: no such speed.
        """
        if speed not in get_args(Speed):
            raise ValueError(f"there is no speed {speed!r}: choose step, slow or full")
        with self._changed:
            self._speed, self._steps = speed, 0
            self._changed.notify_all()

    def pause(self) -> None:
        """Pause before the next event."""
        with self._changed:
            self._paused, self._steps = True, 0
            self._changed.notify_all()

    def unpause(self) -> None:
        """End the pause."""
        with self._changed:
            self._paused, self._steps = False, 0
            self._changed.notify_all()

    def hold(self) -> None:
        """Hold the job before its next event, until `release`."""
        with self._changed:
            self._on_hold = True
            self._changed.notify_all()

    def release(self) -> None:
        """End the hold; a pause that a person requested goes on."""
        with self._changed:
            self._on_hold = False
            self._changed.notify_all()

    def step(self) -> None:
        """Let one iteration pass while the speed is `step` or the run is paused."""
        with self._changed:
            if self._paused or self._speed == "step":
                self._steps += 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Stop for good: nothing passes any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def wait(self, iteration: int | None, announce: Callable[[], None]) -> bool:
        """Wait until the next event may be computed; False when the worker is to stop instead.

        Args:
            iteration: updates done so far; None where speed means nothing (evaluation).
            announce: called, outside any lock, when the wait is for a person or a hold, at every change of
                that, and again every half minute.
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
                    began = time.monotonic()
                    self._changed.wait(left)
                    self.slowed += time.monotonic() - began
                    continue
                if self._steps and not self._on_hold:
                    self._steps -= 1
                    self._passed = time.monotonic()
                    return True
                if announced:
                    began = time.monotonic()
                    self._changed.wait(HEARTBEAT_SECONDS)
                    self._waited += time.monotonic() - began
            announce()
            announced = True

    def _held(self, iteration: int | None) -> bool:
        return self._on_hold or self._paused or (self._speed == "step" and iteration is not None)

    def _slow_left(self, iteration: int | None) -> float:
        if self._speed != "slow" or iteration is None:
            return 0.0
        least = least_seconds(iteration)
        if not least:
            self._speed = "full"  # slow is only how a run begins
            return 0.0
        return self._passed + least - time.monotonic()
