"""Downloads of a run: its images in the formats of `dmcore export`, lines that train on them, a film.

Nothing is drawn before it is opened, and no file is created before its button is pressed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.text.escaping import plain_text
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.download import (
    DOWNLOADS,
    download_name,
    downloadable,
    is_exact,
    offered_downloads,
    pack_download,
    stem_of,
)
from dmcore.runs.formats.training_example import EXAMPLES, training_example

NO_IMAGES = "No images of it are stored yet."
OPEN, ERRORS = "download_open", "download_errors"
"""Keys of the session state: which menu is open; what went wrong while files were created, by run."""
ERROR_SECONDS = 1.0
"""Time between looks at what went wrong, while the menu is open."""


@dataclass(frozen=True)
class SavedImages:
    """Images that can be saved: some sets of a run at an iteration."""

    run: RunFolder
    set_names: tuple[str, ...]
    at: int | None = None
    """Iteration that is looked at; left open, the latest."""
    label: str = ""
    """What they are called where there are others to choose from."""


def show_download_menu(
    run: RunFolder, owner: str, at: int | None = None, show_film: Callable[[], None] | None = None
) -> None:
    """Button that opens the downloads of a run.

    Args:
        run: the run.
        owner: begins the widget keys.
        at: iteration that is looked at; left open, the latest.
        show_film: draws what can be saved as a film, where that is chosen.
    """
    help_text = "Saves its images" + (", or a film of them." if show_film else ".")
    if _opened("Download", owner, run.id, help_text):
        _show_dialog([SavedImages(run, run.set_names, at)], owner, show_film)


def show_image_downloads(owner: str, find: Callable[[], Sequence[SavedImages]]) -> None:
    """Button that opens the downloads of sets of several runs.

    Args:
        owner: begins the widget keys.
        find: looks the sets up, once the button is pressed.
    """
    if _opened("Download the images", owner, "", "Saves them as files, one set at a time."):
        _show_dialog(find(), owner, None)


def _opened(label: str, owner: str, subject: str, help_text: str) -> bool:
    """Draw the button; whether its dialog is open."""
    st.button(label, key=f"{owner}_download", on_click=_open, args=(owner, subject), help=help_text)
    return bool(st.session_state.get(OPEN) == (owner, subject))


def reporting_errors(pack: Callable[[], bytes], errors: dict[str, str], run_id: str) -> Callable[[], bytes]:
    """Function that creates a file, for a thread without a page; what goes wrong is left in `errors`."""

    def packing() -> bytes:
        try:
            errors.pop(run_id, None)
            return pack()
        except ValueError as damage:
            errors[run_id] = str(damage)
            raise
        except OSError as refusal:
            errors[run_id] = f"the file could not be created ({refusal.strerror or refusal}): try again"
            raise

    return packing


def download_errors() -> dict[str, str]:
    """Errors while files were created, by run; shared with the threads that create them."""
    errors: dict[str, str] = st.session_state.setdefault(ERRORS, {})
    return errors


def _open(owner: str, subject: str) -> None:
    download_errors().clear()
    st.session_state[OPEN] = owner, subject


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Download", on_dismiss=_close)
def _show_dialog(offered: Sequence[SavedImages], owner: str, show_film: Callable[[], None] | None) -> None:
    if not offered:
        st.markdown(NO_IMAGES)
        return
    images = offered[0]
    if len(offered) > 1:
        place = st.selectbox(
            "Images of",
            range(len(offered)),
            format_func=lambda index: offered[index].label,
            key=f"{owner}_download_of",
        )
        images = offered[place]
    try:
        iteration = downloadable(images.run, images.at)
    except (ValueError, OSError) as damage:
        st.markdown(plain_text(sentence(str(damage))))
        return
    if iteration is None:
        st.markdown(NO_IMAGES)
        return
    parts: dict[str, Callable[[], None]] = {
        "Images": partial(_show_images, images, owner, iteration),
        "Train on them": partial(_show_example, images, owner, iteration),
    }
    if show_film is not None:
        parts["Film"] = show_film
    chosen = st.segmented_control(
        "What",
        list(parts),
        default="Images",
        required=True,
        key=f"{owner}_download_part",
        label_visibility="collapsed",
    )
    parts[chosen]()
    _show_error(images.run.id)


@st.fragment(run_every=ERROR_SECONDS)
def _show_error(run_id: str) -> None:
    """What went wrong when a file was created last, looked up again and again: its button runs no script."""
    if error := download_errors().get(run_id):
        st.error(plain_text(sentence(error)))


def _show_images(images: SavedImages, owner: str, iteration: int) -> None:
    """Choice of the format, and its button."""
    run, names = images.run, images.set_names
    offered = offered_downloads(run)
    format = st.radio(
        "Format",
        offered,
        key=f"{owner}_download_format",
        format_func=lambda name: DOWNLOADS[name].label,
        captions=[DOWNLOADS[name].sentence for name in offered],
        label_visibility="collapsed",
    )
    if format is None:
        return
    st.download_button(
        "Save",
        reporting_errors(partial(pack_download, run, names, format, iteration), download_errors(), run.id),
        download_name(run, names, format, iteration),
        key=f"{owner}_download_save",
        type="primary",
        on_click="ignore",
    )
    facts = f"Iteration {grouped(iteration)}"
    facts += f", {counted(len(names), 'set')}." if len(names) > 1 else "."
    if DOWNLOADS[format].exact and not is_exact(run, iteration):
        facts += " Its values are stored with 16 bits, and saved as they are stored."
    st.caption(facts)


def _show_example(images: SavedImages, owner: str, iteration: int) -> None:
    """The lines that train on a format, and how to get there."""
    run, names = images.run, images.set_names
    formats = [name for name in offered_downloads(run) if name in EXAMPLES]
    format = st.selectbox(
        "Format",
        formats,
        index=formats.index("npz"),
        key=f"{owner}_download_example",
        format_func=lambda name: DOWNLOADS[name].label,
        label_visibility="collapsed",
    )
    unpack = "unpack the zip, " if download_name(run, names, format, iteration).endswith(".zip") else ""
    which = "the images" if len(names) == 1 else "the images of one set"
    st.markdown(f"Save the file, {unpack}and train a network on {which} with plain PyTorch:")
    lines = training_example(format, stem_of(run, names[0], iteration))
    st.code(lines, language="python", height=320, wrap_lines=True)
    st.caption("Shorter than the tests here, which augment the images and divide the learning rate half way.")
