"""Worker thread that computes queries about embeddings, with an LRU cache of results for all pages.

Pages query and poll; nothing waits long. The thread lets a run in progress go first, and drops queries that
nobody has polled for a while, such as those about a pool that has grown.
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
"""Results in the LRU cache; each takes some ten kilobytes."""
FORGET_SECONDS = 90.0
"""Seconds after which a query that is not polled is dropped; a hidden tab polls once a minute."""
RETRY_SECONDS = 10.0
"""Seconds after which a failed query is tried again, if it is polled."""
POLL_SECONDS = 0.2
"""Seconds between two checks whether the run that goes first has ended."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbeddingPending:
    """A query that is queued or being computed."""

    waiting: bool = False
    """Whether it lets a run in progress go first."""


@dataclass(frozen=True)
class EmbeddingFailed:
    """A query that failed: the reason and the remedy."""

    sentence: str


EmbeddingState = EmbeddingPending | EmbeddingFailed | EmbeddingResult


class EmbeddingWorker:
    """Owner of the thread and of the cached results. Thread-safe."""

    def __init__(
        self,
        run_goes_first: Callable[[], bool] = lambda: False,
        compute: Callable[[EmbeddingQuery], Generator[None, None, EmbeddingResult]] = compute_result,
    ) -> None:
        """Create the cache; the thread starts with the first query.

        Args:
            run_goes_first: whether a run is computed that must not be slowed down.
            compute: computes the result of a query, piece by piece.
        """
        self._run_goes_first, self._compute = run_goes_first, compute
        self._changed = threading.Condition()
        self._results: OrderedDict[EmbeddingQuery, EmbeddingResult | EmbeddingFailed] = OrderedDict()
        self._failed_at: dict[EmbeddingQuery, float] = {}
        self._polled_at: OrderedDict[EmbeddingQuery, float] = OrderedDict()
        """When each pending query was last polled, in the order of the first polls."""
        self._waiting = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def query(self, query: EmbeddingQuery, patience: float = 0.0) -> EmbeddingState:
        """Result of a query, waiting at most `patience` seconds; a new query is queued."""
        with self._changed:
            self._drop_old_failure(query)
            if query in self._results:
                self._results.move_to_end(query)
                return self._results[query]
            if not self._ending.is_set():
                self._polled_at[query] = time.monotonic()
                self._start()
                self._changed.notify_all()
                if not self._waiting:
                    self._changed.wait_for(lambda: query in self._results or self._ending.is_set(), patience)
            return self._results.get(query, EmbeddingPending(self._waiting))

    def shutdown(self) -> None:
        """Stop the thread after its current piece of work and wait for its end, for good."""
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
        """Thread target: compute one query after the other until the shutdown."""
        while (query := self._next()) is not None:
            result: EmbeddingResult | EmbeddingFailed | None
            try:
                result = self._computed(query)
            except Exception as error:
                if not isinstance(error, ValueError | OSError):
                    log.exception("%s could not be computed", query)
                result = EmbeddingFailed(_explained(error))
            if result is not None:
                self._store(query, result)

    def _next(self) -> EmbeddingQuery | None:
        """The most urgent query that is still polled; None when the process ends."""
        with self._changed:
            while not self._ending.is_set():
                oldest_poll = time.monotonic() - FORGET_SECONDS
                for dropped in [query for query, polled in self._polled_at.items() if polled < oldest_poll]:
                    del self._polled_at[dropped]
                if self._polled_at:
                    return min(self._polled_at, key=lambda query: query.priority)
                self._changed.wait()
            return None

    def _computed(self, query: EmbeddingQuery) -> EmbeddingResult | None:
        """Compute a query; None when the process ends meanwhile."""
        pieces = self._compute(query)
        while self._may_go_on():
            try:
                next(pieces)
            except StopIteration as end:
                result: EmbeddingResult = end.value
                return result
        return None

    def _may_go_on(self) -> bool:
        """Wait while a run goes first; False when the process ends."""
        while self._run_goes_first() and not self._ending.is_set():
            self._waiting = True
            self._ending.wait(POLL_SECONDS)
        self._waiting = False
        return not self._ending.is_set()

    def _store(self, query: EmbeddingQuery, result: EmbeddingResult | EmbeddingFailed) -> None:
        with self._changed:
            self._polled_at.pop(query, None)
            self._results[query] = result
            if isinstance(result, EmbeddingFailed):
                self._failed_at[query] = time.monotonic()
            while len(self._results) > MAX_RESULTS:
                oldest, _ = self._results.popitem(last=False)
                self._failed_at.pop(oldest, None)
            self._changed.notify_all()

    def _drop_old_failure(self, query: EmbeddingQuery) -> None:
        failed_at = self._failed_at.get(query)
        if failed_at is not None and time.monotonic() - failed_at > RETRY_SECONDS:
            del self._failed_at[query], self._results[query]


get_embedding_worker = Singleton(lambda: EmbeddingWorker(is_computing))
"""The worker of this process; it lets the process's job thread go first."""


def _explained(error: Exception) -> str:
    from dmcore.runs.failure import describe_failure

    if isinstance(error, ValueError):
        return sentence(str(error))
    failure = describe_failure(error, 0)
    return f"{sentence(failure.sentence)} {sentence(failure.remedy)}"
