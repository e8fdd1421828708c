"""Card of one run on the Runs page: thumbnail, facts, results, and what can be done with it."""

import streamlit as st

from app.components.html_table import html_table
from app.components.image_strip import png_url
from app.components.states import show_failure
from app.data.stored_results import evaluation_results, results_at
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.run.actions import show_actions
from app.run.damage import show_damage
from app.run.images.stored import kept_sentence
from app.run.status import age_of, state_line, status_of
from app.run.waiting import waits_for
from app.text.escaping import plain_text
from app.text.status import Status
from dmcore.config.formatting import sentence
from dmcore.runs.collection.tags import read_tags
from dmcore.runs.display.thumbnail import thumbnail, thumbnail_sets
from dmcore.runs.display.titles import run_summary, set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import run_verdict
from dmcore.runs.results.summary import accuracy_table, protocol_sentences

POLL_SECONDS = 2.0


def show_run_card(manager: JobManager, run: RunFolder, title: str, trouble: str = "") -> None:
    """Card of a run; a damaged run says so.

    Args:
        manager: runs jobs.
        run: the run.
        title: what it is called in the list, where others may have its title.
        trouble: why the last click on it could not be carried out.
    """
    with st.container(border=True, key=f"runs_card_{run.id}"):
        left, right = st.columns([3, 9], gap="medium")
        status = status_of(run)
        try:
            with right, st.container(gap="xsmall"):
                show_facts(run, title, status, manager.job_of_run(run.id))
                show_turn(manager, run)
            with left:
                show_thumbnail(run)
        except ValueError as damage:
            right.warning(plain_text(sentence(str(damage))))
        except FileNotFoundError:  # deleted meanwhile: the page notices
            right.warning("This run has just been deleted.")
        with right:
            show_damage(run)
            show_actions(manager, run, status)
            if trouble:
                st.error(plain_text(trouble))


def show_thumbnail(run: RunFolder) -> None:
    """Mosaic of the newest images."""
    thumbnail_image = thumbnail(run)
    if thumbnail_image is None:
        in_progress = (status := status_of(run)) is not None and status.in_progress
        st.caption("The first images come in a moment." if in_progress else "No images are stored.")
        return
    data = run.description.data
    st.image(png_url(thumbnail_image), width="stretch", alt=f"Newest images of a run on {data.title}")
    if text := thumbnail_text(run):
        st.caption(plain_text(text))


def thumbnail_text(run: RunFolder) -> str:
    """Which sets the rows of a thumbnail are of, from top to bottom; empty where there is one set."""
    if len(run.sets) < 2:
        return ""
    titles = {described.name: set_title(run, described) for described in run.sets}
    return f"Rows: {'; '.join(titles[name] for name in thumbnail_sets(run))}."


def show_facts(run: RunFolder, title: str, status: Status | None, job: Job | None) -> None:
    """State, title, data and network, sets, tags, accuracy and results.

    Raises:
        FileNotFoundError: it was deleted meanwhile.
    """
    st.markdown(f"**{plain_text(title)}**")
    if status is not None and status.in_progress:
        st.fragment(run_every=POLL_SECONDS)(lambda: st.markdown(state_line(run)))()
    else:
        st.markdown(state_line(run, evaluating=job is not None and job.active))
    st.markdown(plain_text(run_summary(run)))
    st.caption(plain_text(f"Sets: {'; '.join(set_title(run, description) for description in run.sets)}."))
    if tags := read_tags(run):
        st.markdown(" ".join(f":gray-badge[{plain_text(tag)}]" for tag in tags))
    if (error := run.error()) is not None and status is Status.FAILED:
        show_failure(f"runs_{run.id}", error.message, kept_sentence(run))
    show_results(run)
    st.caption(f"{run.id}, created {age_of(run)}")


def show_turn(manager: JobManager, run: RunFolder) -> None:
    """What a queued run waits for; the run bar has the way out where that is paused."""
    job = manager.job_of_run(run.id)
    if job is not None and job.state is Status.QUEUED:
        st.markdown(plain_text(f"Queued: {waits_for(manager)}."))


def show_results(run: RunFolder) -> None:
    """The verdict that Watch has, and all results in an expander; nothing where there are none.

    Raises:
        FileNotFoundError: it was deleted meanwhile.
    """
    results = results_at(run, run.iteration())
    if results:
        if (verdict := run_verdict(run, evaluation_results(run))) is not None:
            st.markdown(f"**{plain_text(verdict.sentence)}** {plain_text(verdict.scope)}")
        with st.expander("Results", key=f"runs_results_{run.id}"):
            st.html(html_table(*accuracy_table(run, results)))
            for text in protocol_sentences(run, results):
                st.caption(text)
