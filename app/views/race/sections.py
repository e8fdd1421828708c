"""Sections of the page Race: controls, the curves with the images beside them, and what the race says."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.states import show_empty, show_failure
from app.jobs.manager import JobManager
from app.jobs.race_work import RaceWork
from app.jobs.timings import data_shape, job_estimate, workers_here
from app.run.controls import reporting_refusal, show_refusal
from app.run.provenance import show_hidden_line, show_provenance
from app.tables.controls import job_controls, show_command
from app.text.escaping import plain_text
from app.text.status import Status
from app.views.race.live import address_of, answer, curve_figure, lane_images, status
from app.views.race.plot import ITERATIONS
from app.views.race.race_state import RaceState, race_state
from app.views.race.texts import fairness_text, recorded_text, size_text
from dmcore.config.formatting import sentence
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.cost import testing_workload
from dmcore.experiments.figure4.files import as_csv
from dmcore.experiments.figure4.report import (
    PUBLISHED,
    curves,
    equal_iterations,
    failure_sentences,
    final_verdicts,
    iterations_text,
    time_text,
    verdict_sentence,
)
from dmcore.experiments.gallery.recorded import nearest_race

REFUSED = "race_refusal"
OUTCOMES = (
    "*Holds*: the first is above the other, and chance would give such a difference in less than 5 of 100 "
    "cases; *reversed*: below, likewise; *not resolved*: it may be chance, or there are too few races. It is "
    "about the end of this time, not about the end of learning."
)
"""What the verdicts mean."""
STOP_HELP = (
    "What was tested is stored, and where each method is. An iteration of DC or DSA that is cut short is "
    "done again when the race goes on."
)


def show_fairness(config: Figure4Config) -> None:
    """Popover on why the clocks can be compared."""
    with st.popover("Is it fair?", key="race_fair"):
        st.markdown(fairness_text(config))


def show_race_controls(manager: JobManager, state: RaceState, actions: DeltaGenerator) -> None:
    """Draw the status line and what went wrong; in `actions` the buttons that fit the status."""
    if state.status is not Status.NOT_STARTED:
        show_live_line("race_status", status(state, {}), source=address_of("status", state), subject=state.id)
    show_refusal(REFUSED)
    with (
        actions,
        job_controls(manager, state.job, "race", STOP_HELP, lambda: _show_run_button(manager, state)),
    ):
        show_command(state.config.command_line, "race_command")
        if state.started:
            st.download_button(
                "CSV",
                lambda: as_csv(race_state(manager, state.config).results),
                "figure4.csv",
                "text/csv",
                key="race_csv",
                on_click="ignore",
            )
    if state.damage:
        show_failure("race_damage", sentence(state.damage))
    if failures := failure_sentences(state.results):
        show_failure(
            "race_lanes", " ".join(failures), "What it reached stays, and the other methods race on."
        )


def _show_run_button(manager: JobManager, state: RaceState) -> None:
    if state.running_elsewhere or state.results.complete or state.damage:
        return
    label = "Queue this race" if manager.busy else "Continue" if state.started else "Run it here"
    st.button(
        label,
        key="race_run",
        type="primary",
        help=sentence(_size_text(state)),
        on_click=reporting_refusal(
            lambda: manager.submit(RaceWork(config=state.config), queue=manager.busy), REFUSED
        ),
    )


def _size_text(state: RaceState) -> str:
    """What the whole race costs, with the time of its tests where this machine's speed is known."""
    data = data_shape(state.config.dataset_name)
    if data is None:
        return size_text(state.config)
    estimate = job_estimate(testing_workload(state.config, data, workers_here())).value
    return size_text(state.config, "" if estimate is None else estimate.time_text)


def show_race(state: RaceState) -> None:
    """Draw the answer, the curves, and the images of all lanes beside them; recorded ones before."""
    shown, against = state.shown, "seconds"
    if not state.started:
        _show_recorded_line(state)
    if shown.started:
        with st.container(key="race_top", horizontal=True, vertical_alignment="center", gap="medium"):
            with st.container(width="stretch"):
                show_live_line("race_answer", answer(shown, {}), source=address_of("answer", shown))
            against = _choose_axis()
    elif state.status is Status.NOT_STARTED:
        text = f"Nothing ran here yet: {plain_text(_size_text(state))} Below, the paper's two points."
        show_empty("race", text)
    with st.container(key="watch_row"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        show_live_figure("race_curves", curve_figure(shown, {"against": against}))
        if shown.started and against == ITERATIONS:
            st.caption(plain_text(equal_iterations(shown.results)))
        st.caption(plain_text(PUBLISHED))
    with right:
        _show_images(state if state.progress is not None and state.progress.images else shown)


def _show_recorded_line(state: RaceState) -> None:
    """Which recorded race is shown and what one here takes, with its provenance; else what shows it again."""
    shown = state.shown
    if shown.is_recorded and shown.recorded is not None:
        here = (
            "It stays below until the first test of yours."
            if state.in_progress
            else f"With the settings above it takes, here: {_size_text(state)}"
        )
        st.markdown(f"**{plain_text(recorded_text(shown.results))}** {plain_text(here)}")
        show_provenance(shown.recorded, "race")
    elif nearest_race(state.config) is not None:
        show_hidden_line("race")


def _choose_axis() -> str:
    return (
        st.segmented_control(
            "Against",
            ("seconds", ITERATIONS),
            default="seconds",
            required=True,
            key="race_against",
            bind="query-params",
            label_visibility="collapsed",
            help="Iterations are another question: they cost each method another time.",
        )
        or "seconds"
    )


def _show_images(state: RaceState) -> None:
    if (grid := lane_images(state, {})) is not None:
        ended = all(state.results.ended(method, 0) for method in state.config.lanes)
        when = "at its end" if ended else "as last tested"
        of = "as they are now" if state.progress is not None else f"of the first race, {when}"
        st.caption(f"The first images of each class, {of}")
        show_image_grid("race_grid", grid)
    elif state.status is Status.NOT_STARTED:
        st.markdown(fairness_text(state.config))
    elif state.in_progress:
        st.caption("The images of each method appear here.")


def show_numbers(state: RaceState) -> None:
    """Draw the verdicts, and every point as a table."""
    shown = state.shown
    if not shown.started:
        return
    results, config = shown.results, shown.config
    compared = [each for each in final_verdicts(results) if each[2].ours_n and each[2].theirs_n]
    for first, other, result in compared:
        st.markdown(plain_text(verdict_sentence(first, other, result, config.seconds)))
    if compared:
        st.caption(OUTCOMES)
    with st.expander("All numbers"):
        rows = [
            (curve.name, _when(point.seconds), iterations_text(point.iterations), point.text)
            for curve in curves(results)
            for point in curve.points
        ]
        st.html(html_table(("Method", "Condensing", "Iterations", "Test accuracy"), rows))
        if results.machine:
            st.caption(plain_text(f"Computed on {results.machine}."))


def _when(seconds: float) -> str:
    return time_text(seconds) if seconds else "start"
