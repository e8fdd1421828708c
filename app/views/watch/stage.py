"""Stage of the Watch page: image grid, the timeline below it and the side panel, and the tools below that."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app.components.copy_link import show_copy_link
from app.components.image_grid import ImageGrid, show_image_grid
from app.components.timeline import Timeline, show_timeline
from app.data.stored_results import evaluation_results
from app.jobs.manager import JobManager
from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.run_view import RunView
from app.run import live
from app.run.download_menu import show_download_menu
from app.run.images.stored import show_no_images
from app.run.presenter import presenting
from app.run.stage_content import image_grid, images_per_class_shown
from app.run.view_state import IMAGES, current_view_state, first_class, layer_control, opened_image, remember
from app.views.watch.film import show_film_offer
from app.views.watch.side_by_side import show_side_by_side
from app.views.watch.side_panel import pick_image
from app.views.watch.start import show_command
from dmcore.config import EvaluateConfig
from dmcore.runs.description import RESULT_KINDS, ResultKind
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import usual_kinds
from dmcore.runs.results.test_wish import read_test_networks

BELOW, BELOW_PRESENTED = 8.5, 4.2
"""Rem that the grid's caption and the timeline take below the images; what the timeline alone takes on a
projector."""
CAPTION = 1.8
"""Rem of the caption there."""
LARGEST_PRESENTED = 260
"""CSS pixels of an image on a projector at most."""


def show_stage(run: RunFolder, shown: RunView, at: int | None) -> None:
    """Image grid of a run, and buttons through the images of a class.

    Args:
        run: the run on screen.
        shown: the state looked at.
        at: its iteration; None where it is the newest.
    """
    view_state = replace(current_view_state(), at=at)
    source = live.images.address(**_query(run)) if at is None else ""
    grid = image_grid(shown, run, view_state, source)
    if grid is None:
        show_no_images("watch_no_images", shown)
        return
    grid = replace(
        grid,
        picked=opened_image(),
        first_class=first_class(),
        film=live.film.address(**_query(run)),
        below=BELOW,
    )
    if presenting():
        captioned = view_state.layer != IMAGES  # its name, and what its colours mean
        below = BELOW_PRESENTED + (CAPTION if captioned else 0)
        grid = replace(grid, largest=LARGEST_PRESENTED, captioned=captioned, below=below)
    show_image_grid("watch_stage", grid, pick_image, on_page=partial(remember, "first_class"))
    _show_paging(run, grid)


def show_stage_timeline(run: RunFolder, view: RunView, at: int | None) -> None:
    """Timeline of a run, in sight while the page scrolls.

    Args:
        run: the run on screen.
        view: its newest state.
        at: the iteration looked at; None where it is the newest.
    """
    if not view.images:
        return
    show_timeline(
        "watch_timeline",
        Timeline(
            stops=run.snapshots(),
            newest=view.iteration,
            at=at,
            moving=view.status.in_progress,
            subject=run.id,
            film=live.film.address(**_query(run)),
            note="click an image to see its history",
            source=live.stops.address(run=run.id),
            brief=presenting(),
        ),
        on_release=lambda at: remember("at", at),
    )


def _query(run: RunFolder) -> dict[str, object]:
    """Query of the live images and of the film: the run, and how its newest state is looked at."""
    return {"run": run.id, **replace(current_view_state(), at=None).as_query()}


def show_tools(manager: JobManager, run: RunFolder, at: int | None) -> None:
    """Tools of the stage: layer, downloads, link, command line, run of the same preset.

    Args:
        manager: runs jobs.
        run: the run on screen.
        at: the iteration looked at; None where it is the newest.
    """
    with st.container(key="watch_tools", horizontal=True, vertical_alignment="center", gap="small"):
        layer_control()
        show_download_menu(run, "watch", at, partial(show_film_offer, run))
        show_copy_link("watch_copy_link")
        if run.config is not None:
            show_command((run.config,), *_test_of(run))
        show_side_by_side(manager, run)


def _test_of(run: RunFolder) -> tuple[EvaluateConfig, tuple[ResultKind, ...]]:
    """Protocol of a run's newest test and what it trained on; without one, of that at its end."""
    results = evaluation_results(run)
    tests = [result.protocol for result in results if result.kind == "condensed"]
    tested = {result.kind for result in results}
    if tests:
        return tests[-1], tuple(kind for kind in RESULT_KINDS if kind in tested)
    repeats = read_test_networks(run) or SMALL_PROTOCOL.repeats
    return SMALL_PROTOCOL.model_copy(update={"repeats": repeats}), usual_kinds(
        run.description.data.train_count or 0
    )


def _show_paging(run: RunFolder, grid: ImageGrid) -> None:
    """Buttons through the images of each class, where the stage does not hold all."""
    sizes = [description.images_per_class for description in run.sets]
    room, first = images_per_class_shown(len(run.class_names), sizes), max(lane.first for lane in grid.lanes)
    if max(sizes) <= room:
        return
    with st.container(horizontal=True, gap="small"):
        for label, key, target in (
            ("Images before", "watch_images_before", first - room),
            ("Images after", "watch_images_after", first + room),
        ):
            exists = 0 <= target < max(sizes)
            st.button(label, key=key, disabled=not exists, on_click=remember, args=("first", target))
