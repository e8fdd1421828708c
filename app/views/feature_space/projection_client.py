"""Asks the placing process, one request after the other, and keeps its answers for every page.

Pages want things and look whether they are there; nothing waits for the placing process, least of all the
thread that condenses. Wants have priorities: clouds, then what is on a screen now, then a run's history.
Torch is never imported here.
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

from app.jobs.singleton import Singleton, stop_at_exit
from app.views.feature_space.messages import Message, message_bytes, receive, send
from app.views.feature_space.projection_cache import read_cached_answer, write_cached_answer
from dmcore.config.formatting import sentence

WORKER = "app.views.feature_space.projection_worker"
MAX_CACHE_BYTES = 256 << 20
"""Of the answers that stay in memory, those looked at last; a placement is a few kilobytes."""
RETRY_SECONDS = 10.0
"""Seconds after which what failed is tried again, if somebody still wants it."""
PATIENCE_SECONDS = 5.0
"""How long the placing process may take to end by itself."""

log = logging.getLogger(__name__)

Key = tuple[Any, ...]


@dataclass(frozen=True)
class ProjectionPending:
    """On its way."""

    doing: str = "waiting for its turn"
    done: float = 0.0
    """Share of what is being done, 0 to 1."""


@dataclass(frozen=True)
class ProjectionFailed:
    """Why it cannot be had, and what to do about it."""

    sentence: str
    untrained: bool = False
    """Whether it is only that no network has been trained yet."""
    made_at: float = field(default_factory=time.time)
    """By the clock on the wall: it is not believed for ever."""


@dataclass(frozen=True)
class ProjectionRequest:
    """One request."""

    key: Key
    """What it is about: wanted twice, it is asked once."""
    priority: int
    """Lower is sooner."""
    ask: Callable[[], Message]
    read: Callable[[Message], Any]
    """The answer -> what pages get to see."""
    then: Callable[[], None] = lambda: None
    """Called when the answer is there."""
    kept: Path | None = None
    """The file where the answer stays for the next visit."""


class ProjectionClient:
    """Owns the placing process and its answers. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wants: OrderedDict[Key, ProjectionRequest] = OrderedDict()
        self._answers: OrderedDict[Key, Any] = OrderedDict()
        self._bytes: dict[Key, int] = {}
        self._making: dict[Key, ProjectionPending] = {}
        self._ending = False
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def look(self, key: Key) -> Any:
        """What is known: an answer, `ProjectionFailed`, `ProjectionPending`, or None where nobody wanted it."""
        with self._changed:
            known = self._answers.get(key)
            if key in self._making and (known is None or isinstance(known, ProjectionFailed)):
                return self._making[key]
            if known is not None:
                self._answers.move_to_end(key)
            return known

    def want(self, want: ProjectionRequest, again: bool = False) -> None:
        """Have it made, unless it is there, on the disk or on its way; `again`: even if it is there."""
        if self.look(want.key) is None and self.recall(want):
            return
        with self._changed:
            known = self._answers.get(want.key)
            if self._ending or want.key in self._making:
                return
            if isinstance(known, ProjectionFailed) and time.time() - known.made_at < RETRY_SECONDS:
                return
            if known is not None and not again and not isinstance(known, ProjectionFailed):
                return
            self._wants[want.key] = want
            self._making[want.key] = ProjectionPending()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="place", daemon=True)
                stop_at_exit(self.shutdown)
                self._thread.start()
            self._changed.notify_all()

    def recall(self, want: ProjectionRequest) -> bool:
        """Take the answer of an earlier visit from the disk, if it is there; whether it was."""
        answer = read_cached_answer(want.kept) if want.kept is not None else None
        if answer is None:
            return False
        try:
            self._put(want.key, want.read(answer), message_bytes(answer))
        except (ValueError, KeyError, TypeError, AttributeError):  # of another map, or somebody changed it
            return False
        return True

    def withdraw(self, kind: str) -> None:
        """Drop what is wanted of a kind (the first part of its key) and has not begun."""
        with self._changed:
            for key in [one for one in self._wants if one[0] == kind]:
                del self._wants[key], self._making[key]

    def keep(self, key: Key, answer: Any, size: int) -> None:
        """Keep something of so many bytes beside the answers, under a key that is never wanted."""
        self._put(key, answer, size)

    def forget(self, key: Key) -> None:
        """Drop an answer, such as a failure that was mended."""
        with self._changed:
            self._answers.pop(key, None)
            self._bytes.pop(key, None)

    def forget_failures(self, about: str) -> None:
        """Let everything be tried again whose key has this in one of its parts."""
        with self._changed:
            for key, answer in list(self._answers.items()):
                if isinstance(answer, ProjectionFailed) and any(about in str(part) for part in key):
                    self.forget(key)

    def wait(self, key: Key, seconds: float) -> Any:
        """What is known after at most so long; an answer at once."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._making or self._ending, seconds)
        return self.look(key)

    def shutdown(self) -> None:
        """End the placing process and the thread. For good."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
            if self._child is not None:
                self._child.kill()  # it keeps nothing that is not whole on the disk
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        """The thread: one want after the other until the end."""
        while (want := self._next()) is not None:
            answer, size = None, 0
            try:
                answer = self._asked(want)
                if isinstance(answer, Message):
                    size, answer = message_bytes(answer), self._read(want, answer)
            except Exception as error:
                if not self._ending:
                    log.exception("the placing process could not be asked for %s", want.key)
                answer = ProjectionFailed(
                    f"The placing process stopped ({error}): reload the page to try again."
                )
            with self._changed:
                self._making.pop(want.key, None)
                if answer is not None:
                    self._put(want.key, answer, size)
                self._changed.notify_all()
            try:
                want.then()
            except Exception:
                log.exception("what follows %s failed", want.key)  # the thread lives on
        if self._child is not None:
            self._child.kill()
            self._child.wait(PATIENCE_SECONDS)

    def _put(self, key: Key, answer: Any, size: int) -> None:
        with self._changed:
            self._answers[key], self._bytes[key] = answer, size
            self._answers.move_to_end(key)
            while sum(self._bytes.values()) > MAX_CACHE_BYTES and len(self._answers) > 1:
                oldest, _ = self._answers.popitem(last=False)
                del self._bytes[oldest]

    def _next(self) -> ProjectionRequest | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wants or self._ending)
            if self._ending:
                return None
            # of equal priority the latest first: it is what somebody looks at now
            key = min(reversed(self._wants), key=lambda one: self._wants[one].priority)
            return self._wants.pop(key)

    def _asked(self, want: ProjectionRequest) -> "Message | ProjectionFailed":
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            message = want.ask()
        except (ValueError, OSError) as trouble:  # such as a snapshot that was removed meanwhile
            return ProjectionFailed(sentence(str(trouble)))
        send(child.stdin, message)  # type: ignore[arg-type]
        while (answer := receive(child.stdout)) is not None:  # type: ignore[arg-type]
            said = answer.said
            if said.get("answer"):
                return answer
            if "error" in said:
                return ProjectionFailed(sentence(said["error"]), bool(said.get("untrained")))
            with self._changed:
                self._making[want.key] = ProjectionPending(said["doing"], said["done"])
        self._child = None
        raise RuntimeError("it ended without an answer")

    def _read(self, want: ProjectionRequest, answer: Message) -> Any:
        """What pages get to see; None where the answer does not belong to what they see."""
        try:
            read = want.read(answer)
        except ValueError:
            return None
        if want.kept is not None:
            write_cached_answer(want.kept, answer)
        return read

    def _running(self) -> "subprocess.Popen[bytes]":
        with self._changed:
            if self._ending:
                raise RuntimeError("the app is ending")
            return self._living_child()

    def _living_child(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },  # the run needs the rest
            )
        return self._child


get_projection_client = Singleton(ProjectionClient)
"""The placer of this process."""
