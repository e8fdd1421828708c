"""Waiting for the job before: what for, in words; and the way out where that one waits for a person."""

from collections.abc import Callable

import streamlit as st

from app.jobs.job import Job
from app.jobs.manager import JobManager


def after_words(manager: JobManager) -> str:
    """End of the label of a button that queues a job; empty where that starts at once."""
    return f" after the {busy_words(manager)}" if manager.busy else ""


def busy_words(manager: JobManager) -> str:
    """What has the place: 'paused run', or 'running job', also of a run that goes on at each click."""
    job = manager.active
    if job is None or not job.held:
        return "running job"
    return "paused run" if job.work.kind == "condense" else "paused job"


def waits_for(manager: JobManager) -> str:
    """What queued jobs wait for: 'waits for “Digits”, which is paused'."""
    first = manager.active
    if first is None:
        return "starts in a moment"
    return f"waits for “{first.title}”, which is {_manner(first)}"


def waiting_sentence(manager: JobManager) -> str:
    """Which jobs wait for which; empty where none waits for one that is paused."""
    waiting = manager.queued
    if not waiting or manager.holding is None:
        return ""
    others = f" (and {len(waiting) - 1} more)" if len(waiting) > 1 else ""
    return f"“{waiting[0].title}”{others} {waits_for(manager)}."


def show_way_out(manager: JobManager, owner: str, start: Callable[[], None] | None = None) -> None:
    """Buttons that let the paused run go on, or stop it; nothing where none holds the place.

    Args:
        manager: of the jobs.
        owner: begins the widget keys.
        start: starts what is to be started once the run has stopped; None: what is queued starts by itself.
    """
    job = manager.holding
    if job is None:
        return

    def stop() -> None:
        manager.cancel(job)
        if start is not None:
            start()

    label = "Stop it" if start is None else "Stop it and start now"
    st.button("Go on with it", key=f"{owner}_go_on", on_click=go_on, args=(job,))
    resumed = "It can be resumed later." if job.work.kind == "condense" else None
    st.button(label, key=f"{owner}_stop_it", on_click=stop, help=resumed)


def go_on(job: Job) -> None:
    """Let a job go on that waits for a person."""
    if job.speed == "step":
        job.throttle.set_speed("full")
    job.throttle.unpause()


def _manner(job: Job) -> str:
    if not job.waits_for_person:
        return str(job.state)
    return "paused" if job.held else "going on at each click"
