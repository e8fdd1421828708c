"""Line of provenance of a recorded result: when and how it was computed, and one click that hides it.

Where recorded results would stand but are hidden, the same place has the click that shows them again.
"""

import shlex
from typing import Literal

import streamlit as st

from app.data.recorded import recorded_entry_of, recorded_hidden, set_recorded_hidden
from app.run.actions import clone_run
from app.run.controls import reporting_refusal, show_refusal
from app.text.escaping import plain_text
from app.text.provenance import note_text, provenance_text, unrecorded_text
from dmcore.config.command_line import LATEST
from dmcore.config.formatting import sentence
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import RecordedEntry, is_recorded
from dmcore.runs.folder import RunFolder

RUN_HERE_HELP = "Puts its set-up into the form on the Watch page: start it there, as it is or changed."
_HIDE_HELP = (
    "Nothing is deleted: the same place shows them again. The front page and How it works go on showing "
    "theirs."
)
HIDDEN = "Recorded results are hidden."
_TESTS_LATEST = "It tests the newest run: start no other run until it has ended."
_OF_A_TABLE = "Recorded: it came with the program, as a part of a table."
_REFUSED = "run_recorded_refusal"


def show_provenance(entry: RecordedEntry, owner: str, difference: str = "") -> None:
    """Draw the line.

    Args:
        entry: the recorded result on screen.
        owner: begins the widget keys.
        difference: sentence on what differs from what was chosen; empty where nothing does.
    """
    show_refusal(_REFUSED, st.warning)
    with _row(owner):
        _show_facts(entry.provenance, owner, difference)
        show_hide_button(owner)


def show_run_provenance(
    run: RunFolder, owner: str, run_here: Literal["primary", "secondary"] | None = "secondary"
) -> None:
    """Draw the line of a recorded run, with a button that starts one of its set-up; nothing for other runs.

    Args:
        run: the run on screen.
        owner: begins the widget keys.
        run_here: type of the button; None: the page has another.
    """
    if not is_recorded(run):
        return
    show_refusal(_REFUSED, st.warning)
    entry = recorded_entry_of(run)
    with _row(owner):
        if entry is not None:
            _show_facts(entry.provenance, owner)
        else:
            st.caption(_OF_A_TABLE, width="content")
        if (
            run_here is not None
            and run.config is not None
            and st.button("Run it here", key=f"{owner}_recorded_run", type=run_here, help=RUN_HERE_HELP)
        ):
            clone_run(run)
        show_hide_button(owner)


def show_hidden_line(owner: str, more: str = "") -> None:
    """Where recorded results would stand: that they are hidden, and the button; nothing where they are shown.

    Args:
        owner: begins the widget keys.
        more: sentence after that.
    """
    show_refusal(_REFUSED, st.warning)
    if not recorded_hidden():
        return
    with _row(owner):
        st.caption(f"{HIDDEN} {more}".strip(), width="content")
        show_hide_button(owner)


def show_hide_button(owner: str) -> None:
    """Button that hides the recorded results, or shows them again; `owner` begins its key."""
    hidden = recorded_hidden()
    st.button(
        "Show recorded results" if hidden else "Hide recorded results",
        key=f"{owner}_recorded_{'show' if hidden else 'hide'}",
        type="secondary" if hidden else "tertiary",
        on_click=reporting_refusal(lambda: set_recorded_hidden(not hidden), _REFUSED),
        help=None if hidden else _HIDE_HELP,
    )


def latest_note(command: str) -> str:
    """What to heed where a command tests the latest run; empty for others."""
    return _TESTS_LATEST if LATEST in shlex.split(command) else ""


def remarks_text(provenance: Provenance) -> str:
    """What to know of the command of a recorded result and of its computing, in sentences; may be empty."""
    note = note_text(provenance.note)
    remarks = (latest_note(provenance.command), unrecorded_text(provenance), sentence(note) if note else "")
    return " ".join(filter(None, remarks))


def _row(owner: str) -> "st.delta_generator.DeltaGenerator":
    return st.container(
        key=f"{owner}_recorded", horizontal=True, vertical_alignment="center", gap="small", wrap=True
    )


def _show_facts(provenance: Provenance, owner: str, difference: str = "") -> None:
    """One line of facts, and the command behind “How?”."""
    st.caption(plain_text(f"{provenance_text(provenance)}. {difference}"), width="content")
    with st.popover("How?", key=f"{owner}_recorded_how", type="tertiary"):
        st.markdown("This command computes it again:")
        st.code(provenance.command, language=None, wrap_lines=True)
        if remarks := remarks_text(provenance):
            st.caption(plain_text(remarks))
