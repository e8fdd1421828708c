"""Front of the app, on the start page: a recorded run that plays, and the doors from there."""

import html

import streamlit as st

from app.components.front.component import show_recording
from app.components.page_links import HOW_IT_WORKS_PAGE, PAPER_PAGE, open_page
from app.components.styles import page_style
from app.data.folders import runs_root
from app.jobs.manager import JobManager
from app.jobs.run_presets import FROM_NOISE
from app.run.on_screen import open_setup, put_on_screen
from app.run.presenter import presenter_switch
from app.run.waiting import after_words, waits_for
from app.setup.forecast import run_forecast
from app.setup.form import fill_form
from app.setup.preset_picker import ask_for_own_images
from app.setup.testing import requested_test
from app.text.escaping import plain_text
from app.views.watch.front_recording import SENTENCE, TITLE, front_recording, is_installed
from app.views.watch.start import start_or_queue
from dmcore.config.formatting import capitalised, duration
from dmcore.runs.runs_root import own_runs

MISSING = "The recorded run did not come with this installation: install the program again."


def show_front(manager: JobManager) -> None:
    """Draw title, recording and doors; the first of them starts the first preset."""
    with st.container(key="watch_front", gap="small"):
        st.html(page_style("front_page"))
        st.html(f"<h1>{html.escape(TITLE)}</h1><p>{html.escape(SENTENCE)}</p>")
        try:
            recording = front_recording()
        except ValueError as damage:
            st.warning(
                plain_text(f"The recorded run cannot be shown: {damage}." if is_installed() else MISSING)
            )
        else:
            show_recording("watch_recording", recording)
        _show_doors(manager)
        _show_quiet_row()


def _show_doors(manager: JobManager) -> None:
    here = after_words(manager).strip() or "here"
    below = start_times(manager) or "ten images, learned from noise"
    if manager.holding is not None:
        below = plain_text(capitalised(waits_for(manager)))
    with st.container(key="front_doors"):
        st.button(
            _door(f"Watch it happen {here}", below),
            key="watch_start",
            type="primary",
            width="stretch",
            on_click=start_or_queue(manager, FROM_NOISE.config),
        )
        if st.button(
            _door("How it works", "seven short chapters, live"), key="front_how_it_works", width="stretch"
        ):
            open_page(HOW_IT_WORKS_PAGE)
        if st.button(
            _door("The paper, live", "Zhao and Bilen, WACV 2023"),
            key="front_paper",
            width="stretch",
        ):
            open_page(PAPER_PAGE)
        st.button(
            _door("Own images", "a folder or zip, one folder a class"),
            key="front_own_images",
            width="stretch",
            on_click=_own_images,
        )


def _show_quiet_row() -> None:
    """The set-up form, the last run and the presenter's switch, for those who come back."""
    runs = own_runs(runs_root())
    with st.container(key="front_more", horizontal=True, vertical_alignment="center", gap="medium"):
        st.button("Set up a run of your own", key="front_setup", type="tertiary", on_click=open_setup)
        if runs:
            title = plain_text(runs[0].description.title or runs[0].id)
            st.button(
                f"Go on with your last run: {title}",
                key="front_last_run",
                type="tertiary",
                on_click=put_on_screen,
                args=(runs[0].id,),
            )
        presenter_switch()


def start_times(manager: JobManager) -> str:
    """When the first preset shows something and when it is done; empty while no speed is known here.

    It is not asked for before torch is loaded: a measurement would load it while the page is drawn.
    """
    forecast = run_forecast(FROM_NOISE.config, FROM_NOISE.speed) if manager.device is not None else None
    if forecast is None:
        return ""
    done = "done" if requested_test() is None else "tested"
    return f"shapes in {duration(forecast.shapes)}, {done} in {duration(forecast.tested)}"


def _own_images() -> None:
    open_setup()
    fill_form(ask_for_own_images())


def _door(title: str, below: str) -> str:
    """Label of a door: its name, and below it what is there."""
    return f"**{title}** {below}"
