"""Answers of the live endpoints: computed once per revision, whoever polls; bounded in bytes and in time."""

import asyncio
import itertools
import math
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from app.components.live_resource import Answer, LiveResource, LiveSubject
from app.server import answer_cache
from app.server.answer_cache import (
    LEAST_SECONDS,
    LONGEST_SECONDS,
    SHARE,
    AnswerCache,
    OverloadedError,
    Question,
)
from app.server.pacing import PRESENT_SECONDS, ViewerCount

VIEWERS = 12
Result = TypeVar("Result")


@dataclass(frozen=True)
class Seen:
    revision: str


@dataclass(eq=False)
class Counter:
    """A subject whose revision is counted up, and how often it was looked at."""

    number: int = 0
    urgent: int = 0
    looks: int = 0
    problem: Exception | None = None

    def change_token(self) -> int:
        return self.urgent

    def observe(self) -> Seen:
        self.looks += 1
        if self.problem is not None:
            raise self.problem
        return Seen(str(self.number))


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Packer:
    """Computes answers of so many bytes, and counts."""

    size: int = 3
    calls: list[str] = field(default_factory=list)
    wait: Callable[[], object] = lambda: None

    def __call__(self, seen: Seen) -> Answer:
        self.calls.append(seen.revision)
        self.wait()
        return Answer(f"{seen.revision:>{self.size}}".encode())


def question_of(
    address: str,
    counter: Counter,
    packer: Callable[[Seen], Answer],
    *,
    revision: Callable[[Seen], str] = lambda seen: seen.revision,
    good_seconds: float = math.inf,
    bulk: bool = False,
) -> Question:
    """Question about a counter, whose answer the packer computes."""
    subject = LiveSubject("/live", (), counter.change_token, counter.observe)
    resource = LiveResource(
        subject, "test", lambda seen, query: packer(seen), lambda answer: answer, revision, good_seconds, bulk
    )
    return Question(resource, (), {}, address)


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, in a thread: the browser tests of this process have a loop in its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def ask(cache: AnswerCache, *questions: Question) -> list[Answer]:
    async def gather() -> list[Answer]:
        return await asyncio.gather(*(cache.answer(question) for question in questions))

    return in_a_loop(gather())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> AnswerCache:
    return AnswerCache(clock)


def test_viewers_who_ask_for_the_same_at_once_wait_for_one_computation(cache: AnswerCache) -> None:
    subject, packer = Counter(), Packer(wait=lambda: threading.Event().wait(0.05))
    answers = ask(cache, *[question_of("/images", subject, packer)] * VIEWERS)
    assert len(packer.calls) == subject.looks == 1
    assert {id(answer) for answer in answers} == {id(answers[0])}


def test_a_revision_is_computed_once_however_often_it_is_looked_at(cache: AnswerCache, clock: Clock) -> None:
    subject, packer = Counter(), Packer()
    question = question_of("/images", subject, packer)
    for _ in range(VIEWERS):
        assert ask(cache, question)[0].content == b"  0"
        clock.now += 10 * LEAST_SECONDS
    assert subject.looks == VIEWERS
    assert packer.calls == ["0"]
    subject.number = 1
    assert ask(cache, question)[0].content == b"  1"


def test_between_two_observations_a_newer_revision_waits_unless_a_person_made_it(
    cache: AnswerCache, clock: Clock
) -> None:
    subject, packer = Counter(), Packer()
    question = question_of("/images", subject, packer)
    ask(cache, question)
    subject.number = 1
    clock.now += 0.9 * LEAST_SECONDS
    assert ask(cache, question)[0].content == b"  0"
    subject.urgent = 1
    assert ask(cache, question)[0].content == b"  1"


@pytest.mark.parametrize("good_seconds", [math.inf, 0.05])
def test_computing_takes_its_share_of_a_core_however_many_addresses_are_polled(
    cache: AnswerCache, clock: Clock, monkeypatch: pytest.MonkeyPatch, good_seconds: float
) -> None:
    spent = itertools.count()
    monkeypatch.setattr(answer_cache.time, "thread_time", lambda: 0.005 * next(spent))  # 5 ms a computation
    subject, packer = Counter(), Packer()
    questions = [
        question_of(f"/images?layer={layer}", subject, packer, good_seconds=good_seconds)
        for layer in range(4)
    ]
    for _ in range(200):
        clock.now += 0.1
        subject.number += 1
        ask(cache, *questions)
    assert 0.8 * SHARE <= 0.005 * len(packer.calls) / 20 <= 1.2 * SHARE


def test_a_subject_is_observed_soon_however_much_is_computed_about_another(
    cache: AnswerCache, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = itertools.count()
    monkeypatch.setattr(answer_cache.time, "thread_time", lambda: 0.1 * next(spent))  # 100 ms a computation
    busy, quiet, step = Counter(), Counter(), 0.1
    lags = []
    for number in range(100):
        clock.now += step
        quiet.number = number
        ask(cache, question_of(f"/curve?number={number}", busy, Packer()))
        lags.append(number - int(ask(cache, question_of("/bar", quiet, Packer()))[0].content))
    assert max(lags) * step <= LONGEST_SECONDS
    assert quiet.looks <= 100 * step / LONGEST_SECONDS + 1  # and no more often than the share allows


def test_two_parts_that_change_apart_are_computed_apart(cache: AnswerCache, clock: Clock) -> None:
    subject, packer = Counter(), Packer()
    film = question_of("/film", subject, packer, revision=lambda seen: "stored", bulk=True)
    for _ in range(3):
        ask(cache, film)
        subject.number += 1
        clock.now += 10
    assert packer.calls == ["0"]


def test_a_film_that_takes_long_holds_up_nothing_else(cache: AnswerCache) -> None:
    subject, go_on = Counter(), threading.Event()
    film = question_of("/film", subject, Packer(wait=lambda: go_on.wait(5)), bulk=True)

    async def look_meanwhile() -> tuple[bool, Answer]:
        waiting = asyncio.create_task(cache.answer(film))
        await asyncio.sleep(0.01)
        await cache.answer(question_of("/images", subject, Packer()))
        unfinished = not waiting.done()
        go_on.set()
        return unfinished, await waiting

    unfinished, answer = in_a_loop(look_meanwhile())
    assert unfinished
    assert answer.content == b"  0"


def test_what_depends_on_more_than_its_subject_is_good_for_a_while(cache: AnswerCache, clock: Clock) -> None:
    subject, packer = Counter(), Packer()
    question = question_of("/placement", subject, packer, good_seconds=0.5)
    for wait in (0.0, 0.4, 0.2):
        clock.now += wait
        ask(cache, question)
    assert len(packer.calls) == 2


def test_the_cache_stays_within_its_bytes_and_keeps_what_was_asked_last(
    cache: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_cache, "MOST_BYTES", 10_000)
    monkeypatch.setattr(answer_cache, "ENTRY_BYTES", 100)
    subject, packer = Counter(), Packer(size=3000)
    questions = [question_of(f"/images?at={at}", subject, packer) for at in range(5)]
    for question in questions:
        ask(cache, question, questions[0])
        assert 3000 < cache.bytes <= 10_000
    assert cache.known(questions[0]) is not None
    assert cache.known(questions[4]) is not None
    assert cache.known(questions[1]) is None
    ask(cache, question_of("/film", subject, Packer(size=6000)))
    assert cache.known(questions[0]) is not None  # what would evict everything else is not kept


@pytest.mark.parametrize(("address", "most"), [("/cloud", 20), ("/cloud?" + "x" * 4000, 4)])
def test_answers_without_content_take_room_too(
    cache: AnswerCache, monkeypatch: pytest.MonkeyPatch, address: str, most: int
) -> None:
    monkeypatch.setattr(answer_cache, "MOST_BYTES", 20_000)
    subject = Counter()
    questions = [
        question_of(f"{address}#{number}", subject, lambda seen: Answer(b"")) for number in range(30)
    ]
    for question in questions:
        ask(cache, question)
    known = [cache.known(question) is not None for question in questions]
    assert 1 <= sum(known) <= most
    assert known[-1]


def test_an_exception_is_told_to_all_who_wait_and_not_cached(cache: AnswerCache) -> None:
    subject, packer = Counter(problem=ValueError("removed")), Packer()
    question = question_of("/images", subject, packer)
    with pytest.raises(ValueError, match="removed"):
        ask(cache, question, question)
    assert not packer.calls
    subject.problem = None
    assert ask(cache, question)[0].content == b"  0"


def test_a_viewer_that_goes_away_does_not_end_what_the_others_wait_for(cache: AnswerCache) -> None:
    go_on = threading.Event()
    question = question_of("/images", Counter(), Packer(wait=lambda: go_on.wait(5)))

    async def leave_and_stay() -> Answer:
        leaving, staying = (asyncio.create_task(cache.answer(question)) for _ in range(2))
        await asyncio.sleep(0.01)
        leaving.cancel()
        await asyncio.sleep(0.01)
        go_on.set()
        return await staying

    assert in_a_loop(leave_and_stay()).content == b"  0"


def test_more_computations_than_may_wait_are_refused(
    cache: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_cache, "MOST_WAITING", 2)
    go_on = threading.Event()
    packer = Packer(wait=lambda: go_on.wait(5))
    questions = [question_of(f"/images?at={at}", Counter(), packer) for at in range(3)]

    async def crowd() -> list[Answer | BaseException]:
        asyncio.get_running_loop().call_later(0.1, go_on.set)
        return await asyncio.gather(*map(cache.answer, questions), return_exceptions=True)

    first, second, third = in_a_loop(crowd())
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert isinstance(third, OverloadedError)
    assert ask(cache, questions[2])[0].content == b"  0"


def test_films_that_wait_refuse_no_status_line(cache: AnswerCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "MOST_WAITING", 2)
    go_on = threading.Event()
    packer = Packer(wait=lambda: go_on.wait(5))
    films = [question_of(f"/film?after={at}", Counter(), packer, bulk=True) for at in range(3)]

    async def look_meanwhile() -> tuple[Answer, list[Answer | BaseException]]:
        waiting = asyncio.gather(*map(cache.answer, films), return_exceptions=True)
        await asyncio.sleep(0.01)
        line = await cache.answer(question_of("/status", Counter(), Packer()))
        go_on.set()
        return line, await waiting

    line, answers = in_a_loop(look_meanwhile())
    assert line.content == b"  0"
    assert [isinstance(answer, OverloadedError) for answer in answers] == [False, False, True]


def test_the_more_tabs_poll_the_slower_each_does(clock: Clock) -> None:
    viewers = ViewerCount(clock)
    paces = [viewers.poll_seconds(f"tab {number}") for number in range(VIEWERS)]
    assert paces[0] < 0.1  # a single tab polls as soon as its line says
    assert paces == sorted(paces)
    assert paces[-1] == pytest.approx(1.0)
    clock.now += PRESENT_SECONDS + 1
    assert viewers.poll_seconds("tab 0") == pytest.approx(paces[0])  # the others are gone
