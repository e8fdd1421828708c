"""Ways between the chapters: the line of their titles, the next one at the end, and what follows the last."""

from collections.abc import Sequence

import streamlit as st

from app.components.page_links import WATCH_PAGE
from app.jobs.run_presets import FROM_NOISE
from app.run.on_screen import leave_run
from app.setup.form import fill_form, setup_query_params
from app.setup.preset_picker import ask_for_own_images
from app.views.how_it_works.address import open_chapter
from app.views.how_it_works.chapter import Chapter
from dmcore.config import CondenseConfig


def show_contents(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Buttons that lead to each chapter; a phone has room for their numbers."""
    with st.container(key="how_it_works_contents", horizontal=True, gap=None):
        for number, chapter in enumerate(chapters, start=1):
            st.button(
                f"**{number}** {chapter.title}",
                key=f"how_it_works_chapter_{chapter.name}",
                type="secondary" if chapter is current else "tertiary",
                on_click=open_chapter,
                args=(chapter,),
            )


def show_end(chapters: Sequence[Chapter], current: Chapter) -> None:
    """The chapters before and after this one; after the last the same with one's own images, or here."""
    at = chapters.index(current)
    with st.container(key="how_it_works_end", horizontal=True, horizontal_alignment="distribute"):
        if at > 0:
            _show_turn(f"← {at} {chapters[at - 1].title}", "previous", chapters[at - 1])
        if at + 1 < len(chapters):
            _show_turn(f"{at + 2} {chapters[at + 1].title} →", "next", chapters[at + 1])
        else:
            if st.button("Now on your images →", key="how_it_works_own_images"):
                _open_setup(ask_for_own_images())
            if st.button("Now watch it here →", key="how_it_works_watch", type="primary"):
                _open_setup(FROM_NOISE.config)


def _show_turn(label: str, direction: str, chapter: Chapter) -> None:
    st.button(label, key=f"how_it_works_{direction}", on_click=open_chapter, args=(chapter,))


def _open_setup(config: CondenseConfig) -> None:
    """Go to the Watch page with a set-up in its form, and no run on screen."""
    leave_run()
    fill_form(config)
    st.switch_page(WATCH_PAGE, query_params=setup_query_params(config) | {"setup": ["open"]})
