"""The buttons of the Watch page: start, pause, go on, stop, pace, resume, judge. All of them are requests.

They act in callbacks, before the page is drawn again, so that the page shows the answer at once. What goes
wrong is kept for the page to say. Must not import torch.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import streamlit as st

from app.command_line import command_line, race_of
from app.dataset_facts import dataset_entry
from app.forks import FORKED, fork_title, show_fork
from app.guess import asked_guess, show_guess_slider, show_guess_switch
from app.job import Job
from app.jobs import JobManager
from app.judging import Kind
from app.look import forget_look
from app.pace import Pace
from app.result_card import judge_offer
from app.starts import SMALL_PROTOCOL, judged_at_once, start_with, title_of
from app.words import sentence, size
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.runs import RunFolder

PATIENCE_SECONDS = 0.7
PACE_HELP = (
    "Step: one iteration at a click. Slow: the first 40 iterations take their time, because most of the "
    "change happens there. Full: as fast as it goes. The pace never changes the result."
)


def show_trouble() -> None:
    """Say what the last click could not do, once."""
    trouble = st.session_state.pop("trouble", "")
    if trouble:
        st.error(trouble)


def show_start(manager: JobManager, config: CondenseConfig | None) -> None:
    """The Start button; it downloads first where that is needed, and says so."""
    show_fork()
    entry = dataset_entry(config.dataset) if config is not None else None
    download = entry is not None and not entry.on_disk
    label = f"Download {size(entry.download_bytes)} and start" if entry and download else "Start"
    with st.container(horizontal=True, vertical_alignment="center", key="start_row"):
        st.button(
            label,
            key="start",
            type="primary",
            disabled=config is None,
            on_click=_tried(lambda: _start(manager, config, queue=False, guess=asked_guess())),
        )
        if config is not None:
            show_command(*_all_of(config))
            show_guess_switch()
    if config is not None:
        show_guess_slider(config)


def starter(manager: JobManager, config: CondenseConfig | None) -> Callable[[], None] | None:
    """What starts the set-up on the page; None while there is none, or other work is at hand."""
    if config is None or manager.busy:
        return None
    return _tried(lambda: _start(manager, config, queue=False))


def show_command(*configs: CondenseConfig) -> None:
    """The equivalent command line, to copy."""
    with st.popover("Command line", key="command_line"):
        st.markdown("The same from a terminal:")
        st.code("\n".join(map(command_line, configs)), language=None, wrap_lines=True)


def start_again(manager: JobManager, config: CondenseConfig, live: bool) -> None:
    """What to do with a set-up that differs from the run on screen. Nothing is queued unasked."""
    if not live:
        st.button(
            "Start this",
            key="start_this",
            type="primary",
            on_click=_tried(lambda: _start(manager, config, queue=False)),
        )
        return

    def stop_and_start() -> None:
        manager.stop()
        _start(manager, config, queue=True)

    def queue() -> None:
        _start(manager, config, queue=True, watch=False)

    st.button("Stop and start this", key="stop_and_start", type="primary", on_click=_tried(stop_and_start))
    st.button("Queue it", key="queue_it", on_click=_tried(queue))


def show_race(manager: JobManager, config: CondenseConfig, run: RunFolder, live: bool) -> None:
    """Offer the changed set-up beside the run's own: as lanes of one run where they can share a real side."""
    if run.config is None:
        return
    race = race_of(config, run.config)
    if race is None:
        st.caption(
            "These two cannot be lanes of one run, which share networks and real batches: start this one, "
            "then compare the two runs on the page Compare."
        )
        return

    def start_race() -> None:
        if live:
            manager.stop()
        _start(manager, race, queue=live)

    st.button(
        "Stop and race both" if live else "Race both",
        key="race_both",
        on_click=_tried(start_race),
        help="Both from their start, as lanes of one run: the same networks, real batches and augmentations.",
    )


def show_controls(manager: JobManager, job: Job | None, run: RunFolder, status: str) -> None:
    """Pause, Stop and pace of a run this server is at; Resume of one that stands still."""
    if job is not None:
        _show_live_controls(manager, job)
    elif can_go_on(run, status):
        st.button("Resume", key="resume", type="primary", on_click=_tried(lambda: _resume(manager, run)))
    if job is None:
        st.button("New run", key="new_run", on_click=leave_run)


def can_go_on(run: RunFolder, status: str) -> bool:
    """Whether resuming may help: images that ran away would run away again."""
    error = run.error()
    diverged = error is not None and error.kind == "diverged"
    return status in ("stopped", "failed") and run.config is not None and not diverged


def show_judge_offers(manager: JobManager, run: RunFolder) -> None:
    """Buttons that judge a run that was not judged, each with the time it takes."""
    results = [one for one in run.results() if one.kind != "condensed" or one.iteration == run.iteration()]
    judged = {one.kind for one in results}
    if len({one.set for one in results if one.kind == "condensed"}) < len(run.sets):
        judged.discard("condensed")
    offers: tuple[tuple[Kind, tuple[Kind, ...], str], ...] = (
        ("condensed", ("condensed", "random_real"), "the condensed and as many random real images"),
        ("all_real", ("all_real",), "all real images, for comparison"),
    )
    with st.container(horizontal=True, key="judge_offers"):
        for kind, kinds, what in offers:
            if kind in judged or not run.description.data.test_count:
                continue
            st.button(
                f"{judge_offer(run, SMALL_PROTOCOL, kinds)} on {what}",
                key=f"judge_{kind}",
                on_click=_tried(partial(_judge, manager, run, kinds)),
            )


def leave_run() -> None:
    """Take the run off the screen; it goes on, or lies where it lies."""
    for name in ("run_on_screen", "started_job", "adopted_run", FORKED):
        st.session_state.pop(name, None)
    st.query_params.pop("run", None)
    forget_look()


def _show_live_controls(manager: JobManager, job: Job) -> None:
    if job.state == "paused" or job.pausing:
        st.button("Go on", key="go_on", type="primary", on_click=manager.go_on)
    else:
        st.button("Pause", key="pause", on_click=manager.pause, disabled=job.state == "stopping")
    st.button("Stop", key="stop", on_click=manager.stop, disabled=job.state == "stopping")
    judging = job.snapshot is not None and job.snapshot.evaluation is not None
    if job.kind == "evaluate" or judging:
        return
    st.session_state["pace"] = job.pace

    def change_pace() -> None:
        manager.set_pace(st.session_state["pace"])

    st.segmented_control(
        "Pace",
        list(get_args(Pace)),
        key="pace",
        required=True,
        format_func=lambda pace: f"{pace} pace",
        on_change=change_pace,
        help=PACE_HELP,
        label_visibility="collapsed",
        width="content",
    )
    if job.pace == "step" or job.state == "paused":
        st.button("One iteration", key="one_iteration", on_click=manager.step)


def _all_of(config: CondenseConfig) -> tuple[CondenseConfig, ...]:
    """The set-up, and those that its ready-made start lets wait behind it."""
    ready_made = start_with(config)
    return ready_made.configs if ready_made and config == ready_made.config else (config,)


def _start(
    manager: JobManager,
    config: CondenseConfig | None,
    *,
    queue: bool,
    watch: bool = True,
    guess: float | None = None,
) -> None:
    assert config is not None
    ready_made = start_with(config)
    entry = dataset_entry(config.dataset)
    jobs = [
        manager.start(
            one,
            (fork_title(one) if one == config else "") or title_of(one),
            protocol_for(one),
            queue=queue or one != config,
            pace=ready_made.pace if ready_made else "full",
            download=entry is not None and not entry.on_disk,
            guess=guess,
        )
        for one in _all_of(config)
    ]
    if watch:
        leave_run()
        st.session_state["started_job"] = jobs[0]
        _await_images(jobs[0])


def _await_images(job: Job) -> None:
    """Give the thread a moment to make the run, so that the first thing drawn is its start images."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while job.snapshot is None and job.state in ("queued", "running") and time.monotonic() < patience:
        time.sleep(0.01)


def _resume(manager: JobManager, run: RunFolder) -> None:
    assert run.config is not None
    manager.resume(run.id, evaluate=protocol_for(run.config))


def _judge(manager: JobManager, run: RunFolder, kinds: Sequence[Kind]) -> None:
    manager.evaluate(run.id, SMALL_PROTOCOL, kinds)


def protocol_for(config: CondenseConfig) -> EvaluateConfig | None:
    """The protocol a run is judged by as soon as it ends; None where that takes too long to go unasked."""
    return SMALL_PROTOCOL if judged_at_once(config) else None


def _tried(action: Callable[[], object]) -> Callable[[], None]:
    """The action as a callback that keeps a refusal for the page to say."""

    def callback() -> None:
        try:
            action()
        except ValueError as error:
            st.session_state["trouble"] = sentence(str(error))

    return callback
