"""Parts of the Watch page around the stage of a run: head, set-up difference, status, results, facts."""

from datetime import datetime
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.live_line import show_live_line
from app.jobs.manager import JobManager
from app.jobs.run_view import RunView
from app.jobs.work import CondenseWork, ResumeWork
from app.run import live
from app.run.controls import show_controls, show_evaluate_buttons
from app.run.presenter import presenter_switch
from app.run.provenance import show_run_provenance
from app.run.result_card import show_result_card
from app.run.run_view import latest_view, page_revision
from app.run.stage_content import status_line
from app.run.waiting import waits_for
from app.setup.form import fill_form, folded_form_popover, show_form
from app.text.escaping import message_text, plain_text
from app.text.glossary import with_titles
from app.text.status import Status
from app.views.watch.presenter import images_only
from app.views.watch.screen import WatchScreen
from app.views.watch.start import pending_job, show_pending, show_race, show_start_changed, show_waiting
from app.views.watch.verdict import show_comparison_button
from dmcore.config import MethodConfig
from dmcore.config.differences import differences
from dmcore.config.formatting import capitalised, counted, duration, grouped
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.display.titles import run_summary
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import read_programs

PROGRAM_UNKNOWN = "version and commit of dm-explorer not recorded"


def show_head(manager: JobManager, screen: WatchScreen, run: RunFolder, view: RunView) -> MethodConfig | None:
    """Title, controls, folded set-up form and presenter switch; the form's set-up, None while incomplete."""
    with st.container(key="watch_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain_text(run.description.title or run.id), anchor=False, width="content")
        summary, data = run_summary(run), run.description.data.name
        hover = summary if data in CATALOGUE else f"{summary}, {data}"  # the path of one's own images
        st.html(f"<p class='one-line' title='{escape(hover)}'>{with_titles(summary)}</p>")
        with st.container(
            key="watch_presenter_hidden", horizontal=True, vertical_alignment="center", gap="small"
        ):
            show_controls(manager, screen.job if screen.live else None, run, view.status)
            show_comparison_button(run, view)
            with folded_form_popover():
                config = show_form()
            presenter_switch()
    return config


def show_setup_difference(
    manager: JobManager, screen: WatchScreen, run: RunFolder, config: MethodConfig | None
) -> None:
    """Bar that names in what the set-up differs from the run on screen, and what can be done about it."""
    if config is None or run.config is None or config == run.config:
        return
    named = "; ".join(str(difference) for difference in differences(config, run.config))
    text = f"The set-up differs from the run on screen: {named}."
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="watch_form_differs"):
        st.html(f"<p class='one-line' title='{escape(text)}'>{escape(text)}</p>")
        job = pending_job(manager, config)
        if job is not None:
            show_pending(manager, job)
        else:
            show_start_changed(manager, config, screen.live)
            show_race(manager, config, run, screen.live)
        st.button("Back to this run's set-up", on_click=fill_form, args=(run.config,))


def show_status(manager: JobManager, run: RunFolder, view: RunView, at: int | None) -> None:
    """Live status line: state, iteration, speed and time left; `at`: the iteration that is looked back at.

    Above that of a recorded run stands its provenance.
    """
    show_run_provenance(run, "watch")
    job = manager.job_of_run(run.id)
    if job is not None and job.state is Status.QUEUED:
        show_waiting(manager, f"This run {waits_for(manager)}.")
    show_live_line(
        "watch_status",
        status_line(
            view,
            page_revision(manager, run, view),
            at,
        ),
        source=live.status.address(run=run.id, at=at),
        subject=run.id,
    )
    if again := steps_done_again(manager, run, view):
        st.caption(again)


def steps_done_again(manager: JobManager, run: RunFolder, view: RunView) -> str:
    """What a run computes again that this server has stopped within an iteration; empty where nothing."""
    job = manager.current
    stopped = job is not None and job.run_id == run.id and job.state is Status.STOPPED
    last = job.snapshot if job is not None and stopped else None
    if last is None or not last.outer or last.iteration != view.iteration:
        return ""
    return (
        f"Stopped within iteration {grouped(view.iteration + 1)}, after step {grouped(last.outer)} of "
        f"{grouped(last.outer_steps)}: these are the images after iteration {grouped(view.iteration)}. "
        f"Resume does {'that step' if last.outer == 1 else f'those {grouped(last.outer)} steps'} again."
    )


def stage_and_side(sets: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Containers of the stage of so many sets and of the side panel: two columns, or below each other.

    Where the images have the whole width, the panel is there unseen: it keeps what was chosen in it.
    """
    with st.container(key="watch_row"):
        if images_only(sets):
            return st.container(), st.container(key="watch_side_unseen")
        stage, side = st.columns([3, 2], gap="medium")
    return stage, side


def show_results(manager: JobManager, run: RunFolder, at: int | None) -> None:
    """Result card of the iteration looked at, redrawn every second while the run is evaluated."""

    def card() -> None:
        now = latest_view(manager, run)
        iteration = now.iteration if at is None else at
        show_result_card(run, iteration, now.evaluation, will_be_evaluated=_will_be_evaluated(manager, run))

    view = latest_view(manager, run)
    evaluating = view.live and view.evaluation is not None and view.status is not Status.PAUSED
    st.fragment(run_every=1.0 if evaluating else None)(card)()


def show_evaluation_offers(manager: JobManager, run: RunFolder, view: RunView) -> None:
    """Evaluate buttons of a run that has ended."""
    if view.status in (Status.FINISHED, Status.STOPPED):
        show_evaluate_buttons(manager, run)


def show_facts(run: RunFolder) -> None:
    """When, where, how long and from which seed it was computed, its folder, each deviation that it notes."""
    if facts := computation_facts(run):
        st.caption(plain_text(f"{capitalised(', '.join(facts))}. Kept in {run.path}."))
    for note in run.notes():
        st.caption(message_text(f"Iteration {note.iteration}: {note.sentence}"))


def computation_facts(run: RunFolder) -> list[str]:
    """When, where, by which program, torch and seed, how long a run was computed; none of an import."""
    plan, config = run.description.plan, run.config
    if not plan or config is None:
        return []
    facts = [
        *([f"torch {plan['torch_version']}"] if "torch_version" in plan else []),
        f"seed {config.seed}",
    ]
    if is_recorded(run):  # its line of provenance says the rest
        return facts
    begun = datetime.fromisoformat(run.description.created).astimezone()
    where = f"{plan.get('device')} ({plan.get('device_reason')})"
    cores = counted(plan.get("workers", 1) * plan.get("threads", 1), "processor core")
    programs = "; then ".join(read_programs(run)) or PROGRAM_UNKNOWN
    facts = [f"Begun {begun.day} {begun:%b %Y} on {where}", cores, programs, *facts]
    result = run.result()
    return facts if result is None else [*facts, f"condensed in {duration(result.seconds)}"]


def _will_be_evaluated(manager: JobManager, run: RunFolder) -> bool:
    """Whether a run in progress is evaluated as soon as it ends."""
    job = manager.job_of_run(run.id)
    return (
        job is not None and isinstance(job.work, CondenseWork | ResumeWork) and job.work.evaluate is not None
    )
