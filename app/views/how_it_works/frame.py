"""Frame of every chapter: title and sentence, the question with its answers, after a guess what came true."""

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.page_head import page_head
from app.components.states import show_loading
from app.text.escaping import plain_text
from app.views.how_it_works.address import (
    chosen_chapter,
    guess_of,
    read_address,
    record_guess,
    was_on_screen,
)
from app.views.how_it_works.chapter import SKIPPED, Chapter, NumberScale, lead_of, text_of
from app.views.how_it_works.contents import (
    listen_for_page_keys,
    show_contents,
    show_end,
    show_next_part,
    show_parts,
)

LOADING_HEIGHT = 400
"""CSS pixels of the frame that stands for a chapter's pictures."""


def show_chapters(chapters: Sequence[Chapter]) -> None:
    """Draw the chapter that the address names, in its frame."""
    read_address(chapters)
    chapter, missing = chosen_chapter(chapters)
    opens = not was_on_screen(chapter)
    if len(chapters) > 1:
        show_contents(chapters, chapter)
        listen_for_page_keys(chapters, chapter)
    guess = guess_of(chapter) if missing is None else None
    with place_of(chapter, chapters):
        page_head(chapter.title, text_of(chapter.sentence))
        if missing is not None:
            st.caption(f"There is no chapter “{plain_text(missing)}”: this is “{chapter.title}”.")
        frame = st.empty()
        if opens:
            with frame.container():
                show_loading("how_it_works", f"“{chapter.title}” is being opened.", LOADING_HEIGHT)
        announce(chapter, guess)
        if chapter.part_title:
            show_parts(chapters, chapter)
            beside, picture = st.columns([2, 3], gap="large")
            with beside, st.container(key="how_it_works_beside"):
                ask_or_reveal(chapter, guess)
                if guess is not None:
                    show_next_part(chapters, chapter)
            with picture:
                chapter.show(guess)
        else:
            ask_or_reveal(chapter, guess)
            chapter.show(guess)
        show_end(chapters, chapter)
        frame.empty()


def place_of(chapter: Chapter, chapters: Sequence[Chapter]) -> DeltaGenerator:
    """Where a chapter is drawn. Each has a place of its own: what stood in another's goes at once."""
    places = [st.container() if each.name == chapter.name else st.empty() for each in chapters]
    return next(place for each, place in zip(chapters, places, strict=True) if each.name == chapter.name)


def ask_or_reveal(chapter: Chapter, guess: str | None) -> None:
    """Draw the question, or what came true."""
    with st.container(key="how_it_works_question", horizontal=True, vertical_alignment="center"):
        if guess is None:
            show_question(chapter)
        else:
            show_reveal(chapter, guess)


def announce(chapter: Chapter, guess: str | None) -> None:
    """Let those who do not see the page hear what came true; the place is there before there is something."""
    heard = "" if guess is None else f"{lead_of(chapter, guess)} {text_of(chapter.reveal)}".lstrip()
    with st.container(key="how_it_works_heard"):
        st.html(f'<div role="status">{escape(heard)}</div>')


def show_question(chapter: Chapter) -> None:
    """Ask for a guess: a button, and a number key, for each answer; or a slider."""
    st.markdown(f"**Guess first.** {text_of(chapter.question)}", width="content")
    if isinstance(chapter.answers, NumberScale):
        show_slider(chapter, chapter.answers)
    else:
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


def show_slider(chapter: Chapter, scale: NumberScale) -> None:
    """Ask for a number."""
    key = f"how_it_works_number_{chapter.name}"
    with st.container(width=280):
        st.slider(
            scale.label,
            scale.low,
            scale.high,
            scale.start,
            key=key,
            format="%d\N{NO-BREAK SPACE}" + scale.unit.replace("%", "%%"),
        )

    def take() -> None:
        record_guess(chapter, str(st.session_state[key]))

    st.button("That is my guess", key="how_it_works_guess_number", on_click=take)


def show_reveal(chapter: Chapter, guess: str) -> None:
    """Tell what came true below the question, and the misconception that the chapter is about."""
    lead = lead_of(chapter, guess)
    st.markdown(
        f"*{text_of(chapter.question)}* {f'**{lead}** ' if lead else ''}{text_of(chapter.reveal)}  \n"
        f"Often believed: *“{chapter.misconception}”* {text_of(chapter.correction)}",
        width="stretch",
    )
    with st.popover("What is computed"):
        st.markdown(text_of(chapter.explanation))
    st.button(
        "Guess again", key="how_it_works_again", type="tertiary", on_click=record_guess, args=(chapter, "")
    )
