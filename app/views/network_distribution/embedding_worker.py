"""One thread that answers questions about embeddings and keeps the answers for every page.

Pages ask and look; nothing waits long. The thread lets a run that is computed go first, and drops what nobody
has looked at for a while, such as questions about a pool that has grown. It is the thread that imports torch.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator
from dataclasses import dataclass

from app.jobs.manager import is_computing
from app.jobs.singleton import Singleton, stop_at_exit
from app.views.network_distribution.embedding_queries import EmbeddingQuery, EmbeddingResult, compute_result
from dmcore.config.formatting import sentence

MAX_RESULTS = 200
"""Answers that stay in memory, those looked at last; one is some ten kilobytes."""
FORGET_SECONDS = 90.0
"""After so long without a look a question is not answered any more; a hidden tab looks once a minute."""
RETRY_SECONDS = 10.0
"""Seconds after which what failed is tried again, if somebody still asks."""
LOOK_SECONDS = 0.2
"""Between two looks whether the run that is waited for has ended."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbeddingPending:
    """On its way."""

    waiting: bool = False
    """Whether it lets a run that is computed go first."""


@dataclass(frozen=True)
class EmbeddingFailed:
    """Why there is no answer, and what to do about it."""

    sentence: str


EmbeddingState = EmbeddingPending | EmbeddingFailed | EmbeddingResult


class EmbeddingWorker:
    """Owns the thread and the answers. Every method may be called from any thread."""

    def __init__(
        self,
        in_the_way: Callable[[], bool] = lambda: False,
        answered: Callable[[EmbeddingQuery], Generator[None, None, EmbeddingResult]] = compute_result,
    ) -> None:
        """Make a place for answers; the thread starts with the first question.

        Args:
            in_the_way: whether something is computed that must not be slowed down.
            answered: answers a question, piece by piece.
        """
        self._in_the_way, self._answered = in_the_way, answered
        self._changed = threading.Condition()
        self._known: OrderedDict[EmbeddingQuery, EmbeddingResult | EmbeddingFailed] = OrderedDict()
        self._failed_at: dict[EmbeddingQuery, float] = {}
        self._looked_at: OrderedDict[EmbeddingQuery, float] = OrderedDict()
        """Of what is still to be answered, in the order of asking."""
        self._waiting = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, question: EmbeddingQuery, patience: float = 0.0) -> EmbeddingState:
        """What is known, after at most `patience` seconds; what is not known is put to the thread."""
        with self._changed:
            self._drop_old_failure(question)
            if question in self._known:
                self._known.move_to_end(question)
                return self._known[question]
            if not self._ending.is_set():
                self._looked_at[question] = time.monotonic()
                self._start()
                self._changed.notify_all()
                if not self._waiting:
                    self._changed.wait_for(lambda: question in self._known or self._ending.is_set(), patience)
            return self._known.get(question, EmbeddingPending(self._waiting))

    def shutdown(self) -> None:
        """Leave the question at hand after its piece, and wait until the thread has ended. For good."""
        with self._changed:
            self._ending.set()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="embed", daemon=True)
            stop_at_exit(self.shutdown)
            self._thread.start()

    def _work(self) -> None:
        """The thread: one question after the other until the end."""
        while (question := self._next()) is not None:
            found: EmbeddingResult | EmbeddingFailed | None
            try:
                found = self._made(question)
            except Exception as error:
                if not isinstance(error, ValueError | OSError):
                    log.exception("%s could not be answered", question)
                found = EmbeddingFailed(_explained(error))
            if found is not None:
                self._put(question, found)

    def _next(self) -> EmbeddingQuery | None:
        """The most urgent question that somebody still looks for; None when the process ends."""
        with self._changed:
            while not self._ending.is_set():
                soonest = time.monotonic() - FORGET_SECONDS
                for old in [one for one, looked in self._looked_at.items() if looked < soonest]:
                    del self._looked_at[old]
                if self._looked_at:
                    return min(self._looked_at, key=lambda one: one.priority)
                self._changed.wait()
            return None

    def _made(self, question: EmbeddingQuery) -> EmbeddingResult | None:
        """The answer; None when the process ends meanwhile."""
        steps = self._answered(question)
        while self._may_go_on():
            try:
                next(steps)
            except StopIteration as end:
                made: EmbeddingResult = end.value
                return made
        return None

    def _may_go_on(self) -> bool:
        """Wait while a run is computed; False when the process ends."""
        while self._in_the_way() and not self._ending.is_set():
            self._waiting = True
            self._ending.wait(LOOK_SECONDS)
        self._waiting = False
        return not self._ending.is_set()

    def _put(self, question: EmbeddingQuery, found: EmbeddingResult | EmbeddingFailed) -> None:
        with self._changed:
            self._looked_at.pop(question, None)
            self._known[question] = found
            if isinstance(found, EmbeddingFailed):
                self._failed_at[question] = time.monotonic()
            while len(self._known) > MAX_RESULTS:
                oldest, _ = self._known.popitem(last=False)
                self._failed_at.pop(oldest, None)
            self._changed.notify_all()

    def _drop_old_failure(self, question: EmbeddingQuery) -> None:
        failed_at = self._failed_at.get(question)
        if failed_at is not None and time.monotonic() - failed_at > RETRY_SECONDS:
            del self._failed_at[question], self._known[question]


get_embedding_worker = Singleton(lambda: EmbeddingWorker(is_computing))
"""The one of this process; it lets the process's job thread go first."""


def _explained(error: Exception) -> str:
    from dmcore.runs.failure import describe_failure

    if isinstance(error, ValueError):
        return sentence(str(error))
    failure = describe_failure(error, 0)
    return f"{sentence(failure.sentence)} {sentence(failure.remedy)}"
