"""Start of runs from the Watch page: the Start button, a changed set-up, a race against the run on screen.

Each asks the job manager; nothing is queued unless that is what the button says.
"""

import time
from collections.abc import Callable, Sequence

import streamlit as st

from app.data.folders import dataset_entry
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_presets import SMALL_PROTOCOL, preset_starting_with
from app.jobs.timings import data_shape
from app.jobs.work import CondenseWork
from app.run.controls import REFUSAL, reporting_refusal
from app.run.on_screen import follow, put_on_screen
from app.run.provenance import latest_note
from app.run.waiting import after_words, busy_words, show_way_out, waits_for
from app.setup.clone import clone_title, show_clone_origin
from app.setup.cost import takes_sentence
from app.setup.form import fill_form
from app.setup.person import person_hash
from app.setup.prediction import requested_prediction, show_prediction_slider, show_prediction_switch
from app.setup.testing import requested_test
from app.text.escaping import plain_text
from app.text.status import Status
from app.views.watch.side_by_side import open_side_by_side
from dmcore import __version__
from dmcore.config import CondenseConfig, EvaluateConfig, Method, MethodConfig
from dmcore.config.command_line import LATEST, command_line, evaluate_commands
from dmcore.config.formatting import megabytes, sentence
from dmcore.config.protocols import training_text, whole_set_protocol
from dmcore.config.race import combined_race
from dmcore.runs.description import ResultKind
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import usual_kinds

PATIENCE_SECONDS = 0.7


def show_start(manager: JobManager, config: MethodConfig | None, shown: MethodConfig | None = None) -> None:
    """Start button; it downloads the data set first where that is needed, and says so.

    Args:
        manager: of the jobs.
        config: the set-up; None while it is incomplete or invalid, and the button is disabled.
        shown: the last valid one meanwhile, with which everything stays where it is.
    """
    show_clone_origin()
    shown = config or shown
    entry = dataset_entry(shown.dataset) if shown is not None else None
    download = entry is not None and not entry.on_disk
    label = f"Download {megabytes(entry.download_bytes)} and start" if entry and download else "Start"
    label += after_words(manager)
    with st.container(horizontal=True, vertical_alignment="center", key="watch_start_row"):
        st.button(
            label,
            key="watch_start",
            type="primary",
            disabled=config is None,
            on_click=start_or_queue(manager, config),
        )
        if shown is not None:
            show_command(_with_queued(shown), requested_test() or SMALL_PROTOCOL)
            show_prediction_switch()
            show_prediction_slider(shown)  # in the row, which stays in sight
    show_held_place(manager, config)


def show_held_place(manager: JobManager, config: MethodConfig | None) -> None:
    """Before the click: that a paused run holds the place, and the way out.

    Nothing where no run does, or others wait for it already: the run bar says so.
    """
    if manager.holding is None or manager.queued:
        return

    def start() -> None:
        reporting_refusal(lambda: _start(manager, config, queue=True, prediction=requested_prediction()))()

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="watch_held_place"):
        st.markdown(plain_text(f"A new run {waits_for(manager)}."), width="content")
        show_way_out(manager, "watch_start", None if config is None else start)


def show_waiting(manager: JobManager, sentence: str) -> None:
    """Draw what the job on screen waits for, with the way out."""
    with st.container(key="watch_waits", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(plain_text(sentence), width="content")
        show_way_out(manager, "watch_waits")


def start_or_queue(manager: JobManager, config: MethodConfig | None) -> Callable[[], None]:
    """Callback that starts a set-up, or queues it where a job is running now, as the button says."""
    queue = manager.busy  # not at the click: somebody else may have started a job since
    return reporting_refusal(lambda: _start(manager, config, queue=queue, prediction=requested_prediction()))


def start_callback(manager: JobManager, config: MethodConfig | None) -> Callable[[], None] | None:
    """Callback that starts the set-up on the page; None while that is incomplete or a job is running."""
    if config is None or manager.busy:
        return None
    return reporting_refusal(lambda: _start(manager, config, queue=False, prediction=requested_prediction()))


def show_command(
    configs: Sequence[MethodConfig], protocol: EvaluateConfig, kinds: Sequence[ResultKind] = ()
) -> None:
    """Equivalent command line, to copy.

    Args:
        configs: set-ups, each of a run.
        protocol: of the test.
        kinds: what its networks are trained on; left open, what they usually are for the data set.
    """
    with st.popover("Command line", key="watch_command_line"):
        st.markdown("The same from a terminal:")
        lines = (command_line(config, ("dataset", "seed")) for config in configs)
        st.code("\n".join(lines), language=None, wrap_lines=True)
        st.markdown(f"Then the test of {'each, before the next' if len(configs) > 1 else 'the images'}:")
        method: Method = next((config.method for config in configs if config.method != "dm"), "dm")
        data = data_shape(configs[0].dataset) if configs else None
        kinds = kinds or usual_kinds(0 if data is None else data.train)
        protocols = [
            (kind, whole_set_protocol(protocol) if kind == "all_real" else protocol) for kind in kinds
        ]
        of_start = any(spec.init == "real" for config in configs for spec in config.all_sets())
        test = "\n".join(evaluate_commands(LATEST, protocols, of_start=of_start, method=method))
        st.code(test, language=None, wrap_lines=True)
        st.caption(latest_note(test))
        st.caption(f"dm-explorer {__version__}. Test networks: {training_text(protocol)}.")
        with st.expander("All settings"):
            for config in configs:
                st.json(config.model_dump(mode="json"))


def pending_job(manager: JobManager, config: MethodConfig) -> Job | None:
    """The running or queued job that computes exactly this set-up."""
    unfinished = (manager.active, *manager.queued)
    return next(
        (job for job in unfinished if job and (plan := job.work.planned_run) and plan.config == config), None
    )


def show_pending(manager: JobManager, job: Job) -> None:
    """What becomes of a set-up that is queued or running already: what it waits for, or the way to it."""
    if job.state is Status.QUEUED:
        st.markdown(plain_text(f"Queued: {waits_for(manager)}."), width="content")
        st.button("Remove", key="watch_remove_queued", on_click=manager.cancel, args=(job,))
        return

    def show() -> None:
        if job.run_id is None:
            follow(job)
        else:
            put_on_screen(job.run_id)

    st.button("Running: show it", key="watch_show_running", type="primary", on_click=show)


def show_start_changed(manager: JobManager, config: MethodConfig, live: bool) -> None:
    """Buttons for a set-up that differs from the run on screen: start, stop and start, or queue it."""
    if not live and not manager.busy:
        st.button(
            "Start this",
            key="watch_start_this",
            type="primary",
            on_click=reporting_refusal(lambda: _start(manager, config, queue=False)),
            help=takes_sentence((config,)) or None,
        )
        return

    def stop_and_start() -> None:
        manager.stop()
        _start(manager, config, queue=True)

    def queue() -> None:
        _start(manager, config, queue=True, watch=False)

    label = "Stop and start this" if live else f"Stop the {busy_words(manager)} and start this"
    cost, stop = takes_sentence((config,)) or None, reporting_refusal(stop_and_start)
    st.button(label, key="watch_stop_and_start", type="primary", on_click=stop, help=cost)
    waits = f"It {waits_for(manager)}. {cost or ''}".strip()
    st.button("Queue it", key="watch_queue", on_click=reporting_refusal(queue), help=plain_text(waits))


def show_race(manager: JobManager, config: MethodConfig, run: RunFolder, live: bool) -> None:
    """Button that races the changed set-up against the run's own, as sets of one run.

    These share networks and real batches; a set-up with others gets a run of its own, shown next to this one.
    """
    if run.config is None:
        return
    race, later = None, manager.busy and not live
    if isinstance(config, CondenseConfig) and isinstance(run.config, CondenseConfig):
        race = combined_race(config, run.config)
    if race is not None:

        def start_race() -> None:
            # first: a wait for images can be cut short by the next request, and with it the rest
            fill_form(race)
            if live:
                manager.stop()
            _start(manager, race, queue=live or later, watch=not later)

        st.button(
            "Stop and race both" if live else f"Race both{after_words(manager)}",
            key="watch_race",
            on_click=reporting_refusal(start_race),
            help="Both from their start, as sets of one run: same networks, real batches, augmentations. "
            f"{takes_sentence((race,))}",
        )
    elif not (live or later) and st.button(
        "Start it next to this run",
        key="watch_start_next_to",
        help="Sets of one run share networks and real batches, which these do not: it is started as a run of "
        f"its own, and the page Compare shows both. {takes_sentence((config,))}",
    ):
        _start_beside(manager, config, run)


def _start_beside(manager: JobManager, config: MethodConfig, run: RunFolder) -> None:
    try:
        job = _start(manager, config, queue=False, watch=False)
    except ValueError as refusal:
        st.session_state[REFUSAL] = sentence(str(refusal))
        st.rerun()
    _await_images(job)
    if job.run_id is not None:
        open_side_by_side(run.id, job.run_id)
    st.info("It is starting: its images are on the page Compare as soon as there are any.")


def _with_queued(config: MethodConfig) -> tuple[MethodConfig, ...]:
    """The set-up, and those that its preset queues behind it."""
    preset = preset_starting_with(config)
    return preset.configs if preset and config == preset.config else (config,)


def _start(
    manager: JobManager,
    config: MethodConfig | None,
    *,
    queue: bool,
    watch: bool = True,
    prediction: float | None = None,
) -> Job:
    assert config is not None
    preset = preset_starting_with(config)
    entry = dataset_entry(config.dataset)
    jobs = [
        manager.submit(
            CondenseWork(
                title=clone_title(config) or "" if start_config == config else "",
                config=start_config,
                evaluate=requested_test(),
                download=entry is not None and not entry.on_disk,
                prediction=prediction,
                started_by=person_hash(),
            ),
            queue=queue or start_config != config,
            speed=preset.speed if preset else "full",
            evaluation_share=manager.evaluation_share,
        )
        for start_config in _with_queued(config)
    ]
    if watch:
        follow(jobs[0])
        _await_images(jobs[0])
    return jobs[0]


def _await_images(job: Job) -> None:
    """Give the thread a moment to create the run, so that the first thing drawn is its start images."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (
        job.snapshot is None and job.state in (Status.QUEUED, Status.RUNNING) and time.monotonic() < deadline
    ):
        time.sleep(0.01)
