"""Question that a page asks, and what it sees of the answer: the value, the failure or the progress."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)
Other = TypeVar("Other")

FORGET_SECONDS = 90.0
"""Seconds after which a question that is not asked again is dropped; a hidden tab polls once a minute."""
RETRY_SECONDS = 10.0
"""Seconds after which a failed question is tried again, if it is asked again."""
DEFAULT_BYTES = 16 << 10
"""Size of an answer without its arrays, generously."""


@dataclass(frozen=True)
class Progress:
    """State of a question that is queued or being answered."""

    doing: str = ""
    """What is being done, or waited for; empty where the computation has reported nothing yet."""
    done: float = 0.0
    """Fraction of it that is done, 0 to 1."""
    waiting: bool = False
    """Whether it lets a job in progress go first."""
    waited: float = 0.0
    """Whole seconds since it was asked."""


@dataclass(frozen=True)
class Failure:
    """Why a question was not answered: the reason and the remedy."""

    sentence: str
    error: Exception = field(default_factory=ValueError, compare=False)
    failed_at: float = field(default_factory=time.monotonic, compare=False)
    """In seconds."""


@dataclass(frozen=True)
class Look(Generic[Answer_co]):
    """What is known of an answer at a moment; all None if it was never asked."""

    value: Answer_co | None = None
    """The answer; with a progress as well, it is computed anew."""
    failure: Failure | None = None
    progress: Progress | None = None

    @property
    def known(self) -> bool:
        """Whether it was asked, and neither forgotten nor discarded since."""
        return self.value is not None or self.failure is not None or self.progress is not None

    @property
    def pending(self) -> bool:
        """Whether it is queued or being answered for the first time."""
        return self.value is None and self.progress is not None

    def then(self, following: "Callable[[Answer_co], Look[Other]]") -> "Look[Other]":
        """The look at what follows from the value; without one, the same failure or progress."""
        return Look(None, self.failure, self.progress) if self.value is None else following(self.value)


class Question(ABC, Generic[Answer]):
    """A frozen value: equal questions are answered once, and share the answer."""

    @property
    def priority(self) -> int:
        """Lower is sooner."""
        return 0

    @property
    def after_job(self) -> bool:
        """Whether it waits while a job is computed."""
        return True

    @property
    def holds_job(self) -> bool:
        """Whether a job in progress is held for it, which must be short, where it is `after_job`."""
        return False

    @property
    def forget_seconds(self) -> float:
        """Seconds after which it is dropped from the queue if nobody asks it again."""
        return FORGET_SECONDS

    @property
    def retry_seconds(self) -> float:
        """Seconds after a failure before which asking does not try again."""
        return RETRY_SECONDS

    @abstractmethod
    def answer(self) -> Generator[Progress, None, Answer]:
        """Compute the answer; yields the progress between two pieces.

        Raises:
            ValueError: it cannot be answered; with the remedy.
            OutdatedError: what it is about has changed.
        """

    def load(self) -> Answer | None:
        """The answer from a disk cache, if there is one; `answer` stores it there."""
        return None

    def size(self, answer: Answer) -> int:
        """Approximate size of the answer in memory, in bytes."""
        return DEFAULT_BYTES + bytes_of(answer)

    def answered(self) -> None:
        """Called on the thread of the service after the answer or the failure is stored."""


def bytes_of(value: object) -> int:
    """Size in bytes of the arrays in a value: in dataclasses, mappings, tuples and lists."""
    match value:
        case Mapping():
            parts: Iterable[object] = value.values()
        case tuple() | list():
            parts = value
        case _ if is_dataclass(value):
            parts = vars(value).values()
        case _:
            return getattr(value, "nbytes", 0)
    return sum(map(bytes_of, parts))


class OutdatedError(Exception):
    """Raised instead of an answer that nobody needs any more: the question is dropped, and has not failed."""
