"""Frame of every chapter: title and sentence, the question with its answers, after a guess what came true."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.text.escaping import plain_text
from app.views.how_it_works.address import (
    chosen_chapter,
    guess_of,
    open_chapter,
    read_address,
    record_guess,
)
from app.views.how_it_works.chapter import SKIPPED, Chapter


def show_chapters(chapters: Sequence[Chapter]) -> None:
    """Draw the chapter that the address names, in its frame."""
    read_address(chapters)
    chapter, missing = chosen_chapter(chapters)
    if len(chapters) > 1:
        show_contents(chapters, chapter)
    with st.container(key="how_it_works_head"):
        st.title(chapter.title, anchor=False)
        st.markdown(chapter.sentence)
    if missing is not None:
        st.caption(f"There is no chapter “{plain_text(missing)}”: this is “{chapter.title}”.")
    guess = guess_of(chapter) if missing is None else None
    announce(chapter, guess)
    with st.container(key="how_it_works_question", horizontal=True, vertical_alignment="center"):
        if guess is None:
            show_question(chapter)
        else:
            show_reveal(chapter, guess)
    chapter.show(guess)


def show_contents(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Buttons that lead to each chapter."""
    with st.container(key="how_it_works_contents", horizontal=True, gap="small"):
        for number, chapter in enumerate(chapters, start=1):
            st.button(
                f"{number} {chapter.title}",
                key=f"how_it_works_chapter_{chapter.name}",
                type="primary" if chapter is current else "tertiary",
                on_click=open_chapter,
                args=(chapter,),
            )


def announce(chapter: Chapter, guess: str | None) -> None:
    """Let those who do not see the page hear what came true; the place is there before there is something."""
    heard = "" if guess is None else f"{lead_of(chapter, guess)} {chapter.reveal}"
    with st.container(key="how_it_works_heard"):
        st.html(f'<div role="status">{escape(heard)}</div>')


def show_question(chapter: Chapter) -> None:
    """Ask for a guess: a button, and a number key, for each answer."""
    st.markdown(f"**Guess first.** {chapter.question}", width="content")
    for number, (name, text) in enumerate(chapter.answers.items(), start=1):
        st.button(
            text,
            key=f"how_it_works_guess_{name}",
            shortcut=str(number),
            on_click=record_guess,
            args=(chapter, name),
        )
    st.button(
        "Just show it",
        key="how_it_works_skip",
        type="tertiary",
        on_click=record_guess,
        args=(chapter, SKIPPED),
    )


def lead_of(chapter: Chapter, guess: str) -> str:
    """How the reveal begins, by the guess."""
    if guess == SKIPPED:
        return "Watch."
    if guess == chapter.right:
        return "As you guessed."
    answer = chapter.answers[guess]
    return f"You guessed {answer[0].lower()}{answer[1:]}."


def show_reveal(chapter: Chapter, guess: str) -> None:
    """Tell what came true beside the guess, and the misconception that the chapter is about."""
    st.markdown(
        f"**{lead_of(chapter, guess)}** {chapter.reveal}  \n"
        f"Often believed: *“{chapter.misconception}”* {chapter.correction}",
        width="stretch",
    )
    with st.popover("What is computed"):
        st.markdown(chapter.explanation)
    st.button(
        "Guess again", key="how_it_works_again", type="tertiary", on_click=record_guess, args=(chapter, "")
    )
