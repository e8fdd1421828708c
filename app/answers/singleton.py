"""Singletons of the server process: created on first use under a lock, shut down on release or at exit.

`functools.cache` alone would make two where two pages ask at the same moment. Hot reload of app modules would
make another one, too: `.streamlit/config.toml` turns it off.
"""

import concurrent.futures.thread  # noqa: F401 - registers the end of its pools, before ours
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Service(Protocol):
    """Object with a thread or a process to end."""

    def shutdown(self) -> None:
        """Stop and join."""


T = TypeVar("T", bound=Service)


class Singleton(Generic[T]):
    """Single instance per process of what a factory creates; call it to get the instance."""

    def __init__(self, factory: Callable[[], T]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._instance: T | None = None

    def __call__(self) -> T:
        """Return the instance; created on the first call."""
        with self._lock:
            if self._instance is None:
                self._instance = self._factory()
            return self._instance

    def existing(self) -> T | None:
        """The instance, or None before the first call."""
        return self._instance

    def release(self) -> None:
        """Shut the instance down, if there is one; the next call creates another."""
        with self._lock:
            instance, self._instance = self._instance, None
        if instance is not None:
            instance.shutdown()


def stop_at_exit(stop: Callable[[], None]) -> None:
    """Register a function that stops and joins a thread at exit: one left inside torch aborts the process.

    `atexit` is too late: the pools of `concurrent.futures` that the library computes with are shut before it,
    by the hook that is used here. The last to register is called first, and the pools' has registered.
    """
    threading._register_atexit(stop)  # type: ignore[attr-defined]
