"""Outcome of a generator that yields events and returns a result, as the computing of an entry does."""

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

Event = TypeVar("Event")
Outcome = TypeVar("Outcome")


class WithOutcome(Generic[Event, Outcome]):
    """Events of a generator, to be looped over once; afterwards `outcome` is what it returned."""

    outcome: Outcome
    """Missing until the loop came to its end."""

    def __init__(self, events: Generator[Event, None, Outcome]) -> None:
        """Take a generator, which the caller closes."""
        self._events = events

    def __iter__(self) -> Iterator[Event]:
        self.outcome = yield from self._events
