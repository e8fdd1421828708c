"""Live resources of the page Race: status line, curves, images of the lanes, and the answer in a sentence."""

import re
from collections.abc import Hashable
from pathlib import Path

from app.components.image_grid import ImageGrid, Lane
from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import LiveSubject, Query, figure_answer, grid_answer, line_answer
from app.data.folders import write_time
from app.jobs.manager import get_manager
from app.plots.recorded import drawn_thin
from app.tables.method_images import MOST_CLASSES, SQUARE_PIXELS, TITLE_PIXELS, tile_in_squares
from app.tables.state import IDLE_POLL_SECONDS
from app.views.race.plot import HEIGHT, published_figure, race_figure
from app.views.race.race_state import RaceState, race_state
from dmcore.config import Method
from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.report import PUBLISHED, describe_race, time_text, time_to_accuracy
from dmcore.experiments.figure4.results import FILE, FOLDER, read_images, read_race_file
from dmcore.runs.display.images import DisplayImages

NOT_YET = "How long until an accuracy is known once two methods have been tested."


def _file(race: str) -> Path:
    """Results file of a race, by its id.

    Raises:
        ValueError: no race has such an id.
    """
    if not re.fullmatch(r"figure4-[0-9a-f]{12}", race):
        raise ValueError(f"there is no race {race!r}: choose it on its page again")
    return get_manager().runs_root / FOLDER / race / FILE


def _token(race: str) -> Hashable:
    return get_manager().revision, write_time(_file(race))


def _observe(race: str) -> RaceState:
    """Newest state of a race.

    Raises:
        ValueError: no such race, or a damaged one.
    """
    try:
        config = read_race_file(_file(race)).config
    except FileNotFoundError:
        raise ValueError(f"nothing is stored of the race {race}: choose it on its page again") from None
    return race_state(get_manager(), config)


RACE = LiveSubject("/live/races/{race}", ("race",), _token, _observe)


def address_of(name: str, state: RaceState, **query: object) -> str:
    """Address of a resource of a race; empty before it was begun."""
    return RACE.address(name, race=state.id, **query) if state.written else ""


@RACE.resource("status", line_answer)
def status(state: RaceState, query: Query) -> LiveLine:
    """The status line."""
    return state.line


@RACE.resource("answer", line_answer)
def answer(state: RaceState, query: Query) -> LiveLine:
    """Time to accuracy, in a sentence; when a lane was tested the page runs again and shows the rest."""
    reached = time_to_accuracy(state.results)
    text = NOT_YET if reached is None else reached.sentence
    page = f"{state.status}/{len(state.results.points)}/{len(state.results.failures)}"
    return LiveLine((LinePart(text, strong=True),), page, page, IDLE_POLL_SECONDS, wraps=True)


@RACE.resource("curves", figure_answer)
def curve_figure(state: RaceState, query: Query) -> LiveFigure:
    """The curves; `against` of the query is seconds or iterations. Before the race, the paper's points."""
    against = query.get("against", "seconds")
    if not state.started:
        return LiveFigure(drawn_thin(published_figure()), 0, PUBLISHED, HEIGHT, view="published")
    figure = race_figure(state.results, against)
    return LiveFigure(
        drawn_thin(figure) if state.is_recorded else figure,
        revision=len(state.results.points),
        alt=describe_race(state.results),
        height=HEIGHT,
        view=f"{state.id}/{against}",
        source=address_of("curves", state, against=against),
        subject=state.id,
    )


@RACE.resource("images", grid_answer)
def lane_images(state: RaceState, query: Query) -> ImageGrid | None:
    """First images of each class in every lane, as they are now."""
    lanes = [
        Lane(method, f"{NAMES[method]}, {when}", tile_in_squares(images[:MOST_CLASSES]))
        for method in state.config.lanes
        if (found := _images(state, method)) is not None
        for when, images in [found]
    ]
    names = state.results.class_names[:MOST_CLASSES]
    if not lanes or not names:
        return None
    return ImageGrid(
        lanes=lanes,
        class_names=names,
        iteration=len(state.results.points),
        alt=f"The first images of {len(names)} classes as {len(lanes)} methods have them.",
        max_height=(SQUARE_PIXELS + 4) * len(lanes) + TITLE_PIXELS,
        largest=SQUARE_PIXELS,
        reserve=0,
        source=address_of("images", state),
        subject=state.id,
    )


def _images(state: RaceState, method: Method) -> tuple[str, DisplayImages] | None:
    """When, and a lane's images: of the race at work while it runs, else those of the first race."""
    progress = state.progress
    if progress is not None and method in progress.images:
        return time_text(progress.clocks[method][0]), progress.images[method]
    seed = progress.seed if progress is not None else 0
    tested = state.results.of(method, seed)
    if not tested:
        return None
    images = read_images(state.folder, tested[-1])
    return (
        None if images is None else (time_text(tested[-1].seconds) if tested[-1].seconds else "start", images)
    )
