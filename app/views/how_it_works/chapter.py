"""Chapter of How it works: a question, what a reader may guess, what comes true, what many believe instead.

A chapter shows how something begins, asks how it ends, and only then shows it: people see what does not fit
their belief when they have predicted first (Crouch, Fagen, Callan and Mazur 2004).
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.components.query_params import CHAPTER_PREFIXES

PART_PARAMETER = "limits_part"
"""Query parameter of the part that is shown, of the one chapter that has several."""
SKIPPED = "none"
"""Guess of who wants to see it without guessing."""

NO, HALF, NEAR, REVERSED = "No", "Half right", "Close", "The other way round"
"""How a wrong answer is answered, by how far it is from the right one."""
FAR = 5
"""A guess is far off from so many times as far as a close one may be; of amounts in steps, from two steps."""

Text = str | Callable[[], str]
"""Plain text or Markdown; a function, called when it is shown, where it has numbers from recorded results."""


@dataclass(frozen=True)
class NumberScale:
    """Numbers to guess from, on a slider."""

    label: str
    """What the number is, for the slider."""
    start: int
    """Where the slider stands at first."""
    low: int = 0
    high: int = 100
    unit: str = "%"
    close: int = 5
    """A guess that differs by no more is close."""

    def number(self, guess: str) -> int | None:
        """The number that a guess in the address names; None where it is not one of the scale."""
        number = int(guess) if re.fullmatch(r"[0-9]{1,4}", guess) else None
        return number if number is not None and self.low <= number <= self.high else None

    def text(self, number: float) -> str:
        """A number with its unit."""
        return f"{number:g}\N{NO-BREAK SPACE}{self.unit}".strip()


@dataclass(frozen=True)
class Chapter:
    """Chapter as the frame of the page shows it."""

    name: str
    """In the address, as `?chapter=NAME`; never changed."""
    title: str
    short: str
    """The title in one or two words, for the line of the chapters."""
    sentence: Text
    """What is shown, in a few short sentences."""
    question: Text
    """What is predicted; of plain text."""
    answers: Mapping[str, str] | NumberScale
    """Predictions to choose from: name in the address, as `?guess=NAME`, and text, 2 to 4; or numbers."""
    right: Text
    """The answer that comes true, a number as text; empty while no recorded result tells."""
    reveal: Text
    """What is seen, in one or two sentences of plain text; they follow `lead_of`, which has the answer."""
    misconception: str
    """What many believe, as they would say it."""
    correction: Text
    """What is so instead."""
    explanation: Text
    """What is computed, for who wants the formula; Markdown."""
    show: Callable[[str | None], None]
    """Draw it; called with the guess, None before there is one."""
    truth: Text = ""
    """What is true, as it stands within a sentence, where the text of the right answer does not say it."""
    amounts: Sequence[str] = ()
    """Answers to choose from that are amounts of one thing, from little to much."""
    wrong: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """How a wrong answer is answered where it is not just `NO`, by that answer and the right one."""
    parameters: tuple[str, ...] = ()
    """Query parameters of its state besides the guess, for `address.recalled` and `address.remember`; each
    begins with one of `CHAPTER_PREFIXES`, and no other chapter has it."""
    takes_arrows: bool = False
    """Whether its picture takes the arrow keys, anywhere on the page."""
    part: str = ""
    """Name of the part that this is of a chapter of several parts, in the address as `PART_PARAMETER`; empty:
    the first one."""
    part_title: str = ""
    """What the part is called in the line of the parts."""
    parts: Sequence["Chapter"] = ()
    """Its other parts, each with a question of its own, as chapters of the same name."""

    @property
    def guess_key(self) -> str:
        """What its guess is kept under."""
        return f"{self.name} {self.part}".strip()

    def part_named(self, part: str) -> "Chapter":
        """One of its parts; the first one where there is none of that name."""
        return next((each for each in self.parts if each.part == part), self)

    def __post_init__(self) -> None:
        """Check that the right answer can be guessed, and that its parameters are nobody else's."""
        if not isinstance(self.answers, NumberScale):
            assert callable(self.right) or self.right in self.answers
            assert SKIPPED not in self.answers
            assert 2 <= len(self.answers) <= 4
        assert all(name.startswith(CHAPTER_PREFIXES) for name in self.parameters), self.parameters

    def takes(self, guess: str) -> bool:
        """Whether a guess is one of its answers, or `SKIPPED`."""
        if isinstance(self.answers, NumberScale):
            return guess == SKIPPED or self.answers.number(guess) is not None
        return guess in (*self.answers, SKIPPED)


def text_of(text: Text) -> str:
    """The text itself."""
    return text if isinstance(text, str) else text()


def nearest(number: float, answers: Mapping[str, str]) -> str:
    """The answer whose number is nearest, in times as much."""
    return min(answers, key=lambda each: abs(math.log(int(each) / number)))


def lead_of(chapter: Chapter, guess: str) -> str:
    """How the reveal begins: whether the guess was right, and what is true; it never scolds.

    Where no recorded result tells, it names the guess alone.
    """
    truth = truth_of(chapter)
    scale = chapter.answers
    if guess == SKIPPED:
        return _sentence(f"it is {truth}" if truth and isinstance(scale, NumberScale) else truth)
    if isinstance(scale, NumberScale):
        return _lead_of_number(scale, guess, text_of(chapter.right))
    right = text_of(chapter.right)
    if not right:
        return _sentence(f"you guessed {_within(scale[guess])}")
    if guess == right:
        return f"Right: {truth}."
    if {guess, right} <= set(chapter.amounts):
        steps = chapter.amounts.index(right) - chapter.amounts.index(guess)
        return f"{_than(steps, far=abs(steps) > 1)}: {truth}."
    return f"{chapter.wrong.get((guess, right), NO)}: {truth}."


def truth_of(chapter: Chapter) -> str:
    """The answer that comes true, as it stands within a sentence; empty while no recorded result tells."""
    right = text_of(chapter.right)
    if not right or text_of(chapter.truth):
        return text_of(chapter.truth) if right else ""
    scale = chapter.answers
    return scale.text(float(right)) if isinstance(scale, NumberScale) else _within(scale[right])


def _lead_of_number(scale: NumberScale, guess: str, right: str) -> str:
    guessed = scale.number(guess)
    assert guessed is not None
    if not right:
        return f"You guessed {scale.text(guessed)}."
    number = float(right)
    if guessed == round(number):
        return f"Right: {scale.text(number)}."
    away = number - guessed
    grade = NEAR if abs(away) <= scale.close else _than(away, far=abs(away) > FAR * scale.close)
    return f"{grade}: {scale.text(number)}, not {scale.text(guessed)}."


def _than(away: float, *, far: bool) -> str:
    side = "more" if away > 0 else "less"
    return f"{f'Far {side}' if far else side.capitalize()} than you guessed"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _within(answer: str) -> str:
    """An answer as it stands within a sentence."""
    return f"{answer[0].lower()}{answer[1:]}"
