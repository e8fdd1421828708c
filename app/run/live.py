"""Live resources of a run: its status line, images, film, loss; and the state that they are answered from.

Pages of other packages declare more resources of `RUN`, next to what they show.
"""

import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from os import stat_result

from app.components.image_grid import ImageGrid, Pick
from app.components.live_figure import LiveFigure
from app.components.live_line import LiveLine
from app.components.live_resource import (
    Answer,
    LiveSubject,
    Query,
    figure_answer,
    grid_answer,
    json_answer,
    line_answer,
)
from app.data.folders import find_run, runs_root
from app.jobs.manager import JobManager, get_manager
from app.jobs.run_view import RunView
from app.run.images.details import inspected_grid
from app.run.images.film_strip import film_strip
from app.run.run_view import latest_view, page_revision
from app.run.stage_content import image_grid, live_loss, status_line
from app.run.view_state import ViewState
from dmcore.runs.folder import RunFolder

CLOCK_TICK = 0.05
"""Seconds in which two changes of a file may get one time stamp, generously."""


@dataclass(frozen=True)
class RunState:
    """Snapshot of a run: its folder, its newest view, and the change tokens of both."""

    manager: JobManager
    run: RunFolder
    view: RunView
    stored: str
    """Change token of the files: snapshots and results."""
    revision: str
    """Change token of everything."""


def run_token(run_id: str) -> Hashable:
    """Token of a job's start, pause and end, and of the run's removal."""
    try:
        description = (runs_root() / run_id / "run.json").stat()
    except (OSError, ValueError):
        return get_manager().revision, None
    return get_manager().revision, description.st_mtime_ns, description.st_ino


def observe_run(run_id: str) -> RunState:
    """Newest state of a run.

    Raises:
        ValueError: no such run, or a damaged one.
    """
    manager = get_manager()
    run = find_run(run_id, runs_root())
    stored = stored_token(run)
    changes = manager.revision, manager.evaluation_share  # before the view: a later change shows again
    view = latest_view(manager, run)
    return RunState(manager, run, view, stored, repr((view.revision, view.status, *changes, stored)))


RUN = LiveSubject("/live/runs/{run}", ("run",), run_token, observe_run)


@RUN.resource("status", line_answer)
def status(state: RunState, query: Query) -> LiveLine:
    """The stage's status line; `at` is the past iteration on screen, `calm` requests slow polling."""
    run, view, at = state.run, state.view, ViewState.of_query(query).at
    page = page_revision(state.manager, run, view)
    return status_line(view, page, at, "calm" in query)


@RUN.resource("images", grid_answer)
def images(state: RunState, query: Query) -> ImageGrid | None:
    """The stage's newest frame, in the view state of the query."""
    view_state = ViewState.of_query(query)
    source = images.address(run=state.run.id, **view_state.as_query())
    return image_grid(state.view, state.run, view_state, source)


@RUN.resource("film", Answer, revision=lambda state: state.stored, bulk=True)
def film(state: RunState, query: Query) -> bytes:
    """Thumbnails of the stored iterations above `after`, for the time machine, in the view state."""
    return film_strip(state.view, state.run, ViewState.of_query(query), last_known(query))


def last_known(query: Query) -> int:
    """Iteration `after` which a film is requested; -1 for all of it."""
    after = query.get("after", "")
    return int(after) if after.isdecimal() else -1


@RUN.resource("stops", json_answer)
def stops(state: RunState, query: Query) -> dict[str, object]:
    """Stops of the time machine, and the newest iteration of the run."""
    return {"stops": state.run.snapshots(), "newest": state.view.iteration}


@RUN.resource("inspected", grid_answer)
def inspected(state: RunState, query: Query) -> ImageGrid | None:
    """The newest frame of one image; see `picked_query`."""
    pick = Pick(query.get("set", ""), int(query.get("class", "")), int(query.get("image", "")))
    source = inspected.address(run=state.run.id, **picked_query(pick))
    return inspected_grid(state.run, state.view, pick, source=source) if state.view.images else None


def picked_query(pick: Pick) -> dict[str, object]:
    """Parameters of `inspected`: the set, and the class and the image in it, from 0."""
    return {"set": pick.lane, "class": pick.label, "image": pick.image}


@RUN.resource("loss", figure_answer)
def loss(state: RunState, query: Query) -> LiveFigure:
    """The loss figure; `at` is the iteration that it marks."""
    at = ViewState.of_query(query).at
    return live_loss(state.view, state.run, loss.address(run=state.run.id, at=at), at)


def stored_token(run: RunFolder) -> str:
    """Change token of a run's files except its log: names, times and sizes."""
    results = sorted(run.path.glob("results/*"))
    files: list[tuple[str, stat_result]] = []
    for path in (run.path / "run.json", *results, *map(run.snapshot_folder, run.set_names)):
        with suppress(OSError):  # not there, or no longer: not part of the token
            files.append((path.as_posix(), path.stat()))
    now = time.time()
    # a change within the same tick of the file system's clock would not be seen: look again after it
    unsettled = now if any(abs(now - stat.st_mtime) < CLOCK_TICK for _, stat in files) else 0.0
    return repr(([(name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in files], unsettled))
