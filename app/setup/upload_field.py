"""Upload of one's own images: a zip dropped on the page, or a whole folder, copied to this machine's disk."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile as BrowserFile

from app.setup.uploads import UploadedFile, store_upload, uploads_root
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence

_NUMBER, _REFUSED = "form_upload_number", "form_upload_refused"
"""Keys of the session state: uploads so far, and why the last one was not taken."""


def forget_refusal() -> None:
    """Show no more why the last upload was not taken; for callbacks that take another path."""
    st.session_state.pop(_REFUSED, None)


def show_upload(take: Callable[[str], None]) -> None:
    """Draw the two uploads; `take` is called with the path of the copy.

    Streamlit holds an upload in memory as long as its widget knows it: a new one takes its place after each.
    """
    state = st.session_state
    number = state.setdefault(_NUMBER, 0)
    zip_key, folder_key = f"form_upload_zip_{number}", f"form_upload_folder_{number}"

    def store(key: str) -> None:
        forget_refusal()
        chosen: BrowserFile | Sequence[BrowserFile] | None = state[key]
        files = [chosen] if isinstance(chosen, BrowserFile) else list(chosen or ())
        state[_NUMBER] = number + 1
        try:
            path = store_upload([UploadedFile(file.name, file.getbuffer()) for file in files])
        except ValueError as error:  # also a disk that is full
            state[_REFUSED] = sentence(str(error))
            return
        take(str(path))

    where = f"Copied to {uploads_root()} on the machine that runs this app, and kept for your runs there."
    of_zip, of_folder = st.tabs(["Upload a zip", "Upload a folder"], key=f"form_upload_{number}")
    of_zip.file_uploader(
        "A zip with a folder of images for each class",
        type=["zip"],
        key=zip_key,
        on_change=partial(store, zip_key),
        help=where,
    )
    of_folder.file_uploader(
        "A folder with a folder of images for each class",
        accept_multiple_files="directory",
        key=folder_key,
        on_change=partial(store, folder_key),
        help=f"{where} Of many files a zip is faster.",
    )
    if refused := state.get(_REFUSED):
        st.error(plain_text(refused))
