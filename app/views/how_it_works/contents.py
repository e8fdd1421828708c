"""Ways between the chapters: the line of their titles, keys, what is at their end and follows the last."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from app.components.page_links import HOW_IT_WORKS_PAGE, WATCH_PAGE, open_page
from app.components.shortcuts import listen_for_shortcuts
from app.jobs.run_presets import FROM_NOISE
from app.run.on_screen import leave_run
from app.run.presenter import page_turns, presenter_switch, presenting
from app.setup.form import fill_form
from app.setup.form_values import setup_query_params
from app.setup.preset_picker import ask_for_own_images
from app.views.how_it_works.address import forget_guesses, has_guesses, open_chapter, open_part
from app.views.how_it_works.chapter import Chapter
from dmcore.config import MethodConfig

KEYS_SENTENCE = (
    "Keys, also of a remote: page down and page up, or arrows, next and previous question. P presenter off."
)


def show_contents(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Buttons that lead to each chapter; on a phone a list that opens, and arrows beside it."""
    with st.container(key="how_it_works_contents", horizontal=True, gap=None):
        for number, chapter in enumerate(chapters, start=1):
            st.button(
                f"**{number}** {chapter.short}",
                key=f"how_it_works_chapter_{chapter.name}",
                type="secondary" if chapter.name == current.name else "tertiary",
                on_click=open_chapter,
                args=(chapter,),
            )
    _show_list(chapters, current)


def _show_list(chapters: Sequence[Chapter], current: Chapter) -> None:
    by_name = {chapter.name: chapter for chapter in chapters}
    names, key = [*by_name], "how_it_works_list"
    at = names.index(current.name)
    st.session_state[key] = current.name

    def take() -> None:
        open_chapter(by_name[st.session_state[key]])

    def show_arrow(label: str, icon: str, to: int) -> None:
        inside = 0 <= to < len(chapters)
        st.button(
            label,
            key=f"{key}_{label.lower()}",
            icon=icon,
            disabled=not inside,
            on_click=open_chapter,
            args=(chapters[to if inside else at],),
        )

    with st.container(key=f"{key}_line", horizontal=True, gap="small", vertical_alignment="center"):
        show_arrow("Previous", ":material/arrow_back:", at - 1)
        st.selectbox(
            "Chapter",
            names,
            key=key,
            format_func=lambda name: f"{names.index(name) + 1} of {len(names)}: {by_name[name].short}",
            label_visibility="collapsed",
            filter_mode=None,
            on_change=take,
        )
        show_arrow("Next", ":material/arrow_forward:", at + 1)


def parts_of(chapters: Sequence[Chapter], current: Chapter) -> Sequence[Chapter]:
    """The parts of the chapter that is shown, in their order."""
    first = next(chapter for chapter in chapters if chapter.name == current.name)
    return (first, *first.parts)


def show_parts(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Lead to each part of a chapter that has several."""
    parts = {each.part: each for each in parts_of(chapters, current)}
    key = "how_it_works_part"
    st.session_state[key] = current.part

    def take() -> None:
        if st.session_state[key] is not None:
            open_part(parts[st.session_state[key]])

    names = [*parts]
    st.segmented_control(
        "Part",
        names,
        key=key,
        format_func=lambda part: f"{names.index(part) + 1} {parts[part].part_title}",
        label_visibility="collapsed",
        on_change=take,
        required=True,
    )


def listen_for_page_keys(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Listen, while presenting, for the keys of a remote: the question before and after this one, or a page.

    Page down and page up, and arrows unless the picture takes them; where it has phases, it goes through
    these before the page turns.
    """
    if not presenting():  # they scroll
        return
    pages = [part for chapter in chapters for part in (chapter, *chapter.parts)]
    at = [page.guess_key for page in pages].index(current.guess_key)
    actions: dict[str, Callable[[], object]] = {**page_turns(HOW_IT_WORKS_PAGE.stem)}
    for to, names in ((at - 1, ("PageUp", "ArrowLeft")), (at + 1, ("PageDown", "ArrowRight"))):
        if not 0 <= to < len(pages):
            continue
        turn = open_part if pages[to].name == current.name else open_chapter
        taken = names[:1] if current.takes_arrows else names
        actions |= dict.fromkeys(taken, partial(turn, pages[to]))
    listen_for_shortcuts("how_it_works_keys", actions)


def show_next_part(chapters: Sequence[Chapter], current: Chapter) -> None:
    """Lead to the part after this one, if there is one."""
    parts = parts_of(chapters, current)
    after = [each.part for each in parts].index(current.part) + 1
    if after < len(parts):
        st.button(
            f"Next question: {parts[after].part_title} →",
            key="how_it_works_next_part",
            on_click=open_part,
            args=(parts[after],),
        )


def show_end(chapters: Sequence[Chapter], current: Chapter) -> None:
    """The chapters before and after this one; after the last the same with one's own images, or here."""
    at = [chapter.name for chapter in chapters].index(current.name)
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
    if has_guesses():
        # not on the left: there it could come to lie under the pointer that asked for the next question
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button(
                "Forget all guesses",
                key="how_it_works_forget",
                type="tertiary",
                help="Clears the guesses of all chapters on this device: each asks again, and hides its "
                "answer.",
                on_click=forget_guesses,
            )
    if presenting():
        if len(chapters) > 1:
            st.caption(KEYS_SENTENCE)
    else:
        presenter_switch()


def _show_turn(label: str, direction: str, chapter: Chapter) -> None:
    st.button(label, key=f"how_it_works_{direction}", on_click=open_chapter, args=(chapter,))


def _open_setup(config: MethodConfig) -> None:
    """Go to the Watch page with a set-up in its form, and no run on screen."""
    leave_run()
    fill_form(config)
    open_page(WATCH_PAGE, setup_query_params(config) | {"setup": ["open"]})
