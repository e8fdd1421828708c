"""What the page remembers: its chapter, a guess for each, and what a chapter has set, in session and address.

The address has the say. The session keeps it for who comes back: leaving the page empties the address.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.query_params import write_param
from app.views.how_it_works.chapter import Chapter

_STORED, _GUESSES = "how_it_works_stored", "how_it_works_guesses"
_DRAWN = ("how_it_works_skip", "how_it_works_again")
"""Widgets of which every script run of this page draws one, and no other page does."""


def read_address(chapters: Sequence[Chapter]) -> None:
    """Take what the address names, also a bare one that Back leads to; who comes back gets what was there.

    Called once in a script run, before anything else here.
    """
    state = st.session_state
    parameters = (name for chapter in chapters for name in chapter.parameters)
    address = {name: st.query_params.get(name, "") for name in ("chapter", "guess", *parameters)}
    if any(address.values()) or any(key in state for key in _DRAWN):
        state[_STORED] = address
        chapter, missing = chosen_chapter(chapters)
        if missing is None:
            state[_GUESSES] = {**state.get(_GUESSES, {}), chapter.name: guess_of(chapter) or ""}
    else:
        remember(state.get(_STORED, {}))


def recall(name: str) -> str:
    """Value of a parameter; empty where there is none."""
    return str(st.query_params.get(name, ""))


def remember(values: Mapping[str, str]) -> None:
    """Store parameters; an empty text is a default, and leaves the address."""
    st.session_state[_STORED] = {**st.session_state.get(_STORED, {}), **values}
    for name, value in values.items():
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
    guesses = st.session_state.get(_GUESSES, {})
    remember({"chapter": chapter.name, "guess": guesses.get(chapter.name, "")})


def guess_of(chapter: Chapter) -> str | None:
    """The reader's guess, or `SKIPPED`; None before there is one."""
    guess = recall("guess")
    return guess if chapter.takes(guess) else None


def record_guess(chapter: Chapter, guess: str) -> None:
    """Store a guess; an empty one takes it back."""
    st.session_state[_GUESSES] = {**st.session_state.get(_GUESSES, {}), chapter.name: guess}
    remember({"chapter": chapter.name, "guess": guess})
