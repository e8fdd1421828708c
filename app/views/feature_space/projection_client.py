"""Client of the projection worker: a priority queue of requests and an LRU cache of answers for all pages.

Pages request and poll; nothing waits for the worker, least of all the thread that condenses. Priorities:
clouds, then what is on a screen now, then a run's history.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import PACKAGE
from app.answers.singleton import Singleton, stop_at_exit
from app.views.feature_space.messages import Message, message_bytes, receive, send
from app.views.feature_space.projection_cache import read_cached_answer, write_cached_answer
from dmcore.config.formatting import sentence

WORKER = "app.views.feature_space.projection_worker"
MAX_CACHE_BYTES = 256 << 20
"""Size of the LRU cache of answers in memory; a projection takes a few kilobytes."""
RETRY_SECONDS = 10.0
"""Seconds after which a failed request is tried again, if it is requested again."""
PATIENCE_SECONDS = 5.0
"""Seconds to wait for the killed projection worker."""

log = logging.getLogger(__name__)

Key = tuple[Any, ...]


@dataclass(frozen=True)
class ProjectionPending:
    """A request that is queued or being computed."""

    doing: str = "waiting for its turn"
    done: float = 0.0
    """Fraction of it that is done, 0 to 1."""


@dataclass(frozen=True)
class ProjectionFailed:
    """A request that failed: the reason and the remedy."""

    sentence: str
    untrained: bool = False
    """Whether the only reason is that no network has been trained yet."""
    failed_at: float = field(default_factory=time.time)
    """Wall-clock time in seconds: after `RETRY_SECONDS` it may be tried again."""


@dataclass(frozen=True)
class ProjectionRequest:
    """Request to the projection worker, with how its answer is parsed and where it is cached."""

    key: Key
    """What it is about: two requests with one key are sent once."""
    priority: int
    """Lower is sooner."""
    build_message: Callable[[], Message]
    """Called when the request is sent."""
    parse: Callable[[Message], Any]
    """The worker's answer -> the value that pages get."""
    on_answer: Callable[[], None] = lambda: None
    """Called after the answer or the failure is stored."""
    cache_file: Path | None = None
    """Where the answer is cached on disk for the next visit."""


class ProjectionClient:
    """Owner of the projection worker's process and of its answers. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: OrderedDict[Key, ProjectionRequest] = OrderedDict()
        self._answers: OrderedDict[Key, Any] = OrderedDict()
        self._bytes: dict[Key, int] = {}
        self._pending: dict[Key, ProjectionPending] = {}
        self._ending = False
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def get(self, key: Key) -> Any:
        """The answer, `ProjectionFailed`, `ProjectionPending`, or None if it was never requested."""
        with self._changed:
            known = self._answers.get(key)
            if key in self._pending and (known is None or isinstance(known, ProjectionFailed)):
                return self._pending[key]
            if known is not None:
                self._answers.move_to_end(key)
            return known

    def request(self, request: ProjectionRequest, again: bool = False) -> None:
        """Queue a request unless it is answered, cached on disk or pending; `again`: even if answered."""
        if self.get(request.key) is None and self.load_cached(request):
            return
        with self._changed:
            known = self._answers.get(request.key)
            if self._ending or request.key in self._pending:
                return
            if isinstance(known, ProjectionFailed) and time.time() - known.failed_at < RETRY_SECONDS:
                return
            if known is not None and not again and not isinstance(known, ProjectionFailed):
                return
            self._requests[request.key] = request
            self._pending[request.key] = ProjectionPending()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="projection", daemon=True)
                stop_at_exit(self.shutdown)
                self._thread.start()
            self._changed.notify_all()

    def load_cached(self, request: ProjectionRequest) -> bool:
        """Load the answer from the disk cache; whether it was there."""
        answer = read_cached_answer(request.cache_file) if request.cache_file is not None else None
        if answer is None:
            return False
        try:
            self._store(request.key, request.parse(answer), message_bytes(answer))
        except (ValueError, KeyError, TypeError, AttributeError):  # of another map, or the file was changed
            return False
        return True

    def cancel(self, kind: str) -> None:
        """Drop the queued requests of a kind (the first part of the key)."""
        with self._changed:
            for key in [key for key in self._requests if key[0] == kind]:
                del self._requests[key], self._pending[key]

    def store(self, key: Key, answer: Any, size: int) -> None:
        """Store a value of `size` bytes in the cache, under a key that is never requested."""
        self._store(key, answer, size)

    def discard(self, key: Key) -> None:
        """Remove an answer from the cache in memory."""
        with self._changed:
            self._answers.pop(key, None)
            self._bytes.pop(key, None)

    def discard_failures(self, text: str) -> None:
        """Remove the failures whose key contains this text, so that they are tried again."""
        with self._changed:
            for key, answer in list(self._answers.items()):
                if isinstance(answer, ProjectionFailed) and any(text in str(part) for part in key):
                    self.discard(key)

    def wait(self, key: Key, seconds: float) -> Any:
        """The same as `get`, after waiting at most so many seconds while the key is pending."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._pending or self._ending, seconds)
        return self.get(key)

    def shutdown(self) -> None:
        """End the projection worker and the thread, for good."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            if self._child is not None:
                self._child.kill()  # its files are written atomically
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        """Thread target: send one request after the other until the shutdown."""
        while (request := self._next()) is not None:
            answer, size = None, 0
            try:
                answer = self._answer_of(request)
                if isinstance(answer, Message):
                    size, answer = message_bytes(answer), self._parse(request, answer)
            except Exception as error:
                if not self._ending:
                    log.exception("the projection worker could not answer %s", request.key)
                answer = ProjectionFailed(
                    f"The projection worker stopped ({error}): reload the page to try again."
                )
            with self._changed:
                self._pending.pop(request.key, None)
                if answer is not None:
                    self._store(request.key, answer, size)
                self._changed.notify_all()
            try:
                request.on_answer()
            except Exception:
                log.exception("the callback after %s failed", request.key)  # the thread lives on
        if self._child is not None:
            self._child.kill()
            self._child.wait(PATIENCE_SECONDS)

    def _store(self, key: Key, answer: Any, size: int) -> None:
        with self._changed:
            self._answers[key], self._bytes[key] = answer, size
            self._answers.move_to_end(key)
            while sum(self._bytes.values()) > MAX_CACHE_BYTES and len(self._answers) > 1:
                oldest, _ = self._answers.popitem(last=False)
                del self._bytes[oldest]

    def _next(self) -> ProjectionRequest | None:
        with self._changed:
            self._changed.wait_for(lambda: self._requests or self._ending)
            if self._ending:
                return None
            # of equal priority the latest first: it is what is on a screen now
            key = min(reversed(self._requests), key=lambda key: self._requests[key].priority)
            return self._requests.pop(key)

    def _answer_of(self, request: ProjectionRequest) -> "Message | ProjectionFailed":
        """Send a request and wait for its answer, storing the progress that is reported meanwhile."""
        child = self._running_child()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            message = request.build_message()
        except (ValueError, OSError) as trouble:  # such as a snapshot that was removed meanwhile
            return ProjectionFailed(sentence(str(trouble)))
        send(child.stdin, message)  # type: ignore[arg-type]
        while (answer := receive(child.stdout)) is not None:  # type: ignore[arg-type]
            header = answer.header
            if header.get("answer"):
                return answer
            if "error" in header:
                return ProjectionFailed(sentence(header["error"]), bool(header.get("untrained")))
            with self._changed:
                self._pending[request.key] = ProjectionPending(header["doing"], header["done"])
        self._child = None
        raise RuntimeError("it ended without an answer")

    def _parse(self, request: ProjectionRequest, answer: Message) -> Any:
        """The value for pages, also cached on disk; None where the answer is of another map."""
        try:
            value = request.parse(answer)
        except ValueError:
            return None
        if request.cache_file is not None:
            write_cached_answer(request.cache_file, answer)
        return value

    def _running_child(self) -> "subprocess.Popen[bytes]":
        with self._changed:
            if self._ending:
                raise RuntimeError("the app is ending")
            return self._start_child()

    def _start_child(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            path = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(path),
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },  # the run needs the rest
            )
        return self._child


get_projection_client = Singleton(ProjectionClient)
"""The projection client of this process."""
