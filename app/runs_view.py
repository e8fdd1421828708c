"""The Runs page: every run on disk with its state, picture and results, and what can be done with it.

Runs are read from their folders, so it does not matter who writes them: this app's thread or a terminal. Must
not import torch.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from app.escaping import plain_text
from app.jobs import Job, JobManager, get_manager
from app.result_card import latest_results, protocol_sentences, table
from app.run_bar import marked
from app.run_controls import can_go_on, leave_run, protocol_for
from app.set_labels import lane_title, subject
from app.settings import runs_root
from app.styles import WATCH_STYLE
from app.thumbnails import thumbnail
from app.words import duration, grouped, sentence
from dmcore.config import CondenseConfig
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.owner import living_owner
from dmcore.runs.roots import delete_run, list_runs, unreadable_runs

AT_ONCE = 10
LOOK_SECONDS = 2.0
WATCH_PAGE = Path(__file__).resolve().parents[1] / "pages" / "watch.py"
AT_WORK = (Status.RUNNING, Status.PAUSED)
WORDS = {Status.INTERRUPTED: "stopped"}
"""What a status is called on a page, where it differs."""


def show_runs() -> None:
    """Draw the page."""
    manager, root = get_manager(), runs_root()
    st.html(WATCH_STYLE)
    st.header("Runs", anchor=False)
    st.markdown(f"Everything in `{root}`, whoever wrote it: this app, or `dmcore` in a terminal.")
    if trouble := st.session_state.pop("trouble", ""):
        st.error(trouble)
    runs, unreadable = list_runs(root), unreadable_runs(root)
    if not runs and not unreadable:
        show_nothing(root)
    shown = runs[: st.session_state.get("runs_shown", AT_ONCE)]
    for run in shown:
        show_run(manager, run)
    for one in unreadable:
        st.warning(f"**{plain_text(one.path.name)}** cannot be shown. {plain_text(sentence(one.sentence))}")
    if len(shown) < len(runs):
        more = min(AT_ONCE, len(runs) - len(shown))
        st.button(f"Show {more} more of {grouped(len(runs))}", key="more_runs", on_click=_show_more)
    _look_again(root, shown)
    chosen = st.session_state.get("deleting")
    if chosen is not None and (found := next((run for run in runs if run.id == chosen), None)):
        confirm_deletion(found)


def show_nothing(root: Path) -> None:
    """What to do next when there are no runs."""
    st.info("There are no runs yet. Start one on the Watch page: it takes a click and about a minute.")
    if st.button("Go to Watch", key="go_to_watch", type="primary"):
        st.switch_page(WATCH_PAGE)
    st.markdown("Or from a terminal:")
    command = f"dmcore condense --images-per-class 1 --iterations 500 --runs-root {root}"
    st.code(command, language=None, wrap_lines=True)


def show_run(manager: JobManager, run: RunFolder) -> None:
    """One run: picture, facts, results and what can be done. A damaged one says so in its place."""
    with st.container(border=True, key=f"run_{run.id}"):
        left, middle, right = st.columns([3, 7, 2], gap="medium")
        status = status_of(run)
        try:
            with left:
                show_picture(run)
            with middle, st.container(gap="xsmall"):
                show_facts(run, status, manager.find(run.id))
        except ValueError as damage:
            middle.warning(plain_text(sentence(str(damage))))
        with right:
            show_actions(manager, run, status)


def show_picture(run: RunFolder) -> None:
    """The newest images."""
    picture = thumbnail(run)
    if picture is None:
        st.markdown("No images yet")
        return
    data = run.description.data
    st.image(picture, width="stretch", output_format="PNG", alt=f"Newest images of a run on {data.title}")


def show_facts(run: RunFolder, status: Status | None, job: Job | None) -> None:
    """State, title, what was asked for, how far it is, what it is worth.

    Raises:
        ValueError: a file of the run is damaged.
    """
    description = run.description
    st.markdown(f"**{plain_text(description.title)}**")
    if status in AT_WORK:
        st.fragment(run_every=LOOK_SECONDS)(lambda: st.markdown(state_line(run, run.status())))()
    else:
        st.markdown(state_line(run, run.status(), judging=job is not None and job.active))
    st.markdown(plain_text(subject(run)))
    st.caption(plain_text(f"Sets: {'; '.join(lane_title(run, one) for one in run.sets)}."))
    if (error := run.error()) is not None and status is Status.FAILED:
        st.error(plain_text(f"{sentence(error.sentence)} {sentence(error.remedy)}"))
    results = latest_results(run.results(), run.iteration())
    if results:
        st.html(table(run, results))
        for said in protocol_sentences(run, results):
            st.caption(said)
    st.caption(f"{run.id}, made {age_of(run)}")


def state_line(run: RunFolder, status: Status, judging: bool = False) -> str:
    """'● running, iteration 12 of 500', and who is at it when it is not this server."""
    word = "judging" if judging else WORDS.get(status, status.value)
    if run.config is None:
        return marked("judging" if judging else "imported")
    done, asked = grouped(run.iteration()), grouped(run.config.iterations)
    line = f"{marked(word)}, iteration {done} of {asked}"
    owner = living_owner(run.path)
    if owner is not None and owner.pid != os.getpid():
        line += f", by process {owner.pid} on {plain_text(owner.host)}"
    return line


def status_of(run: RunFolder) -> Status | None:
    """The run's state; None where a file that tells it is damaged."""
    try:
        return run.status()
    except ValueError:
        return None


def age_of(run: RunFolder) -> str:
    """How long ago it was made."""
    made = datetime.fromisoformat(run.description.created)
    return f"{duration((datetime.now(UTC) - made).total_seconds())} ago"


def show_actions(manager: JobManager, run: RunFolder, status: Status | None) -> None:
    """Open, resume, delete."""
    if st.button("Open", key=f"open_{run.id}", width="stretch"):
        put_on_screen(run.id)
    waiting = manager.find(run.id) is not None
    stands = status is not None and can_go_on(run, WORDS.get(status, status.value))
    if stands and run.config is not None:
        label = "Resume after the run at work" if manager.busy else "Resume"
        if st.button(
            "Queued" if waiting else label, key=f"resume_{run.id}", width="stretch", disabled=waiting
        ):
            resume(manager, run, run.config)
    busy = waiting or status in AT_WORK
    st.button(
        "Delete",
        key=f"delete_{run.id}",
        width="stretch",
        disabled=busy,
        help="A run that is at work cannot be deleted: stop it first." if busy else None,
        on_click=_ask_deletion,
        args=(run.id,),
    )


def put_on_screen(run_id: str) -> None:
    """Go to the Watch page with this run on it."""
    leave_run()
    st.switch_page(WATCH_PAGE, query_params={"run": run_id})


def resume(manager: JobManager, run: RunFolder, config: CondenseConfig) -> None:
    """Go on with a run, at once and on the Watch page, or after what is at work now."""
    later = manager.busy
    try:
        manager.resume(run.id, evaluate=protocol_for(config), queue=later)
    except ValueError as refusal:
        st.session_state["trouble"] = sentence(str(refusal))
        st.rerun()
    if not later:
        put_on_screen(run.id)


@st.dialog("Delete this run?")
def confirm_deletion(run: RunFolder) -> None:
    """Ask before a run and everything in it is gone."""
    st.markdown(
        f"**{plain_text(run.description.title)}**, iteration {grouped(run.iteration())}, with its images and "
        "results. This cannot be undone."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="delete_it", type="primary"):
            _end_dialog()
            try:
                delete_run(run)
            except ValueError as refusal:
                st.session_state["trouble"] = sentence(str(refusal))
            st.rerun()
        if st.button("Keep it", key="keep_it"):
            _end_dialog()
            st.rerun()


def _look_again(root: Path, shown: list[RunFolder]) -> None:
    """Draw the page anew when a run comes, goes, or changes its state."""
    before = _fingerprint(root, shown)

    def look() -> None:
        if _fingerprint(root, shown) != before:
            st.rerun()

    st.fragment(run_every=LOOK_SECONDS)(look)()


def _fingerprint(root: Path, shown: list[RunFolder]) -> tuple[object, ...]:
    there = tuple(sorted(file.parent.name for file in root.glob("*/run.json")))
    return (
        there,
        *(
            (status_of(run), len(list(run.path.glob("results/*.json"))))
            for run in shown
            if run.path.name in there
        ),
    )


def _show_more() -> None:
    st.session_state["runs_shown"] = st.session_state.get("runs_shown", AT_ONCE) + AT_ONCE


def _ask_deletion(run_id: str) -> None:
    st.session_state["deleting"] = run_id


def _end_dialog() -> None:
    st.session_state.pop("deleting", None)
