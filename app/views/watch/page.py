"""The Watch page put together: which run is on screen, its stage, its controls, and the set-up.

The address decides (`?run=ID`), else what this session last had on screen, else what the thread is at. The
script draws one moment; from then on status, images and loss follow the run by themselves. Must not import
torch.
"""

from dataclasses import dataclass, replace

import streamlit as st

from app.components.live_line import show_live_line
from app.components.styles import WATCH_STYLE
from app.data.folders import find_run, runs_root
from app.jobs.job import Job
from app.jobs.manager import JobManager, get_manager
from app.run.addresses import run_address
from app.run.controls import protocol_for, show_controls, show_judge_offers, show_trouble
from app.run.moment import RunView, latest_view, nearest_kept, page_state, view_at
from app.run.result_card import show_result_card
from app.run.stage import (
    status_line,
)
from app.run.verdict import verdict_at
from app.run.view_state import current_look
from app.setup.clone import CLONED_FROM
from app.setup.form import fill_address, fill_form, folded_form, show_form, url_names_setup
from app.text.differences import differences
from app.text.escaping import plain_text
from app.text.set_labels import subject
from app.views.watch.empty_stage import show_empty_stage
from app.views.watch.presenter import (
    KEYS_SENTENCE,
    STYLE,
    leave_button,
    listen_for_presenter_keys,
    presenter_switch,
    presenting,
)
from app.views.watch.side_panel import show_beside
from app.views.watch.stage import show_stage, show_tools
from app.views.watch.start import show_race, show_start, start_again, starter
from dmcore.config import CondenseConfig
from dmcore.config.formatting import capitalised, sentence
from dmcore.runs.folder import RunFolder


@dataclass(frozen=True)
class Screen:
    """What the page is about: a job of this server, a run on disk, both, or neither."""

    job: Job | None = None
    run: RunFolder | None = None
    view: RunView | None = None
    """The run's newest moment."""
    missing: str = ""
    """Why the run that was asked for cannot be shown."""

    @property
    def live(self) -> bool:
        """Whether this server's thread is at it."""
        return self.job is not None and self.job.active


def show_watch() -> None:
    """Draw the page."""
    manager = get_manager()
    revision = manager.revision
    st.html(WATCH_STYLE)
    if presenting():
        st.html(STYLE)
        leave_button()
    show_trouble()
    screen = find_screen(manager)
    if screen.run is None or screen.view is None:
        _show_without_run(manager, screen, revision)
    else:
        _adopt_setup(screen.run)
        _show_run(manager, screen, screen.run, screen.view)


def run_on_screen() -> str | None:
    """Id of the run that the Watch page shows, if it shows one."""
    return st.query_params.get("run") or st.session_state.get("run_on_screen")


def find_screen(manager: JobManager) -> Screen:
    """Which run the address, the session or the thread puts on screen; remembers it in both."""
    state = st.session_state
    asked = run_on_screen()
    current = manager.current
    started = state.get("started_job") or (current if _makes_images(current) else None)
    asked = asked or (started.run_id if started is not None else None)
    if asked is None:
        return Screen(job=started)
    state["run_on_screen"] = asked
    if st.query_params.get("run") != asked:
        st.query_params["run"] = asked
    job = next((one for one in (current, started) if one is not None and one.run_id == asked), None)
    try:
        run = find_run(asked, runs_root())
        return Screen(job, run, latest_view(manager, run))
    except ValueError as error:
        return Screen(missing=str(error))


def _makes_images(job: Job | None) -> bool:
    return job is not None and job.active and job.kind != "train"


def _adopt_setup(run: RunFolder) -> None:
    """Fill the form with the run's set-up when it comes on screen, unless the address brought its own."""
    state = st.session_state
    if state.get("adopted_run") == run.id:
        return
    first = "adopted_run" not in state
    state["adopted_run"] = run.id
    if run.config is None or (first and (url_names_setup() or CLONED_FROM in state)):
        return
    state.pop(CLONED_FROM, None)
    fill_form(run.config)
    if first:
        fill_address(run.config)


def _show_without_run(manager: JobManager, screen: Screen, revision: int) -> None:
    """No images yet: the set-up, real images of its data set, and Start."""
    if screen.missing:
        st.warning(
            f"{capitalised(screen.missing)}. The link's set-up is filled in below: Start runs the same."
        )
    job = screen.job
    if job is not None and job.state == "failed" and job.error is not None:
        st.error(plain_text(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    waiting = job is not None and (job.active or job.state == "queued")

    def wait_for_images() -> None:
        if manager.revision != revision or (job is not None and job.run_id is not None):
            st.rerun()
        if waiting and job is not None:
            doing = "waiting for its turn" if job.state == "queued" else job.doing or "starting"
            st.info(plain_text(f"{job.title}: {doing} …"))

    st.fragment(run_every=0.25 if waiting else None)(wait_for_images)()
    with st.container(key="watch_row"):
        left, right = st.columns([2, 3], gap="medium")
    with left, st.container(key="setup"):
        place = st.container()
        config = show_form()
        with place:
            show_start(manager, config)
    with right:
        show_empty_stage(manager, config)
        presenter_switch()
    listen_for_presenter_keys(manager, starter(manager, config))


def _show_run(manager: JobManager, screen: Screen, run: RunFolder, view: RunView) -> None:
    """The run on screen, at the moment that is looked at; everything else about it is live."""
    look = current_look()
    at = nearest_kept(run, look.at)
    try:
        shown = view if at is None else view_at(run, view, at)
    except ValueError as damage:
        st.warning(plain_text(f"{sentence(str(damage))} The newest images are shown."))
        at, shown = None, view
    with st.container(key="watch_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain_text(run.description.title or run.id), anchor=False, width="content")
        st.caption(plain_text(subject(run)), width="content")
        with st.container(key="presenter_away", horizontal=True, vertical_alignment="center", gap="small"):
            show_controls(manager, screen.job if screen.live else None, run, view.status)
            with folded_form():
                config = show_form()
            presenter_switch()
    _show_difference(manager, screen, run, config)
    if view.status == "failed" and (error := run.error()) is not None:
        st.error(plain_text(f"{sentence(error.sentence)} {sentence(error.remedy)}"))
    asked = {} if at is None else {"at": at}
    show_live_line(
        "watch_status",
        status_line(view, page_state(manager, run, view), at, verdict_at(run, view)),
        source=run_address(run.id, "status", **asked),
        subject=run.id,
    )
    with st.container(key="watch_row"):
        left, right = (st.container(), st.container()) if presenting() else st.columns([3, 2], gap="medium")
    with left:
        show_stage(run, view, shown, replace(look, at=at))
        show_tools(manager, run)
        if presenting():
            st.caption(capitalised(KEYS_SENTENCE))
        _show_results(manager, run, at)
        if view.status in ("finished", "stopped"):
            show_judge_offers(manager, run)
    with right:
        show_beside(run, view, shown, at)
    _show_facts(run)
    listen_for_presenter_keys(manager, starter(manager, config))


def _show_results(manager: JobManager, run: RunFolder, at: int | None) -> None:
    """The result card of the moment looked at; looked at every second while test networks are trained."""

    def card() -> None:
        now = latest_view(manager, run)
        iteration = now.iteration if at is None else at
        show_result_card(run, iteration, now.judging, will_be_judged=_will_be_judged(run, now.status))

    view = latest_view(manager, run)
    judged_now = view.live and view.judging is not None and view.status != "paused"
    st.fragment(run_every=1.0 if judged_now else None)(card)()


def _show_difference(
    manager: JobManager, screen: Screen, run: RunFolder, config: CondenseConfig | None
) -> None:
    """The bar that names in what the set-up differs from the run on screen, and what can be done about it."""
    if config is None or run.config is None or config == run.config:
        return
    named = "; ".join(str(one) for one in differences(config, run.config))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="form_differs"):
        st.markdown(f"The set-up differs from the run on screen: {named}.", width="stretch")
        start_again(manager, config, screen.live)
        show_race(manager, config, run, screen.live)
        st.button("Back to this run's set-up", on_click=fill_form, args=(run.config,))


def _show_facts(run: RunFolder) -> None:
    """Where it is computed and why, and every deviation the run has noted."""
    plan = run.description.plan or {}
    if plan:
        st.caption(
            f"Computed on {plan.get('device')} ({plan.get('device_reason')}), "
            f"processor cores: {plan.get('workers', 1) * plan.get('threads', 1)}. Kept in {run.path}."
        )
    for note in run.notes():
        st.caption(f"Iteration {note.iteration}: {note.sentence}")


def _will_be_judged(run: RunFolder, status: str) -> bool:
    """Whether the run that is at work is judged as soon as it ends."""
    return status in ("running", "paused") and run.config is not None and protocol_for(run.config) is not None
