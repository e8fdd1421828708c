"""What the page remembers: its chapter, a guess for each, and what a chapter has set, in session and address.

The session keeps it when the page is left, which empties the address; a link begins a session.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.query_params import write_param
from app.views.how_it_works.chapter import SKIPPED, Chapter

_STORED = "how_it_works_{}"


def recall(name: str) -> str:
    """Value of a parameter: the session's, at its beginning the address's; empty where there is none."""
    key = _STORED.format(name)
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name, "")
    write_param(name, st.session_state[key])
    return str(st.session_state[key])


def remember(values: Mapping[str, str]) -> None:
    """Store parameters; an empty text is a default, and leaves the address."""
    for name, value in values.items():
        st.session_state[_STORED.format(name)] = value
        write_param(name, value)


def recalled(names: Sequence[str]) -> dict[str, str]:
    """Parameters that have a value."""
    return {name: value for name in names if (value := recall(name))}


def chosen_chapter(chapters: Sequence[Chapter]) -> tuple[Chapter, str | None]:
    """The chapter that the address names, else the first; and the name of one that is not there."""
    name = recall("chapter")
    chapter = next((chapter for chapter in chapters if chapter.name == name), None)
    return chapter or chapters[0], name if name and chapter is None else None


def open_chapter(chapter: Chapter) -> None:
    """Turn to a chapter, with the guess made there before."""
    guesses = st.session_state.get(_STORED.format("guesses"), {})
    remember({"chapter": chapter.name, "guess": guesses.get(chapter.name, "")})


def guess_of(chapter: Chapter) -> str | None:
    """The reader's guess, or `SKIPPED`; None before there is one."""
    guess = recall("guess")
    return guess if guess in (*chapter.answers, SKIPPED) else None


def record_guess(chapter: Chapter, guess: str) -> None:
    """Store a guess; an empty one takes it back."""
    guesses = st.session_state.get(_STORED.format("guesses"), {})
    st.session_state[_STORED.format("guesses")] = {**guesses, chapter.name: guess}
    remember({"chapter": chapter.name, "guess": guess})
