"""The service of answers: priority, waiting for a job, retry after a failure, forgetting, cache, shutdown."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from support.waiting import until

from app.answers.question import Failure, Look, OutdatedError, Progress, Question, bytes_of
from app.answers.service import POLL_SECONDS, Answers, _Task


def count(question: "Count") -> Generator[Progress, None, int]:
    yield Progress("counting", 0.5)
    return question.number


@dataclass(frozen=True)
class Count(Question[int]):
    """Question that a function given by the test answers."""

    number: int
    compute: Callable[["Count"], Generator[Progress, None, int]] = field(default=count, compare=False)
    priority: int = field(default=0, compare=False)
    after_job: bool = field(default=True, compare=False)
    holds_job: bool = field(default=False, compare=False)
    forget_seconds: float = field(default=90.0, compare=False)
    retry_seconds: float = field(default=10.0, compare=False)

    def answer(self) -> Generator[Progress, None, int]:
        return self.compute(self)

    def size(self, answer: int) -> int:
        return 100


@pytest.fixture
def make() -> Iterator[Callable[..., Answers]]:
    made: list[Answers] = []

    def create(*arguments: Callable[[], bool], max_bytes: int = 1 << 20, **options: Any) -> Answers:
        made.append(Answers("test", *arguments, max_bytes=max_bytes, **options))
        return made[-1]

    yield create
    for answers in made:
        answers.shutdown()


class Recorder:
    """Computes numbers in two pieces, notes the pieces, and starts none before `go` is set."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, int]] = []
        self.go = threading.Event()

    def __call__(self, question: Count) -> Generator[Progress, None, int]:
        self.pieces.append((question.number, 1))
        assert self.go.wait(30)
        yield Progress("half", 0.5)
        self.pieces.append((question.number, 2))
        return question.number


def test_an_answer_is_computed_once_and_shared(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    question = Count(3, recorder)
    assert answers.look(question) == Look()
    assert not answers.look(question).known
    first = answers.ask(question)
    assert first.pending
    assert not answers.idle
    recorder.go.set()
    assert answers.ask(Count(3), patience=None) == Look(3)
    assert recorder.pieces == [(3, 1), (3, 2)]
    assert answers.idle
    assert answers.ask(question, again=True).value == 3  # the old one, while it is computed anew
    until(lambda: len(recorder.pieces) == 4)


def test_the_urgent_question_overtakes_between_two_pieces(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder, priority=1))
    until(lambda: recorder.pieces)
    for number, priority in ((2, 1), (3, 0), (4, 1)):
        answers.ask(Count(number, recorder, priority=priority))
    recorder.go.set()
    until(lambda: answers.idle)
    assert [number for number, _ in recorder.pieces] == [1, 3, 3, 1, 4, 4, 2, 2]  # the latest first, at last


def test_in_turn_what_was_begun_is_answered_first(make: Callable[..., Answers]) -> None:
    job_is_on = threading.Event()
    answers, recorder = make(job_is_on.is_set, in_turn=True), Recorder()
    answers.ask(Count(1, recorder, priority=1))
    until(lambda: recorder.pieces)
    job_is_on.set()  # the question in hand cannot wait for it
    answers.ask(Count(2, recorder, after_job=False))
    recorder.go.set()
    until(lambda: answers.idle)
    assert [number for number, _ in recorder.pieces] == [1, 1, 2, 2]


def test_who_waits_for_an_answer_is_not_forgotten_behind_a_long_piece(make: Callable[..., Answers]) -> None:
    def long(question: Count) -> Generator[Progress, None, int]:
        time.sleep(0.5)
        yield Progress()
        return question.number

    answers = make()
    answers.ask(Count(1, long))
    assert answers.ask(Count(2, forget_seconds=0.1), patience=None) == Look(2)
    answers.ask(Count(3, long))
    assert answers.ask(Count(4, forget_seconds=0.1), patience=5) == Look(4)


def test_a_question_that_is_asked_again_more_urgently_moves_forward(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(0, recorder))
    until(lambda: recorder.pieces)
    answers.ask(Count(1, recorder, priority=5))
    answers.ask(Count(2, recorder, priority=4))
    answers.ask(Count(1, recorder, priority=1))
    recorder.go.set()
    until(lambda: answers.idle)
    assert [number for number, piece in recorder.pieces if piece == 2] == [0, 1, 2]


def test_a_job_goes_first_and_nobody_waits_for_it(make: Callable[..., Answers]) -> None:
    job_is_on = threading.Event()
    job_is_on.set()
    answers = make(job_is_on.is_set)
    assert answers.ask(Count(1), patience=30).progress == Progress("waits for the running job", waiting=True)
    assert answers.ask(Count(2, after_job=False), patience=None).value == 2
    time.sleep(0.3)
    assert answers.look(Count(1)).pending
    job_is_on.clear()
    until(lambda: answers.look(Count(1)).value == 1)


def test_who_waits_reads_for_what_and_how_long(
    make: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    answers.ask(Count(2, recorder))
    now = time.monotonic() + 42
    monkeypatch.setattr("app.answers.service.time.monotonic", lambda: now)
    first, second = (answers.look(Count(number)).progress for number in (1, 2))
    assert first is not None
    assert second is not None
    assert (first.doing, second.doing) == ("loading what it needs", "waits for another computation")
    assert 42 <= second.waited <= first.waited < 60, "a machine under load may have taken seconds"
    recorder.go.set()


def test_progress_and_failures_are_seen_and_a_failure_is_tried_again_after_a_while(
    make: Callable[..., Answers],
) -> None:
    calls: list[int] = []

    def fail(question: Count) -> Generator[Progress, None, int]:
        calls.append(question.number)
        yield Progress("trying", 0.25)
        raise ValueError("not now")

    answers = make()
    question = Count(1, fail)
    assert answers.ask(question, patience=None) == Look(failure=Failure("Not now."))
    assert answers.ask(question).failure == Failure("Not now.")
    assert len(calls) == 1
    assert answers.ask(question, again=True).pending
    until(lambda: len(calls) == 2 and answers.idle)
    answers.ask(Count(1, fail, retry_seconds=0.0), patience=None)
    assert len(calls) == 3
    answers.discard(Count, failed=True)
    assert not answers.look(question).known
    assert str(answers.ask(question, patience=None).then(Look).failure) == str(answers.look(question).failure)


def test_an_unexpected_error_is_a_sentence_with_a_remedy_and_the_thread_lives_on(
    make: Callable[..., Answers],
) -> None:
    def crash(question: Count) -> Generator[Progress, None, int]:
        yield Progress()
        raise RuntimeError("of its own")

    answers = make()
    failure = answers.ask(Count(1, crash), patience=None).failure
    assert failure is not None
    assert failure.sentence.startswith("RuntimeError: of its own.")
    assert isinstance(failure.error, RuntimeError)
    assert answers.ask(Count(2), patience=None).value == 2


def test_a_question_whose_size_or_notification_fails_does_not_end_the_thread(
    make: Callable[..., Answers], caplog: pytest.LogCaptureFixture
) -> None:
    class Unmeasured(Count):
        def size(self, answer: int) -> int:
            raise RuntimeError("no size")

    class Unheard(Count):
        def answered(self) -> None:
            raise RuntimeError("nobody listens")

    answers = make()
    failure = answers.ask(Unmeasured(1), patience=30).failure
    assert failure is not None
    assert failure.sentence.startswith("RuntimeError: no size.")
    assert answers.ask(Unheard(2), patience=30).value == 2  # the answer stands
    assert answers.ask(Count(3), patience=30).value == 3
    assert answers.idle
    assert ["no size" in caplog.text, "nobody listens" in caplog.text] == [True, True]


def test_what_is_outdated_is_dropped_and_has_not_failed(make: Callable[..., Answers]) -> None:
    def outdated(question: Count) -> Generator[Progress, None, int]:
        yield Progress()
        raise OutdatedError

    assert not make().ask(Count(1, outdated), patience=None).known


def test_who_waits_goes_on_waiting_when_others_ask_the_same(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    question, seen = Count(2, forget_seconds=0.1), []
    waiting = threading.Thread(target=lambda: seen.append(answers.ask(question, None)), daemon=True)
    waiting.start()
    until(lambda: answers.look(question).pending)
    time.sleep(0.1)
    answers.ask(question)
    time.sleep(0.3)
    recorder.go.set()
    waiting.join(10)
    assert seen == [Look(2)]


def test_what_is_only_looked_at_is_forgotten(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    answers.ask(Count(2, recorder, forget_seconds=0.1))
    for _ in range(10):
        answers.look(Count(2))
        time.sleep(0.03)
    recorder.go.set()
    until(lambda: answers.idle)
    assert {number for number, _ in recorder.pieces} == {1}


def test_what_nobody_polls_any_more_is_forgotten(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    answers.ask(Count(2, recorder, forget_seconds=0.05))
    answers.ask(Count(3, recorder))
    time.sleep(0.2)
    recorder.go.set()
    until(lambda: answers.idle)
    assert {number for number, _ in recorder.pieces} == {1, 3}
    assert not answers.look(Count(2)).known


def test_queued_questions_are_cancelled_but_not_what_was_begun(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    answers.ask(Count(2, recorder))
    answers.ask(Count(3, recorder))
    answers.cancel(Count, lambda question: question.number != 3)
    recorder.go.set()
    until(lambda: answers.idle)
    assert {number for number, _ in recorder.pieces} == {1, 3}


def test_what_the_thread_has_taken_up_is_not_cancelled(
    make: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Answers._advance

    def cancel_before_the_first_piece(answers: Answers, task: _Task) -> None:
        answers.cancel(Count)  # by another thread: a process would go on with what was sent to it
        advance(answers, task)

    monkeypatch.setattr(Answers, "_advance", cancel_before_the_first_piece)
    assert make().ask(Count(1), patience=30).value == 1


def test_a_failure_does_not_keep_what_was_computed(make: Callable[..., Answers]) -> None:
    class Tensors:
        """What takes memory."""

    kept: list[weakref.ref[Tensors]] = []

    def allocate() -> None:
        tensors = Tensors()
        kept.append(weakref.ref(tensors))
        raise MemoryError("too small")

    def fail(question: Count) -> Generator[Progress, None, int]:
        yield Progress()
        try:
            allocate()
        except MemoryError as error:
            raise ValueError("the memory is too small") from error
        return question.number

    answers = make()
    assert answers.ask(Count(1, fail), patience=30).failure == Failure("The memory is too small.")
    gc.collect()
    assert [reference() for reference in kept] == [None]


def test_the_cache_is_bounded_in_bytes_and_drops_what_was_used_longest_ago(
    make: Callable[..., Answers],
) -> None:
    answers = make(max_bytes=300)
    for number in (1, 2, 3):
        answers.put(Count(number), number)
    answers.look(Count(1))
    answers.put(Count(4), 4)
    assert [number for number in (1, 2, 3, 4) if answers.look(Count(number)).known] == [1, 3, 4]
    answers.discard(Count, lambda question: question.number == 3)
    assert not answers.look(Count(3)).known


def test_an_answer_counts_with_the_arrays_in_it() -> None:
    @dataclass(frozen=True)
    class Images:
        pixels: np.ndarray
        title: str = "images"

    images = Images(np.zeros((2, 3), np.float32))
    assert bytes_of(images) == 24
    assert bytes_of({"a": images, "b": ([images, None], 1)}) == 48
    assert bytes_of("no array") == 0


def test_an_answer_on_the_disk_is_there_at_once(make: Callable[..., Answers]) -> None:
    class Stored(Count):
        def load(self) -> int | None:
            return 7 if self.number == 1 else None

    answers = make()
    assert answers.ask(Stored(1)) == Look(7)
    assert answers.load(Stored(2)) == Look()
    assert answers.idle


def test_after_the_shutdown_nothing_is_answered(make: Callable[..., Answers]) -> None:
    answers, recorder = make(), Recorder()
    answers.ask(Count(1, recorder))
    until(lambda: recorder.pieces)
    ending = threading.Thread(target=answers.shutdown)
    ending.start()
    until(lambda: answers.idle)
    recorder.go.set()
    ending.join(30)
    assert recorder.pieces == [(1, 1)]
    assert answers.ask(Count(2), patience=None) == Look()


class HeldJob:
    """Job that is held after its current step, if that ends."""

    def __init__(self, *, step_ends: bool = True) -> None:
        self.computing, self.wanted, self.step_ends = True, False, step_ends

    def goes_first(self) -> bool:
        return self.computing

    def hold(self, wanted: bool) -> None:
        self.wanted = wanted
        self.computing = not (wanted and self.step_ends)


def test_a_job_is_held_for_what_is_short_and_goes_on_after_it(make: Callable[..., Answers]) -> None:
    job, recorder = HeldJob(), Recorder()
    answers = make(job.goes_first, hold_job=job.hold)
    waits = Count(1)
    answers.ask(waits)
    time.sleep(2 * POLL_SECONDS)
    assert not job.wanted
    answers.ask(Count(2, recorder, holds_job=True))
    until(lambda: bool(recorder.pieces))
    assert job.wanted
    assert answers.look(waits).value is None, "what the job is held for goes first"
    recorder.go.set()
    until(lambda: answers.look(Count(2)).value == 2)
    until(lambda: not job.wanted)
    assert job.computing
    time.sleep(2 * POLL_SECONDS)
    assert answers.look(waits).pending, "the others wait for the job again"


def test_an_answer_that_a_job_is_held_for_is_waited_for(make: Callable[..., Answers]) -> None:
    job = HeldJob()
    answers = make(job.goes_first, hold_job=job.hold)
    assert answers.ask(Count(1), patience=10).pending, "nobody waits for a job"
    assert answers.ask(Count(2, holds_job=True), patience=10).value == 2


def test_nothing_else_is_begun_while_a_job_is_to_be_held(make: Callable[..., Answers]) -> None:
    job, recorder = HeldJob(step_ends=False), Recorder()
    recorder.go.set()
    answers = make(job.goes_first, hold_job=job.hold)
    answers.ask(Count(1, recorder, holds_job=True))
    until(lambda: job.wanted)
    answers.ask(Count(2, recorder, after_job=False))
    time.sleep(2 * POLL_SECONDS)
    assert recorder.pieces == [], "the job would stand still for it"
    job.step_ends = True
    until(lambda: answers.idle)
    assert [number for number, _ in recorder.pieces] == [1, 1, 2, 2]


def test_a_step_that_does_not_end_is_not_waited_for(
    make: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.answers.service.HOLD_PATIENCE", 0.5)
    job = HeldJob(step_ends=False)
    answers = make(job.goes_first, hold_job=job.hold)
    answers.ask(Count(2, holds_job=True))
    assert answers.look(Count(2)).pending
    until(lambda: answers.look(Count(2)).value == 2)
    assert job.computing


def test_a_service_that_ends_lets_the_job_go_on(make: Callable[..., Answers]) -> None:
    job = HeldJob()
    answers = make(job.goes_first, hold_job=job.hold)

    def endless(question: Count) -> Generator[Progress, None, int]:
        while True:
            yield Progress("going on", 0.5)

    answers.ask(Count(2, endless, holds_job=True))
    until(lambda: job.wanted)
    answers.shutdown()
    assert not job.wanted
