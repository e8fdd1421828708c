"""The offer to save a run's film: how its images formed, as GIF or WebP, and before and after as one picture.

Nothing is made before a button is pressed. Must not import torch.
"""

from collections.abc import Callable

import streamlit as st

from app.text.escaping import plain_text
from app.text.set_labels import set_title
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, sentence
from dmcore.runs.film.files import FILM_FORMATS, file_name
from dmcore.runs.film.film import Film, open_film
from dmcore.runs.folder import RunFolder

NAMES = {"gif": "GIF", "webp": "WebP"}
SECONDS = (5, 10, 20)


def show_film_offer(run: RunFolder) -> None:
    """A popover that offers the film of the iterations kept so far; a sentence where there is none."""
    with st.popover("Film", key="film"):
        try:
            titles = {one.name: capitalised(set_title(run, one)) for one in run.sets}
            film = open_film(run, burn_in=st.session_state.get("film_burn_in", True), labels=titles)
        except ValueError as refusal:
            st.markdown(plain_text(sentence(str(refusal))))
            return
        show_choices()
        format = st.session_state["film_format"]
        with st.container(horizontal=True):
            offer(film, format, f"Save the {NAMES[format]}", "save_film")
            offer(film, "before-after", "Save before and after", "save_before_after")
        st.caption(plain_text(" ".join(film.facts)))
        st.caption("The browser keeps it among its downloads; making it takes a few seconds.")
        if trouble := _troubles().pop(run.id, ""):
            st.error(plain_text(sentence(trouble)))


def show_choices() -> None:
    """What the film is to be like."""
    st.segmented_control(
        "Format",
        list(NAMES),
        default="gif",
        required=True,
        key="film_format",
        format_func=NAMES.__getitem__,
        help="A GIF plays everywhere and shows 240 colours a frame; WebP keeps every pixel and grey films "
        "small, and plays in browsers.",
    )
    st.segmented_control(
        "Length",
        list(SECONDS),
        default=10,
        required=True,
        key="film_seconds",
        format_func=lambda seconds: f"{seconds}{NO_BREAK_SPACE}s",
        help="About how long it plays before it starts again; every kept iteration is shown equally long.",
    )
    st.checkbox(
        "Iteration in the picture",
        value=True,
        key="film_burn_in",
        help="Writes the number of the iteration below the images of every frame.",
    )


def offer(film: Film, format: str, label: str, key: str) -> None:
    """A button that makes the file when it is pressed."""
    st.download_button(
        label,
        packing(film, format, float(st.session_state["film_seconds"]), _troubles()),
        file_name=file_name(film, format),
        mime=FILM_FORMATS[format].mime,
        on_click=_say_where,
        key=key,
        help=FILM_FORMATS[format].sentence,
    )


def _say_where() -> None:
    st.toast("Being made: look among the browser's downloads in a few seconds.")


def packing(film: Film, format: str, seconds: float, troubles: dict[str, str]) -> Callable[[], bytes]:
    """Makes the file, in a thread without a page: what goes wrong is kept for the page to say."""

    def pack() -> bytes:
        try:
            return FILM_FORMATS[format].pack(film, seconds)
        except ValueError as damage:
            troubles[film.run.id] = str(damage)
            raise

    return pack


def _troubles() -> dict[str, str]:
    """What went wrong when a film was made, by run; shared with the thread that makes it."""
    troubles: dict[str, str] = st.session_state.setdefault("film_troubles", {})
    return troubles
