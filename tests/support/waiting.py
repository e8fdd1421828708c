"""Polling until a condition holds, for what happens in another thread, process or page."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")

PATIENCE = 60.0
"""Seconds after which a test gives up waiting."""


def until(
    condition: Callable[[], Value],
    what: str = "the condition of the calling line",
    seconds: float = PATIENCE,
    interval: float = 0.01,
) -> Value:
    """Poll a condition until it is true.

    Args:
        condition: Called again and again, at least once.
        what: What is waited for, for the message.
        seconds: After so long the test fails.
        interval: Seconds between two calls.

    Returns:
        The first true value of the condition.

    Raises:
        AssertionError: The condition did not hold in time.
    """
    __tracebackhide__ = True  # pytest shows the calling line, which holds the condition
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; the last value was {value!r}")
        time.sleep(interval)
    return value


def until_instance(query: Callable[[], Any], kind: type[Value], seconds: float = PATIENCE) -> Value:
    """Poll a query until its answer is of a type; returns that answer.

    Raises:
        AssertionError: No answer of this type in time.
    """
    __tracebackhide__ = True
    deadline = time.monotonic() + seconds
    while not isinstance(value := query(), kind):
        if time.monotonic() >= deadline:
            raise AssertionError(f"no {kind.__name__} within {seconds:g} s; the last value was {value!r}")
        time.sleep(0.05)
    return value
