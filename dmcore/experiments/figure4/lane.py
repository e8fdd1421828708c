"""Lanes of a race that take turns on the same cores, each with a clock that counts its own turns only."""

from collections.abc import Callable, Iterator, Sequence

from dmcore.config.methods import Method
from dmcore.execution.divergence import DivergedError
from dmcore.experiments.figure4.config import SLICE_SECONDS
from dmcore.gradient_matching import OuterStep
from dmcore.matching import Step

REMEDY = "its published rates are too high here; take another width or data set, or race without it"
"""What helps where a lane has diverged: a race leaves the rates as they were published."""


class Lane:
    """One method's condensation in a race: its events, and the seconds that they took."""

    def __init__(
        self,
        method: Method,
        start: Step,
        events: Iterator[Step | OuterStep],
        clock: Callable[[], float],
        seconds: float = 0.0,
    ) -> None:
        """Begin with what `condense` has yielded first, outside the clock: the images as they are there.

        Args:
            method: of the lane.
            start: the first step.
            events: those after it.
            clock: seconds, which are read around each event only.
            seconds: of earlier turns.
        """
        self.method, self._events, self._clock = method, events, clock
        self.event: Step | OuterStep = start
        """The latest."""
        self.seconds = seconds
        """Seconds of its own turns."""
        self._seconds_of_step = seconds
        self.tested = -1
        """Index of the latest moment it was tested at; the start is 0."""
        self.failure = ""
        """Sentence on why it cannot go on."""

    @property
    def stopped(self) -> bool:
        """Whether it cannot go on."""
        return bool(self.failure)

    @property
    def progress(self) -> float:
        """Iterations, with the share of the one at work."""
        return self.event.progress

    @property
    def boundary(self) -> tuple[Step, float]:
        """Step that it can be resumed from, and the clock then: inside an iteration, where that began."""
        if isinstance(self.event, OuterStep):
            return self.event.begun, self._seconds_of_step
        return self.event, self.seconds

    def advance(self) -> None:
        """Compute one event; where it diverges, its sentence is kept and the lane has ended."""
        began = self._clock()
        try:
            self.event = next(self._events)
        except DivergedError as error:
            self.failure = f"{str(error).partition(': ')[0]}: {REMEDY}"
        self.seconds += self._clock() - began
        if isinstance(self.event, Step):
            self._seconds_of_step = self.seconds


def take_turns(lanes: Sequence[Lane], seconds: float, slice_seconds: float = SLICE_SECONDS) -> Iterator[Lane]:
    """Let the lane whose clock is furthest behind take the next turn, until all have reached `seconds`.

    Yields the lane after each of its events: whoever stops reading stops all clocks.
    """
    while waiting := [lane for lane in lanes if lane.seconds < seconds and not lane.stopped]:
        lane = min(waiting, key=lambda each: each.seconds)
        end = min(lane.seconds + slice_seconds, seconds)
        while lane.seconds < end and not lane.stopped:
            lane.advance()
            yield lane
