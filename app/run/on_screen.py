"""Which run this session has on screen, and the job that it follows: a session follows no other job.

A run comes on screen by the address (`?run=ID`) or a button, a job by being started here. Whatever other
sessions start is offered in the run bar. The first look alone takes what is at work, unless a set-up was
brought along: who opens the app in the middle of a lesson sees the lesson. Without that, the Watch page shows
the run that this browser looked at last. The start page leads to the Watch page where one is chosen.
"""

import streamlit as st

from app.components.query_params import write_param
from app.data.folders import runs_root
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_presets import FROM_NOISE
from app.run.looked_at import LOOKED_AT
from app.run.view_state import reset_view_state
from app.setup.clone import CLONED_FROM
from app.setup.form import fill_form, url_has_setup
from app.setup.person import person_hash
from app.setup.preset_picker import forget_own_images
from app.text.status import Status

_RUN, _JOB, _LOOKED, ADOPTED = "run_on_screen", "followed_job", "watch_looked", "adopted_run"
_REPORTED, _CHOSEN, _BEGUN = "app_reported_job", "watch_chosen", "app_begun"
"""Keys of the session state.

`ADOPTED`: the run whose set-up the form was filled with; `_CHOSEN`: a click wants the Watch page.
"""


def run_on_screen() -> str | None:
    """Id of the run on screen, by the address, else as this session had it last."""
    run_id: str | None = st.query_params.get("run") or st.session_state.get(_RUN)
    return run_id


def put_on_screen(run_id: str) -> None:
    """Put a run on screen, with its newest images."""
    leave_run()
    keep_on_screen(run_id)
    st.session_state[_CHOSEN] = True


def keep_on_screen(run_id: str) -> None:
    """Store in the session and the address that this run is on screen."""
    st.session_state[_RUN] = run_id
    write_param("run", run_id)
    write_param("setup", None)


def leave_run() -> None:
    """Take the run off the screen; the run itself does not change."""
    for name in (_RUN, _JOB, ADOPTED, CLONED_FROM):
        st.session_state.pop(name, None)
    write_param("run", None)
    reset_view_state()


def open_setup() -> None:
    """Put the set-up form on screen instead of a run; the address says so."""
    leave_run()
    if forget_own_images():
        fill_form(FROM_NOISE.config)
    st.session_state[_CHOSEN] = True
    write_param("setup", "open")


def follow(job: Job) -> None:
    """Let the session follow a job that it has started: its run comes on screen as soon as it exists."""
    leave_run()
    st.session_state[_JOB] = job
    st.session_state[_CHOSEN] = True


def followed_job(manager: JobManager) -> Job | None:
    """The job that this session follows; the first look may begin to follow one."""
    state = st.session_state
    first_look = _LOOKED not in state
    state[_LOOKED] = True
    if first_look and not (run_on_screen() or _JOB in state):
        state[_JOB] = _job_at_first_look(manager)
        if state[_JOB] is None and not (brings_setup() or "setup" in st.query_params):
            _show_last_run()
    job: Job | None = state.get(_JOB)
    return job


def watch_page_is_chosen() -> bool:
    """Whether a click on another page has put a run on screen: that page is left before it is drawn.

    What a button returns would be lost where its script run is cut short, on a page that takes long.
    """
    return bool(st.session_state.get(_CHOSEN))


def watch_page_has_come() -> None:
    """Note that the Watch page was drawn to its end.

    Not sooner: a request that the browser sent from the page before can cut the first drawing short, and runs
    that page once more.
    """
    st.session_state.pop(_CHOSEN, None)


def leaves_start_page(manager: JobManager) -> bool:
    """Whether the start page leads on to the Watch page: by a click, by the address, at first to a job."""
    state = st.session_state
    clicked, begins = watch_page_is_chosen(), _BEGUN not in state
    addressed = "run" in st.query_params or "setup" in st.query_params or url_has_setup()
    return clicked or addressed or (begins and _job_at_first_look(manager) is not None)


def begin_session() -> None:
    """Note that the session has shown a page: from now on the start page is what it says."""
    st.session_state[_BEGUN] = True


def _show_last_run() -> None:
    """Put on screen what this browser looked at last, if that is still there."""
    run_id = LOOKED_AT.last(person_hash())
    if run_id and (runs_root() / run_id).is_dir():
        keep_on_screen(run_id)


def _job_at_first_look(manager: JobManager) -> Job | None:
    """This person's job that has no run yet, before a reload; else what is at work, to a bare address."""
    current = manager.current
    jobs = [job for job in (current, *manager.queued) if job is not None]
    waiting = [job for job in jobs if job.run_id is None and job.state in (Status.QUEUED, Status.RUNNING)]
    own = next((job for job in waiting if job.work.started_by == person_hash()), None)
    at_work = current is not None and current.active and current.work.kind in ("condense", "evaluate")
    brought = brings_setup() or "setup" in st.query_params
    return own or (current if at_work and not brought else None)


def report_job(job: Job | None, *, waiting: bool = False) -> None:
    """Let the page have the progress of a job, if that is at work: the run bar leaves it out.

    Args:
        job: the job.
        waiting: whether the page also says what it waits for while it is queued.
    """
    if job is not None and (job.active or (waiting and job.pending)):
        st.session_state[_REPORTED] = job.id


def take_reported_job() -> str | None:
    """Id of the job that this script run has reported, for the run bar; None where there is none."""
    job_id: str | None = st.session_state.pop(_REPORTED, None)
    return job_id


def brings_setup() -> bool:
    """Whether the form has a set-up of its own: from the address, or as a clone of a run."""
    return url_has_setup() or CLONED_FROM in st.session_state
