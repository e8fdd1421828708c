"""Downloads of a run: its images in the formats of `dmcore export`, lines that train on them, a film.

Nothing is drawn before it is opened, and no file is created before its button is pressed.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.text.escaping import plain_text
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.download import DOWNLOADS, download_name, downloadable, is_exact, pack_download
from dmcore.runs.formats.training_example import training_example

NO_IMAGES = "No images of it are stored yet."
OPEN, ERRORS = "download_open", "download_errors"
"""Keys of the session state: which menu is open; what went wrong while files were created, by run."""
ERROR_SECONDS = 1.0
"""Time between looks at what went wrong, while the menu is open."""


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
    st.button(
        "Download",
        key=f"{owner}_download",
        on_click=_open,
        args=(owner, run.id),
        help="Saves its images" + (", or a film of them." if show_film else "."),
    )
    if st.session_state.get(OPEN) == (owner, run.id):
        _show_dialog(run, owner, at, show_film)


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


def _open(owner: str, run_id: str) -> None:
    download_errors().pop(run_id, None)
    st.session_state[OPEN] = owner, run_id


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Download", on_dismiss=_close)
def _show_dialog(run: RunFolder, owner: str, at: int | None, show_film: Callable[[], None] | None) -> None:
    try:
        iteration = downloadable(run, at)
    except (ValueError, OSError) as damage:
        st.markdown(plain_text(sentence(str(damage))))
        return
    if iteration is None:
        st.markdown(NO_IMAGES)
        return
    parts: dict[str, Callable[[], None]] = {
        "Images": partial(_show_images, run, owner, iteration),
        "Train on them": partial(_show_example, run, iteration),
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
    _show_error(run.id)


@st.fragment(run_every=ERROR_SECONDS)
def _show_error(run_id: str) -> None:
    """What went wrong when a file was created last, looked up again and again: its button runs no script."""
    if error := download_errors().get(run_id):
        st.error(plain_text(sentence(error)))


def _show_images(run: RunFolder, owner: str, iteration: int) -> None:
    """Choice of the format, and its button."""
    format = st.radio(
        "Format",
        list(DOWNLOADS),
        key=f"{owner}_download_format",
        format_func=lambda name: DOWNLOADS[name].label,
        captions=[each.sentence for each in DOWNLOADS.values()],
        label_visibility="collapsed",
    )
    if format is None:
        return
    names = run.set_names
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


def _show_example(run: RunFolder, iteration: int) -> None:
    what = "Save the npz, and train a network on it"
    if len(run.set_names) > 1:  # a zip of them
        what = "Save the npz files, unpack them, and train a network on one"
    st.markdown(f"{what} with plain PyTorch:")
    file_name = download_name(run, run.set_names[:1], "npz", iteration)
    st.code(training_example(file_name), language="python", height=320, wrap_lines=True)
    st.caption("Shorter than the tests here, which augment the images and divide the learning rate half way.")
