"""Progress of the feature map while it is computed."""

from collections.abc import Callable

import streamlit as st

from app.answers.question import Failure, Look
from app.text.escaping import plain_text
from dmcore.config.formatting import capitalised

POLL_SECONDS = 0.5


def show_pending(
    ask: Callable[[], Look[object]], height: int, on_failure: Callable[[Failure], object]
) -> None:
    """Draw the progress as a fragment that asks again and again; the page is rerun once the answer is there.

    Args:
        ask: asks for the map.
        height: height of the map in CSS pixels.
        on_failure: called when it could not be computed, with the reason.
    """

    def poll() -> None:
        look = ask()
        if look.value is not None:
            st.rerun()
        if look.failure is not None:
            on_failure(look.failure)
            return
        text, done = "No images are stored yet: look again in a moment.", 0.0
        if look.progress is not None:
            done = look.progress.done
            text = f"{capitalised(look.progress.doing)}{f', {done:.0%}' if done else ''} …"
        st.progress(min(1.0, done), text=plain_text(text))
        st.skeleton(height=height)

    st.fragment(run_every=POLL_SECONDS)(poll)()
