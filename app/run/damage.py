"""Damaged files of a run, a sentence each, wherever the run is shown."""

from collections.abc import Iterable

import streamlit as st

from app.text.escaping import message_text
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.folder import RunFolder
from dmcore.runs.problems import find_damage

MOST_SENTENCES = 4


def show_damage(run: RunFolder, of_images: Iterable[DamagedFileError] = ()) -> None:
    """Warn of the damaged small files of a run, and of images that could not be read for this page."""
    damaged = (*find_damage(run), *of_images)
    sentences = list(dict.fromkeys(f"{damage.relative_to(run.path)}." for damage in damaged))
    more = len(sentences) - MOST_SENTENCES
    if more > 0:
        sentences[MOST_SENTENCES:] = [f"And {more} more: `dmcore doctor {run.id}` lists all."]
    if sentences:
        st.warning("  \n".join(map(message_text, sentences)))
