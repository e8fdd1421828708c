"""Which run the Watch page shows, and at which iteration.

The address decides (`?run=ID&at=N`), else what this session last had on screen, else the job that it follows.
"""

from dataclasses import dataclass

import streamlit as st

from app.data.folders import find_run, runs_root
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_view import RunView
from app.run.looked_at import LOOKED_AT
from app.run.on_screen import ADOPTED, brings_setup, followed_job, keep_on_screen, run_on_screen
from app.run.run_view import latest_view, nearest_stored, view_at
from app.run.view_state import current_view_state
from app.setup.clone import CLONED_FROM
from app.setup.form import fill_form
from app.setup.person import person_hash
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder


@dataclass(frozen=True)
class WatchScreen:
    """Job and run on the Watch page: a job of this server, a run on disk, both, or neither."""

    job: Job | None = None
    run: RunFolder | None = None
    view: RunView | None = None
    """The run's newest state."""
    missing: str = ""
    """Why the requested run cannot be shown."""

    @property
    def live(self) -> bool:
        """Whether this server is computing it."""
        return self.job is not None and self.job.active

    @property
    def starting(self) -> Job | None:
        """The job, while it is at work and has no run to show yet."""
        return self.job if self.run is None and self.job is not None and self.job.active else None


def find_screen(manager: JobManager) -> WatchScreen:
    """Run and job on screen, by address, session or followed job; address and session keep the run."""
    followed = followed_job(manager)
    run_id = run_on_screen() or (followed.run_id if followed is not None else None)
    if run_id is None:
        return WatchScreen(job=followed)
    keep_on_screen(run_id)
    jobs = (manager.current, followed)
    job = next((job for job in jobs if job is not None and job.run_id == run_id), None)
    try:
        run = find_run(run_id, runs_root())
        at_work = manager.job_of_run(run_id) is not None
        LOOKED_AT.look(person_hash(), run_id, at_work=at_work)
        return WatchScreen(job, run, latest_view(manager, run))
    except ValueError as error:
        return WatchScreen(missing=str(error))


def fill_setup_from(run: RunFolder) -> None:
    """Fill the form with the run's set-up when it comes on screen, unless the address brought its own."""
    state = st.session_state
    if state.get(ADOPTED) == run.id:
        return
    first = ADOPTED not in state
    state[ADOPTED] = run.id
    if run.config is None or (first and brings_setup()):
        return
    state.pop(CLONED_FROM, None)
    fill_form(run.config)


def snapshot_on_screen(run: RunFolder, view: RunView) -> tuple[RunView, int | None]:
    """State of the run that is looked at, and its iteration; (`view`, None) for the newest.

    A damaged snapshot is reported on the page, and the newest state is shown instead.
    """
    at = nearest_stored(run, current_view_state().at)
    if at is None:
        return view, None
    try:
        return view_at(run, view, at), at
    except ValueError as damage:
        st.warning(plain_text(f"{sentence(str(damage))} The newest images are shown."))
        return view, None
