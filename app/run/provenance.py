"""Line of provenance of a recorded result: when and how it was computed, and one click that hides it."""

import streamlit as st

from app.data.recorded import set_recorded_hidden
from app.run.controls import reporting_refusal, show_refusal
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from dmcore.config.formatting import sentence
from dmcore.experiments.gallery.recorded import RecordedEntry

HIDE_HELP = "On all pages. The page Runs shows them again."
_REFUSED = "run_recorded_refusal"


def show_provenance(entry: RecordedEntry, owner: str, difference: str = "") -> None:
    """Draw the line.

    Args:
        entry: the recorded result on screen.
        owner: begins the widget keys.
        difference: sentence on what differs from what was chosen; empty where nothing does.
    """
    provenance = entry.provenance
    show_refusal(_REFUSED, st.warning)
    with st.container(
        key=f"{owner}_recorded", horizontal=True, vertical_alignment="center", gap="small", wrap=True
    ):
        text = f"{provenance_text(provenance)}. {difference}"
        st.caption(plain_text(text), width="content")
        with st.popover("How?", key=f"{owner}_recorded_how", type="tertiary"):
            st.markdown("Recorded with this command, which computes it again:")
            st.code(provenance.command, language=None, wrap_lines=True)
            if provenance.note:
                st.caption(plain_text(sentence(provenance.note)))
        st.button(
            "Hide recorded results",
            key=f"{owner}_recorded_hide",
            type="tertiary",
            on_click=reporting_refusal(lambda: set_recorded_hidden(True), _REFUSED),
            help=HIDE_HELP,
        )
