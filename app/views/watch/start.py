"""Starting from the Watch page: the Start button, a changed set-up, a race against the run on screen.

All are requests to the thread; nothing is queued unasked. Must not import torch.
"""

import time
from collections.abc import Callable

import streamlit as st

from app.data.facts import dataset_entry
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_presets import preset_starting_with, title_of
from app.run.controls import leave_run, protocol_for, reporting_refusal
from app.setup.clone import clone_title, show_clone_origin
from app.setup.form import fill_form
from app.setup.prediction import requested_prediction, show_prediction_slider, show_prediction_switch
from app.setup.race import combined_race
from app.views.watch.side_by_side import open_side_by_side
from dmcore.config import CondenseConfig
from dmcore.config.command_line import command_line
from dmcore.config.formatting import megabytes, sentence
from dmcore.runs.folder import RunFolder

PATIENCE_SECONDS = 0.7


def show_start(manager: JobManager, config: CondenseConfig | None) -> None:
    """The Start button; it downloads first where that is needed, and says so."""
    show_clone_origin()
    entry = dataset_entry(config.dataset) if config is not None else None
    download = entry is not None and not entry.on_disk
    label = f"Download {megabytes(entry.download_bytes)} and start" if entry and download else "Start"
    label += " after the run at work" if manager.busy else ""
    with st.container(horizontal=True, vertical_alignment="center", key="start_row"):
        st.button(
            label,
            key="start",
            type="primary",
            disabled=config is None,
            on_click=reporting_refusal(
                lambda: _start(manager, config, queue=manager.busy, guess=requested_prediction())
            ),
        )
        if config is not None:
            show_command(*_all_of(config))
            show_prediction_switch()
    if config is not None:
        show_prediction_slider(config)


def starter(manager: JobManager, config: CondenseConfig | None) -> Callable[[], None] | None:
    """What starts the set-up on the page; None while there is none, or other work is at hand."""
    if config is None or manager.busy:
        return None
    return reporting_refusal(lambda: _start(manager, config, queue=False, guess=requested_prediction()))


def show_command(*configs: CondenseConfig) -> None:
    """The equivalent command line, to copy."""
    with st.popover("Command line", key="command_line"):
        st.markdown("The same from a terminal:")
        st.code("\n".join(map(command_line, configs)), language=None, wrap_lines=True)


def start_again(manager: JobManager, config: CondenseConfig, live: bool) -> None:
    """What to do with a set-up that differs from the run on screen. Nothing is queued unasked."""
    if not live and not manager.busy:
        st.button(
            "Start this",
            key="start_this",
            type="primary",
            on_click=reporting_refusal(lambda: _start(manager, config, queue=False)),
        )
        return

    def stop_and_start() -> None:
        manager.stop()
        _start(manager, config, queue=True)

    def queue() -> None:
        _start(manager, config, queue=True, watch=False)

    stop = "Stop and start this" if live else "Stop the run at work and start this"
    st.button(stop, key="stop_and_start", type="primary", on_click=reporting_refusal(stop_and_start))
    st.button("Queue it", key="queue_it", on_click=reporting_refusal(queue))


def show_race(manager: JobManager, config: CondenseConfig, run: RunFolder, live: bool) -> None:
    """Offer the changed set-up against the run's own: as lanes of one run where they can share a real side.

    Other networks or real batches need a run of their own, which is then seen beside this one.
    """
    if run.config is None:
        return
    race, later = combined_race(config, run.config), manager.busy and not live
    if race is not None:

        def start_race() -> None:
            fill_form(
                race
            )  # first: a wait for images can be cut short by the next request, and with it the rest
            if live:
                manager.stop()
            _start(manager, race, queue=live or later, watch=not later)

        st.button(
            "Stop and race both" if live else "Race both after the run at work" if later else "Race both",
            key="race_both",
            on_click=reporting_refusal(start_race),
            help="Both from their start, as lanes of one run: same networks, real batches, augmentations.",
        )
    elif not (live or later) and st.button(
        "Start it beside this run",
        key="start_beside",
        help="Lanes of one run share networks and real batches, so this needs a run of its own: it is "
        "started, and the page Compare shows both.",
    ):
        _start_beside(manager, config, run)


def _start_beside(manager: JobManager, config: CondenseConfig, run: RunFolder) -> None:
    try:
        job = _start(manager, config, queue=False, watch=False)
    except ValueError as refusal:
        st.session_state["trouble"] = sentence(str(refusal))
        st.rerun()
    _await_images(job)
    if job.run_id is not None:
        open_side_by_side(run.id, job.run_id)
    st.info("It is starting: its images are on the page Compare as soon as there are any.")


def _all_of(config: CondenseConfig) -> tuple[CondenseConfig, ...]:
    """The set-up, and those that its ready-made start lets wait behind it."""
    ready_made = preset_starting_with(config)
    return ready_made.configs if ready_made and config == ready_made.config else (config,)


def _start(
    manager: JobManager,
    config: CondenseConfig | None,
    *,
    queue: bool,
    watch: bool = True,
    guess: float | None = None,
) -> Job:
    assert config is not None
    ready_made = preset_starting_with(config)
    entry = dataset_entry(config.dataset)
    jobs = [
        manager.start(
            one,
            (clone_title(one) if one == config else "") or title_of(one),
            protocol_for(one),
            queue=queue or one != config,
            speed=ready_made.speed if ready_made else "full",
            download=entry is not None and not entry.on_disk,
            guess=guess,
            evaluation_share=manager.evaluation_share,
        )
        for one in _all_of(config)
    ]
    if watch:
        leave_run()
        st.session_state["started_job"] = jobs[0]
        _await_images(jobs[0])
    return jobs[0]


def _await_images(job: Job) -> None:
    """Give the thread a moment to make the run, so that the first thing drawn is its start images."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while job.snapshot is None and job.state in ("queued", "running") and time.monotonic() < patience:
        time.sleep(0.01)
