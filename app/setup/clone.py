"""Clone of a run: its set-up in the form again, to change one thing and start; the title names the origin.

The session stores which run was cloned until a run is started or another one comes on screen.
"""

import streamlit as st

from app.data.folders import find_run, runs_root
from app.setup.form import fill_form
from app.text.escaping import plain_text
from dmcore.config import MethodConfig
from dmcore.config.differences import differences
from dmcore.runs.folder import RunFolder
from dmcore.runs.rename import LONGEST_TITLE

CLONED_FROM = "cloned_from"
"""Key of the session state: id of the run whose set-up is in the form."""


def begin_clone(run: RunFolder) -> MethodConfig:
    """Put the set-up of a run into the form of the Watch page, which has to be opened next.

    Raises:
        ValueError: an imported run, whose set-up is unknown.
    """
    if run.config is None:
        raise ValueError(
            f"“{run.description.title}” was not condensed here, so there is no set-up to "
            "change: start a new run on the Watch page instead"
        )
    st.session_state[CLONED_FROM] = run.id
    fill_form(run.config)
    return run.config


def show_clone_origin() -> None:
    """Show from which run the form's set-up was cloned, while it holds a clone."""
    origin = _origin()
    if origin is not None:
        st.markdown(
            f"A clone of **{plain_text(origin.description.title)}**: its set-up is in the form. "
            "Change one thing and start, then compare the two runs."
        )


def clone_title(config: MethodConfig) -> str | None:
    """Title of a clone: 'Clone of A: network width 32 instead of 64'; None where the form holds no clone."""
    origin = _origin()
    if origin is None or origin.config is None:
        return None
    changes = "; ".join(map(str, differences(config, origin.config)))
    title = f"Clone of {origin.description.title}" + (f": {changes}" if changes else "")
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _origin() -> RunFolder | None:
    try:
        return (
            find_run(st.session_state[CLONED_FROM], runs_root()) if CLONED_FROM in st.session_state else None
        )
    except ValueError:  # deleted since
        return None
