"""Signal handler for a clean stop: Ctrl-C or SIGTERM sets an event, work ends at the next event."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def stop_requests(what: str = "iteration", then: str = "") -> Iterator[Event]:
    """Context manager yielding an event that SIGINT or SIGTERM sets; a second signal aborts at once.

    Args:
        what: unit of work that is finished before the stop, in a word.
        then: what the message says of the stop, after 'stopping'.
    """
    stop = Event()

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        sys.stderr.write(f"\nfinishing this {what}, then stopping{then}; Ctrl-C again aborts at once\n")

    previous = {number: signal.signal(number, request_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
