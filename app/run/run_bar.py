"""Run bar above every page: the running job, its progress, its device and the queue; gone when there is none.

It also makes every open tab notice a change: when the manager's revision grows, the page's script runs again.
"""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import NamedTuple

import streamlit as st

from app.components.live_line import LinePart, LiveLine, show_live_line
from app.components.live_resource import LiveSubject, Query, line_answer
from app.data.folders import find_run, runs_root
from app.data.stored_results import results_at
from app.jobs.job import Job
from app.jobs.manager import JobManager, get_manager
from app.run.looked_at import LOOKED_AT
from app.run.on_screen import put_on_screen
from app.run.stage_content import evaluation_parts, status_part
from app.run.status import status_of
from app.run.waiting import show_way_out, waiting_sentence
from app.setup.person import person_hash
from app.text.escaping import plain_text
from app.text.status import Status
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.few_tests import FEW_TESTS, lucky_percent, right_text

POLL_SECONDS = 1.0
"""Polling interval of the browser."""


def show_run_bar(manager: JobManager, revision: int, on_screen: str | None = None) -> None:
    """Draw the bar; the browser keeps it up to date.

    Args:
        manager: the job manager.
        revision: the manager's revision when the page began to be drawn: a later one draws the page again.
        on_screen: id of the run or the job whose own status line stands below; the bar does not repeat it:
            two lines that are polled at two times would give two figures of one thing.
    """
    line, source = bar_line(manager, revision, on_screen), bar.address(on_screen=on_screen)
    done = unseen_result(manager, on_screen)
    says = line.parts or manager.queued or done is not None
    key = "run_bar" if says else "run_bar_quiet"  # hidden by app.css: it still polls
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch" if line.parts else "content"):
            show_live_line("run_bar_line", line, source=source)
        show_offer(manager, on_screen)
        if done is not None:
            show_done(done)
        show_queue(manager)
        show_what_is_waited_for(manager, on_screen)


def show_offer(manager: JobManager, on_screen: str | None) -> None:
    """Button that puts the run at work on screen, where it is not."""
    job = manager.current
    if job is None or not job.active or job.run_id is None or job.run_id == on_screen:
        return
    st.button("Watch it", key="run_bar_watch", on_click=put_on_screen, args=(job.run_id,))


def unseen_result(manager: JobManager, on_screen: str | None) -> RunFolder | None:
    """Run that has finished, its tests included, and that this browser awaits and has not looked at since."""
    browser, job = person_hash(), manager.active
    if job is not None and job.run_id is not None and job.work.started_by == browser:
        LOOKED_AT.expect(browser, job.run_id)
    for run_id in LOOKED_AT.awaited(browser):
        if run_id == on_screen or manager.job_of_run(run_id) is not None:
            continue
        try:
            run = find_run(run_id, runs_root())
        except ValueError:  # deleted or damaged: the page Runs says so
            LOOKED_AT.forget(browser, run_id)
            continue
        if status_of(run) is Status.FINISHED:
            return run
    return None


def show_done(run: RunFolder) -> None:
    """Say that a run is done and how good its images are, with a button that shows it."""
    data = run.description.data
    accuracy = short_accuracy(results_at(run, run.iteration()), data.test_count, len(data.class_names))
    facts = ", ".join(filter(None, (plain_text(run.description.title or run.id), accuracy)))
    st.markdown(f":blue[●] **Done:** {facts}", width="content")
    st.button("Show", key="run_bar_show", on_click=put_on_screen, args=(run.id,))


def short_accuracy(results: Sequence[StoredResult], tested: int | None, classes: int) -> str:
    """'72 % right', of several sets '70 to 72 % right'; empty where the images were not tested.

    Of few test images their number, and whether guessing may get as many right: '13 of 24 right'.
    """
    accuracies = [result.mean for result in results if result.kind == "condensed"]
    if not accuracies:
        return ""
    text = right_text(min(accuracies), max(accuracies), tested)
    if tested and tested < FEW_TESTS and min(accuracies) <= lucky_percent(classes, tested):
        return f"{text}, as guessing may be: too few test images to tell"
    return text


def show_queue(manager: JobManager) -> None:
    """Draw the queued jobs, each with a button that cancels it."""
    waiting = manager.queued
    if not waiting:
        return
    with st.popover(f"{len(waiting)} queued", key="queue"):
        for position, job in enumerate(waiting, start=1):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{position}. {plain_text(job.title)}", width="stretch")
                st.button("Cancel", key=f"cancel_{id(job)}", on_click=manager.cancel, args=(job,))


def show_what_is_waited_for(manager: JobManager, on_screen: str | None) -> None:
    """Which job waits for which paused one, and the way out; on its own page the paused run has buttons."""
    holding, on_page = manager.holding, {name for job in manager.queued for name in (job.id, job.run_id)}
    if holding is None or not manager.queued or (on_screen is not None and on_screen in on_page):
        return
    st.markdown(plain_text(waiting_sentence(manager)), width="content")
    if holding.run_id != on_screen:
        show_way_out(manager, "run_bar")


def bar_line(manager: JobManager, revision: int, on_screen: str | None) -> LiveLine:
    """Content of the bar: the running job and its device, or why the last one failed; else nothing.

    The page itself shows the job of its run.
    """
    job = manager.current
    parts: list[LinePart] = []
    if job is not None and (on_screen is None or on_screen not in (job.run_id, job.id)):
        parts = _job_parts(job) if job.pending or (job.error is not None and on_screen is None) else []
    if parts and manager.device is not None:
        parts.append(LinePart(f"on {manager.device[0].upper()}"))
    page = f"{revision} by click" if by_click(manager) else str(revision)
    return LiveLine(tuple(parts), f"{page}/{' '.join(part.text for part in parts)}", page, POLL_SECONDS)


def _job_parts(job: Job) -> list[LinePart]:
    word, view = job.state, job.snapshot
    if view is not None:
        complete = view.iteration >= view.iterations  # a stopped evaluation leaves the run itself complete
        word = Status.FINISHED if word is Status.STOPPED and complete else replace(view, status=word).word
    parts = [status_part(word), LinePart(_title(job))]
    if job.error is not None:
        parts.append(LinePart(job.error.sentence))
    elif view is None:
        parts += [LinePart(job.activity)] if job.activity else []
    elif job.active and view.evaluation is not None and view.evaluation.fraction < 1:
        parts += evaluation_parts(view.evaluation)
    else:
        parts.append(LinePart(view.progress_text))
    return parts


def _title(job: Job) -> str:
    """Title of a job, with the method where that is not the usual one and not in the title."""
    plan = job.work.planned_run
    method = "" if plan is None or plan.config.method == "dm" else plan.config.method.upper()
    return job.title if method in job.title else f"{job.title}, by {method}"


class BarState(NamedTuple):
    """State of the job manager for the run bar."""

    manager: JobManager
    revision: str


def _bar_token() -> Hashable:
    """Token of a job's start, pause and end, and of its title."""
    manager = get_manager()
    job = manager.current
    return manager.revision, job.title if job is not None else None, by_click(manager)


def by_click(manager: JobManager) -> bool:
    """Whether jobs wait for one that goes on at each click: no revision tells of a speed."""
    return bool(manager.queued) and manager.holding is not None and not manager.holding.held


def observe_bar() -> BarState:
    """State for the run bar; a page is shown, so what a run needs can be loaded without delaying it."""
    manager = get_manager()
    manager.warm_up()
    _warm_up_streamlit()
    job, line = manager.current, bar_line(manager, manager.revision, on_screen=None)
    # the line tells of everything that a bar can show; the run's id, whether one is shown
    return BarState(manager, repr((line.revision, job.run_id if job is not None else None)))


@cache
def _warm_up_streamlit() -> None:
    """Load the icons of buttons in a group: 0.3 s, in which else the first images are waited for."""
    threading.Thread(target=import_module, args=("streamlit.emojis",), name="icons", daemon=True).start()


@LiveSubject("/live", (), _bar_token, observe_bar).resource("bar", line_answer)
def bar(state: BarState, query: Query) -> LiveLine:
    """The run bar's line; `on_screen` is the run that the page itself shows."""
    return bar_line(state.manager, state.manager.revision, query.get("on_screen"))
