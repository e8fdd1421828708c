"""What the page remembers: its chapter, a guess for each, and what a chapter has set, in session and address.

The address has the say on the chapter that it names, and no other chapter's settings stay in it. The session
keeps all for who comes back: leaving the page empties the address.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.query_params import CHAPTER_PREFIXES, write_params
from app.views.how_it_works.chapter import PART_PARAMETER, Chapter

_STORED, _GUESSES, _ON_SCREEN = "how_it_works_stored", "how_it_works_guesses", "how_it_works_on_screen"
_DRAWN = ("how_it_works_skip", "how_it_works_again")
"""Widgets of which every script run of this page draws one, and no other page does."""


def was_on_screen(chapter: Chapter) -> bool:
    """Whether the script run before drew this chapter; called once in a run, before it is drawn."""
    state = st.session_state
    before = state.get(_ON_SCREEN) if any(key in state for key in _DRAWN) else None
    state[_ON_SCREEN] = chapter.name
    return bool(before == chapter.name)


def read_address(chapters: Sequence[Chapter]) -> None:
    """Take what the address names, also a bare one that Back leads to; who comes back gets what was there.

    Called once in a script run, before anything else here.
    """
    state = st.session_state
    parameters = (name for chapter in chapters for name in chapter.parameters)
    address = {name: st.query_params.get(name, "") for name in ("chapter", "guess", *parameters)}
    stored = state.get(_STORED, {})
    if any(address.values()) or any(key in state for key in _DRAWN):
        chapter, missing = chosen_chapter(chapters)
        of_it = ("chapter", "guess", *chapter.parameters)
        state[_STORED] = {
            name: value if value or name in of_it else stored.get(name, "") for name, value in address.items()
        }
        if missing is None:
            state[_GUESSES] = {**state.get(_GUESSES, {}), chapter.guess_key: guess_of(chapter) or ""}
    else:
        left = next((each for each in chapters if each.name == stored.get("chapter")), chapters[0])
        remember({name: stored.get(name, "") for name in ("chapter", "guess", *left.parameters)})


def recall(name: str) -> str:
    """Value of a parameter; empty where there is none."""
    return str(st.query_params.get(name, ""))


def remember(values: Mapping[str, str]) -> None:
    """Store parameters; an empty text is a default, and leaves the address."""
    st.session_state[_STORED] = {**st.session_state.get(_STORED, {}), **values}
    write_params(values)


def recalled(names: Sequence[str]) -> dict[str, str]:
    """Parameters that have a value."""
    return {name: value for name in names if (value := recall(name))}


def chosen_chapter(chapters: Sequence[Chapter]) -> tuple[Chapter, str | None]:
    """The chapter, or part of it, that the address names, else the first; and a name that is not there."""
    name = recall("chapter")
    chapter = next((chapter for chapter in chapters if chapter.name == name), None)
    if chapter is None:
        return chapters[0], name or None
    return chapter.part_named(recall(PART_PARAMETER)), None


def open_chapter(chapter: Chapter) -> None:
    """Turn to a chapter, with the guess made and what was set there before."""
    guesses, stored = st.session_state.get(_GUESSES, {}), st.session_state.get(_STORED, {})
    others = {name: "" for name in st.query_params if name.startswith(CHAPTER_PREFIXES)}
    own = {name: stored.get(name, "") for name in chapter.parameters}
    shown = chapter.part_named(own.get(PART_PARAMETER, ""))
    values = {"chapter": chapter.name, "guess": guesses.get(shown.guess_key, ""), **own}
    st.session_state[_STORED] = {**stored, **values}
    write_params({**others, **values})


def open_part(part: Chapter) -> None:
    """Turn to a part of the chapter that is shown, with the guess made there before."""
    guesses = st.session_state.get(_GUESSES, {})
    remember({"guess": guesses.get(part.guess_key, ""), PART_PARAMETER: part.part})


def guess_of(chapter: Chapter) -> str | None:
    """The reader's guess, or `SKIPPED`; None before there is one."""
    guess = recall("guess")
    return guess if chapter.takes(guess) else None


def has_guesses() -> bool:
    """Whether a chapter or part has a guess."""
    return any(st.session_state.get(_GUESSES, {}).values())


def forget_guesses() -> None:
    """Forget the guesses of all chapters and parts."""
    st.session_state[_GUESSES] = {}
    remember({"guess": ""})


def record_guess(chapter: Chapter, guess: str) -> None:
    """Store a guess; an empty one takes it back."""
    st.session_state[_GUESSES] = {**st.session_state.get(_GUESSES, {}), chapter.guess_key: guess}
    remember({"chapter": chapter.name, "guess": guess})
