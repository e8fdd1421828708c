"""Ctrl-C as a request: the work ends between two events, where everything can be written down."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def stop_requests(what: str = "iteration") -> Iterator[Event]:
    """An event that Ctrl-C or a polite kill sets while the block lasts; a second one breaks off at once.

    Args:
        what: what is finished before the stop, in a word.
    """
    asked = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        sys.stderr.write(f"\nfinishing this {what}, then stopping; Ctrl-C again breaks off at once\n")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
