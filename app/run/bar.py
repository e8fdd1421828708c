"""The line above every page: which run is at work, how far it is, what waits, and on which device.

It also makes every open tab notice a change: when the manager's revision moves, the page's script runs again.
"""

import streamlit as st

from app.components.live_line import Line, Part, show_live_line
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.run.addresses import bar_address
from app.run.stage import COLOURS
from app.text.escaping import plain_text
from app.text.formatting import grouped

LOOK_SECONDS = 1.0
"""How often a browser asks what is at work."""


def show_run_bar(manager: JobManager, revision: int, on_screen: str | None = None) -> None:
    """Draw the bar; the browser keeps it up to date.

    Args:
        manager: whose work it tells.
        revision: the manager's when the page began to be drawn: whatever came since draws it again.
        on_screen: the run whose own status line stands below; the bar does not say it twice.
    """
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            show_live_line(
                "run_bar_line", bar_line(manager, revision, on_screen), source=bar_address(on_screen)
            )
        show_queue(manager)


def show_queue(manager: JobManager) -> None:
    """What waits, each with a button that takes it out."""
    waiting = manager.queued
    if not waiting:
        return
    with st.popover(f"{len(waiting)} queued", key="queue"):
        for place, job in enumerate(waiting, start=1):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{place}. {plain_text(job.title)}", width="stretch")
                st.button("Cancel", key=f"cancel_{id(job)}", on_click=manager.cancel, args=(job,))


def marked(word: str) -> str:
    """A status as a coloured mark and its word, as Markdown."""
    return f":{COLOURS.get(word, 'gray')}[●] **{word}**"


def bar_line(manager: JobManager, revision: int, on_screen: str | None) -> Line:
    """What is at work and on which device; the job of the run on screen is left to the page."""
    job = manager.current
    parts: list[Part] = []
    if job is None:
        parts = [_status("nothing at work")]
    elif job.run_id == on_screen and on_screen is not None:
        pass
    elif on_screen is not None and not job.active:
        parts = [_status("nothing at work")]
    else:
        parts = _said_of_job(job)
    if manager.device is not None:
        name, reason = manager.device
        parts.append(Part(f"Computing on {name.upper()}: {reason}"))
    page = str(revision)
    return Line(tuple(parts), f"{page}/{' '.join(part.text for part in parts)}", page, LOOK_SECONDS)


def _status(word: str) -> Part:
    return Part(word, strong=True, mark=COLOURS.get(word, "gray"))


def _said_of_job(job: Job) -> list[Part]:
    word, shown = str(job.state), job.snapshot
    judging = shown.evaluation if shown is not None else None
    judging = judging if judging is not None and job.active and judging.fraction < 1 else None
    learned = shown is not None and shown.iteration >= shown.iterations
    if word == "running" and (judging is not None or learned):
        word = "judging"
    elif word == "stopped" and learned:  # while it was judged: the run itself is whole
        word = "finished"
    said = [_status(word), Part(job.title)]
    if job.error is not None:
        said.append(Part(job.error.sentence))
    elif judging is not None:
        said.append(Part(f"{judging.fraction:.0%} judged, network {judging.repeat} of {judging.repeats}"))
    elif shown is not None:
        said.append(Part(f"iteration {grouped(shown.iteration)} of {grouped(shown.iterations)}"))
    elif job.doing:
        said.append(Part(job.doing))
    return said
