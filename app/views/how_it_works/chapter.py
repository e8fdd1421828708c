"""Chapter of How it works: a question, what a reader may guess, what comes true, what many believe instead.

A chapter shows how something begins, asks how it ends, and only then shows it: people see what does not fit
their belief when they have predicted first (Crouch, Fagen, Callan and Mazur 2004).
"""

from collections.abc import Callable
from dataclasses import dataclass

SKIPPED = "none"
"""Guess of who wants to see it without guessing."""


@dataclass(frozen=True)
class Chapter:
    """Chapter as the frame of the page shows it."""

    name: str
    """In the address, as `?chapter=NAME`; never changed."""
    title: str
    sentence: str
    """What is shown, in one sentence."""
    question: str
    """What is predicted."""
    answers: dict[str, str]
    """Predictions to choose from: name in the address, as `?guess=NAME`, and text; 2 to 4."""
    right: str
    """The answer that comes true."""
    reveal: str
    """What is seen, in one or two sentences of plain text."""
    misconception: str
    """What many believe, as they would say it."""
    correction: str
    """What is so instead."""
    explanation: str
    """What is computed, for who wants the formula; Markdown."""
    show: Callable[[str | None], None]
    """Draw it; called with the guess, None before there is one."""

    def __post_init__(self) -> None:
        """Check that the right answer can be guessed."""
        assert self.right in self.answers
        assert SKIPPED not in self.answers
        assert 2 <= len(self.answers) <= 4
