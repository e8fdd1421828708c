"""The line above every page: which run is at work, how far it is, what waits, and on which device.

It also makes every open tab notice a change: when the manager's revision moves, the page is drawn anew.
"""

from collections.abc import Callable

import streamlit as st

from app.escaping import plain_text
from app.job import Job
from app.jobs import JobManager
from app.stage import COLOURS
from app.words import grouped

ACTIVE_SECONDS, IDLE_SECONDS = 1.0, 2.0


def show_run_bar(manager: JobManager, run_on_screen: Callable[[], str | None] = lambda: None) -> None:
    """Draw the bar and keep it up to date.

    Args:
        manager: whose work it tells.
        run_on_screen: tells the run whose own status line stands below; the bar does not say it twice.
    """
    revision = manager.revision
    job = manager.current

    def tick() -> None:
        if manager.revision != revision:
            st.rerun()
        repeated = job is not None and job.run_id is not None and job.run_id == run_on_screen()
        st.markdown(said_of(job, manager.device, repeated))

    active = job is not None and job.active
    with st.container(key="run_bar", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            st.fragment(run_every=ACTIVE_SECONDS if active else IDLE_SECONDS)(tick)()
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


def said_of(job: Job | None, device: tuple[str, str] | None, repeated: bool = False) -> str:
    """The bar's text, as Markdown; `repeated` leaves out what the page says of the job itself."""
    said = [] if repeated else [marked("nothing at work")] if job is None else _said_of_job(job)
    if device is not None:
        name, reason = device
        said.append(f"Computing on {name.upper()}: {plain_text(reason)}")
    return " \u2002 ".join(said)


def _said_of_job(job: Job) -> list[str]:
    word, shown = job.state, job.snapshot
    judging = shown.evaluation if shown is not None else None
    judging = judging if judging is not None and job.active and judging.fraction < 1 else None
    said = [
        marked("judging" if judging is not None and word == "running" else word),
        plain_text(job.title),
    ]
    if job.error is not None:
        said.append(plain_text(job.error.sentence))
    elif judging is not None:
        said.append(f"{judging.fraction:.0%} judged, network {judging.repeat} of {judging.repeats}")
    elif shown is not None:
        said.append(f"iteration {grouped(shown.iteration)} of {grouped(shown.iterations)}")
    elif job.doing:
        said.append(plain_text(job.doing))
    return said
