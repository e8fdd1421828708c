"""Service that answers questions on a thread of its own: priority queue, LRU cache, retry after a failure."""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from app.answers.question import DEFAULT_BYTES, Answer, Failure, Look, OutdatedError, Progress, Question
from app.answers.singleton import stop_at_exit
from dmcore.config.formatting import sentence

MAX_CACHE_BYTES = 256 << 20
"""Size of the LRU cache of answers in memory."""
POLL_SECONDS = 0.2
"""Seconds between two checks whether the job that goes first has ended."""
HOLD_PATIENCE = 10.0
"""Seconds to wait for a job that is to be held; a step of it that takes longer is not waited for."""

log = logging.getLogger(__name__)

Asked = TypeVar("Asked", bound=Question[Any])


@dataclass
class _Task:
    """A pending question."""

    question: Question[Any]
    """With the highest priority that it was asked with."""
    progress: Progress = field(default_factory=Progress)
    pieces: Generator[Progress, None, Any] | None = None
    """The computation, once its first piece is computed."""
    queued_at: float = field(default_factory=time.monotonic)
    begun: bool = False
    """Whether the thread has taken it up: from then on it is answered."""
    asked_at: float = field(default_factory=time.monotonic)
    """When it was asked last; until when somebody waits for it, if that is later."""


class Answers:
    """Owner of a thread that answers questions, and of the answers. Thread-safe.

    The most urgent question goes first, also before one that was begun; of equal priority the one that was
    begun, then the latest, which is what is on a screen now.
    """

    def __init__(
        self,
        name: str,
        job_goes_first: Callable[[], bool] = lambda: False,
        *,
        hold_job: Callable[[bool], None] = lambda wanted: None,
        in_turn: bool = False,
        max_bytes: int = MAX_CACHE_BYTES,
    ) -> None:
        """Create the service; its thread starts with the first question.

        Args:
            name: name of the thread.
            job_goes_first: whether a job is computed that must not be slowed down.
            hold_job: holds that job between two steps, or lets it go on; called again and again.
            in_turn: whether a question that was begun is answered before any other is, however urgent.
            max_bytes: size of the cache; the least recently used answers are dropped.
        """
        self._name, self._job_goes_first, self._in_turn = name, job_goes_first, in_turn
        self._hold_job, self._max_bytes = hold_job, max_bytes
        self._changed = threading.Condition()
        self._known: OrderedDict[Question[Any], Look[Any]] = OrderedDict()
        self._bytes: dict[Question[Any], int] = {}
        self._pending: OrderedDict[Question[Any], _Task] = OrderedDict()
        self._ending = False
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether every question that was asked is answered."""
        return not self._pending

    @property
    def ending(self) -> bool:
        """Whether it is being shut down: a piece of work that takes long may look, and end early."""
        return self._ending

    def look(self, question: Question[Answer]) -> Look[Answer]:
        """What is known of the answer, without asking for it: what is only looked at is forgotten."""
        with self._changed:
            known: Look[Answer] = self._known.get(question, Look())
            if question in self._known:
                self._known.move_to_end(question)
            task = self._pending.get(question)
            if task is None:
                return known
            return Look(known.value, progress=self._progress(task))

    def ask(
        self, question: Question[Answer], patience: float | None = 0.0, *, again: bool = False
    ) -> Look[Answer]:
        """Queue a question unless it is answered or pending, and look at the answer.

        Args:
            question: what is asked.
            patience: seconds to wait for the answer, None: until it is there. Nobody waits for a job, only
                for one that is held.
            again: answer it once more, even if it is answered or has just failed.
        """
        if self.load(question).value is None or again:
            self._queue(question, again)
        if patience != 0.0:
            with self._changed:
                if (task := self._pending.get(question)) is not None:  # who waits is not gone
                    until = time.monotonic() + (math.inf if patience is None else patience)
                    task.asked_at = max(task.asked_at, until)
                self._changed.wait_for(lambda: not self._is_coming(question), patience)
        return self.look(question)

    def load(self, question: Question[Answer]) -> Look[Answer]:
        """Look at the answer, which is read from the disk cache if nothing is known of it."""
        look = self.look(question)
        if not look.known and (answer := question.load()) is not None:
            self.put(question, answer)
            return Look(answer)
        return look

    def put(self, question: Question[Answer], answer: Answer) -> None:
        """Store an answer that came from elsewhere."""
        self._store(question, Look(answer), question.size(answer))

    def cancel(self, kind: type[Asked], where: Callable[[Asked], bool] = lambda question: True) -> None:
        """Drop the queued questions of a kind; what was begun is answered."""
        with self._changed:
            for question in [*self._pending]:
                if isinstance(question, kind) and where(question) and not self._pending[question].begun:
                    del self._pending[question]

    def discard(
        self,
        kind: type[Asked],
        where: Callable[[Asked], bool] = lambda question: True,
        *,
        failed: bool = False,
    ) -> None:
        """Remove what is known of questions of a kind from memory; `failed`: only failures."""
        with self._changed:
            for question, known in [*self._known.items()]:
                if isinstance(question, kind) and where(question) and (known.value is None or not failed):
                    del self._known[question], self._bytes[question]

    def shutdown(self) -> None:
        """Stop the thread after its current piece of work and wait for its end, for good."""
        with self._changed:
            self._ending = True
            self._pending.clear()
            self._changed.notify_all()
            self._interrupt()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _interrupt(self) -> None:
        """Make a piece of work that takes long end early; called at the shutdown."""

    def _queue(self, question: Question[Any], again: bool) -> None:
        with self._changed:
            known, task = self._known.get(question, Look()), self._pending.get(question)
            if task is not None:
                task.asked_at = max(task.asked_at, time.monotonic())  # who waits for it has set a later time
                if question.priority < task.question.priority:
                    task.question = question
            failed_at = -math.inf if known.failure is None else known.failure.failed_at
            too_early = time.monotonic() - failed_at < question.retry_seconds and not again
            if task is not None or too_early or self._ending:
                return
            self._pending[question] = _Task(question)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                stop_at_exit(self.shutdown)
                self._thread.start()
            self._changed.notify_all()

    def _progress(self, task: _Task) -> Progress:
        """Progress of a question, with what it waits for and how long."""
        waiting, doing = self._held_back(task), task.progress.doing
        if waiting:
            doing = "waits for the running job"
        elif not doing:
            doing = "loading what it needs" if task.begun else "waits for another computation"
        waited = float(int(time.monotonic() - task.queued_at))
        return replace(task.progress, doing=doing, waiting=waiting, waited=waited)

    def _held_back(self, task: _Task) -> bool:
        in_hand = self._in_turn and task.begun
        too_long = task.question.holds_job and time.monotonic() - task.queued_at > HOLD_PATIENCE
        return task.question.after_job and not (in_hand or too_long) and self._job_goes_first()

    def _may_delay(self, task: _Task) -> bool:
        """Whether it is computed while a job is held, or about to be: others would make it stand longer."""
        return task.question.holds_job or (self._in_turn and task.begun)

    def _is_coming(self, question: Question[Any]) -> bool:
        task = self._pending.get(question)
        return task is not None and (task.question.holds_job or not self._held_back(task))

    def _work(self) -> None:
        """Thread target: one piece of the most urgent question after the other, until the shutdown."""
        while (task := self._next()) is not None:
            self._advance(task)

    def _next(self) -> _Task | None:
        with self._changed:
            while not self._ending:
                self._forget()
                hold = any(task.question.holds_job for task in self._pending.values())
                self._hold_job(hold)
                tasks = [
                    task
                    for task in reversed(self._pending.values())
                    if not self._held_back(task) and (not hold or self._may_delay(task))
                ]
                if tasks:
                    task = min(tasks, key=self._order)
                    task.begun = True
                    return task
                self._changed.wait(POLL_SECONDS if self._pending else None)
            self._hold_job(False)
            return None

    def _order(self, task: _Task) -> tuple[bool, bool, int, bool]:
        waits = not task.begun
        return waits and self._in_turn, not task.question.holds_job, task.question.priority, waits

    def _forget(self) -> None:
        now = time.monotonic()
        for question, task in [*self._pending.items()]:
            if not task.begun and now - task.asked_at > task.question.forget_seconds:
                del self._pending[question]

    def _advance(self, task: _Task) -> None:
        """Compute the next piece; with the last one, store the answer or the failure."""
        question, size = task.question, DEFAULT_BYTES
        try:
            task.pieces = task.pieces or question.answer()
            try:
                task.progress = next(task.pieces)
                return
            except StopIteration as end:
                known: Look[Any] = Look(end.value)
                size = question.size(end.value)
        except OutdatedError:
            known = Look()
        except Exception as error:
            if not isinstance(error, ValueError | OSError) and not self._ending:
                log.exception("%s could not be answered", question)
            error.__cause__ = error.__context__ = None  # their tracebacks would keep what was computed
            known = Look(failure=Failure(_explained(error), error.with_traceback(None)))
        with self._changed:
            self._pending.pop(question, None)
            if known.known:
                self._store(question, known, size)
            self._changed.notify_all()
        try:
            question.answered()
        except Exception:
            log.exception("what follows the answer to %s failed", question)  # the answer stands

    def _store(self, question: Question[Any], known: Look[Any], size: int) -> None:
        with self._changed:
            self._known[question], self._bytes[question] = known, size
            self._known.move_to_end(question)
            while sum(self._bytes.values()) > self._max_bytes and len(self._known) > 1:
                oldest, _ = self._known.popitem(last=False)
                del self._bytes[oldest]


def _explained(error: Exception) -> str:
    """An exception as a sentence, with its remedy."""
    if isinstance(error, ValueError):
        return sentence(str(error))
    from dmcore.runs.failure import describe_failure

    failure = describe_failure(error, 0)
    return f"{sentence(failure.sentence)} {sentence(failure.remedy)}"
