"""Download of a run's film as GIF or WebP, and of its first and last images as one image.

Nothing is computed before a button is pressed.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.run.download_menu import download_errors, reporting_errors
from app.text.escaping import plain_text
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, sentence
from dmcore.runs.display.titles import set_title
from dmcore.runs.film.files import FILM_FORMATS, file_name
from dmcore.runs.film.film import Film, open_film
from dmcore.runs.folder import RunFolder

NAMES = {"gif": "GIF", "webp": "WebP"}
SECONDS = (5, 10, 20)


def show_film_offer(run: RunFolder) -> None:
    """Film of the iterations stored so far, to save; a sentence where there is none."""
    try:
        titles = {description.name: capitalised(set_title(run, description)) for description in run.sets}
        film = open_film(run, burn_in=st.session_state.get("watch_film_burn_in", True), labels=titles)
    except ValueError as refusal:
        st.markdown(plain_text(sentence(str(refusal))))
        return
    show_film_options()
    format = st.session_state["watch_film_format"]
    with st.container(horizontal=True):
        show_download(film, format, f"Save the {NAMES[format]}", "watch_film_save")
        show_download(film, "before-after", "Save before and after", "watch_film_save_before_after")
    st.caption(plain_text(" ".join(film.facts)))
    st.caption("The browser saves it among its downloads; creating it takes a few seconds.")


def show_film_options() -> None:
    """Format and length of the film, and whether it shows the iteration."""
    st.segmented_control(
        "Format",
        list(NAMES),
        default="gif",
        required=True,
        key="watch_film_format",
        format_func=NAMES.__getitem__,
        help="A GIF plays everywhere and shows 240 colours a frame; WebP keeps every pixel and grey films "
        "small, and plays in browsers.",
    )
    st.segmented_control(
        "Length",
        list(SECONDS),
        default=10,
        required=True,
        key="watch_film_seconds",
        format_func=lambda seconds: f"{seconds}{NO_BREAK_SPACE}s",
        help="About how long it plays before it starts again; every stored iteration is shown equally long.",
    )
    st.checkbox(
        "Iteration in the image",
        value=True,
        key="watch_film_burn_in",
        help="Writes the number of the iteration below the images of every frame.",
    )


def show_download(film: Film, format: str, label: str, key: str) -> None:
    """Button that creates the file when it is pressed."""
    st.download_button(
        label,
        film_packer(film, format, float(st.session_state["watch_film_seconds"]), download_errors()),
        file_name=file_name(film, format),
        mime=FILM_FORMATS[format].mime,
        on_click=_announce_download,
        key=key,
        help=FILM_FORMATS[format].sentence,
    )


def _announce_download() -> None:
    st.toast("Creating the file: it is among the browser's downloads in a few seconds.")


def film_packer(film: Film, format: str, seconds: float, errors: dict[str, str]) -> Callable[[], bytes]:
    """Function that creates the file, for a thread without a page; what goes wrong is left in `errors`."""
    return reporting_errors(partial(FILM_FORMATS[format].pack, film, seconds), errors, film.run.id)
