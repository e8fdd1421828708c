"""LRU cache of the live endpoints' answers: one computation per revision, whoever polls and how often.

A question is about a subject (a run, a table). Its state is observed again at least `LEAST_SECONDS` later,
and so seldom that computing answers takes `SHARE` of a core: the computing thread competes with the
background thread for the interpreter. But no state is kept longer than `LONGEST_SECONDS`, however much is
computed about others. Between two observations all who ask for the same address are answered from the cache,
and those who ask for it at the same moment wait for one computation. A change that a person has made, such as
a pause, is observed at once.
"""

import asyncio
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.components.live_resource import Answer, LiveResource, Query, State

LEAST_SECONDS = 0.2
"""A running job publishes no more often."""
SHARE = 0.03
"""Share of a core for computing answers again, films apart."""
LONGEST_SECONDS = 2.0
"""Greatest age to which an observation or a computed answer is kept to hold that share."""
MOST_BYTES = 32 << 20
"""Bytes of all cached answers, with their addresses and tokens."""
ENTRY_BYTES = 1000
"""Bytes that a cached answer takes at least, generously."""
MOST_STATES = 16
MOST_WAITING = 64
"""Computations in one thread that wait at most; more are refused, to be asked for again."""


class OverloadedError(Exception):
    """Too many computations are waiting for one thread."""


@dataclass(frozen=True)
class Question:
    """Request for an answer of a live resource."""

    resource: LiveResource[State, Any]
    names: tuple[str, ...]
    """Values of the parameters that name its subject."""
    query: Query
    address: str
    """Path and query: equal addresses have equal answers at a revision."""

    @property
    def subject(self) -> Hashable:
        """What it is about."""
        return self.resource.subject, self.names

    def change_token(self) -> Hashable:
        """Token of the changes of its subject that are shown at once."""
        return self.resource.subject.change_token(*self.names)


class _Observed(NamedTuple):
    state: State
    token: Hashable
    at: float


class _Entry(NamedTuple):
    answer: Answer
    revision: str
    at: float
    bytes: int


class AnswerCache:
    """Answers of one server and the threads that compute them. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an empty cache; threads start with the first computation."""
        self._clock = clock
        self._lock = threading.Lock()
        self._states: OrderedDict[Hashable, _Observed] = OrderedDict()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0
        self._rest_until = -math.inf
        self._flights: dict[bool, dict[Hashable, Future[Answer]]] = {bulk: {} for bulk in (False, True)}
        self._threads = {bulk: ThreadPoolExecutor(1, f"answers-{bulk}") for bulk in self._flights}

    @property
    def bytes(self) -> int:
        """Bytes of all cached answers, with their addresses and tokens."""
        return self._bytes

    async def answer(self, question: Question) -> Answer:
        """Answer a question: from the cache, or when the one computation for all who ask is done.

        Raises:
            ValueError, OSError: there is no such subject, or it is damaged; never cached.
            OverloadedError: too many computations are waiting for the same thread.
        """
        known = self.known(question)
        if known is not None:
            return known
        # shielded: a viewer that goes away does not end what the others wait for
        return await asyncio.shield(asyncio.wrap_future(self._flight(question)))

    def known(self, question: Question) -> Answer | None:
        """The cached answer, where it is good; waits for nothing."""
        with self._lock:
            state = self._good_state(question, question.change_token())
            return None if state is None else self._good_answer(question, state)

    def _flight(self, question: Question) -> "Future[Answer]":
        key = question.address, question.change_token()
        flights = self._flights[question.resource.bulk]
        with self._lock:
            if key not in flights:
                if len(flights) >= MOST_WAITING:
                    raise OverloadedError
                flights[key] = self._threads[question.resource.bulk].submit(self._compute, question, key)
            return flights[key]

    def _compute(self, question: Question, key: Hashable) -> Answer:
        began = time.thread_time()
        try:
            state = self._observe(question)
            with self._lock:
                known = self._good_answer(question, state)
            if known is not None:
                return known
            answer = question.resource.answer(state, question.query)
            with self._lock:
                self._store(question, question.resource.revision(state), answer)
            return answer
        finally:
            with self._lock:
                del self._flights[question.resource.bulk][key]
                if not question.resource.bulk:
                    self._rest(time.thread_time() - began)

    def _observe(self, question: Question) -> State:
        token = question.change_token()  # before the look: what changes meanwhile is seen by the next one
        with self._lock:
            state = self._good_state(question, token)
        if state is not None:
            return state
        at = self._clock()
        try:
            state = question.resource.subject.observe(*question.names)
        except Exception:
            with self._lock:
                self._states.pop(question.subject, None)
            raise
        with self._lock:
            self._states[question.subject] = _Observed(state, token, at)
            self._states.move_to_end(question.subject)
            while len(self._states) > MOST_STATES:
                self._states.popitem(last=False)
        return state

    def _good_state(self, question: Question, token: Hashable) -> State | None:
        observed = self._states.get(question.subject)
        if observed is None or observed.token != token:
            return None
        return observed.state if self._is_good(observed.at, LEAST_SECONDS) else None

    def _good_answer(self, question: Question, state: State) -> Answer | None:
        entry, resource = self._entries.get(question.address), question.resource
        if entry is None or entry.revision != resource.revision(state):
            return None
        if not self._is_good(entry.at, resource.good_seconds):
            return None
        self._entries.move_to_end(question.address)
        return entry.answer

    def _is_good(self, at: float, least: float) -> bool:
        """Whether what was made at a time is good: `least` seconds, and then while computing rests."""
        return self._clock() < max(at + least, min(self._rest_until, at + LONGEST_SECONDS))

    def _store(self, question: Question, revision: str, answer: Answer) -> None:
        before = self._entries.pop(question.address, None)
        self._bytes -= before.bytes if before is not None else 0
        size = ENTRY_BYTES + len(answer.content) + len(question.address) + len(revision)
        if size > MOST_BYTES // 2:
            return
        self._entries[question.address] = _Entry(answer, revision, self._clock(), size)
        self._bytes += size
        while self._bytes > MOST_BYTES:
            _, evicted = self._entries.popitem(last=False)
            self._bytes -= evicted.bytes

    def _rest(self, spent: float) -> None:
        """Keep observations until `spent` seconds of processor time are `SHARE` of what has passed."""
        now = self._clock()
        self._rest_until = min(max(now, self._rest_until) + spent / SHARE, now + LONGEST_SECONDS)
