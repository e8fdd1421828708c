"""Live endpoints that pages poll: status lines, images, an inspected image, film, charts, feature map.

They answer from the thread's latest snapshot or from the run folder, once per revision for all viewers
(answer_cache.py), and never delay the thread. They run next to Streamlit in its server, because a rerun of a
fragment costs a browser on the same cores ten times what these answers cost. Who is answered: access.py.
"""

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.routing import Route

from app.components.image_grid import Pick
from app.jobs.manager import JobManager, get_manager
from app.run.accuracy_summary import accuracy_summary_at
from app.run.addresses import BAR, RUN, below_base, images_address, inspected_address, run_address
from app.run.film_strip import film_strip
from app.run.image_details import inspected_grid
from app.run.run_bar import bar_line
from app.run.run_view import RunView, page_revision, stored_iterations
from app.run.stage_content import image_grid, live_loss, status_line
from app.run.view_state import ViewState
from app.server import pool_routes, table_routes
from app.server.answer_cache import Question
from app.server.answers import Answer, figure_answer, json_answer, line_answer
from app.server.endpoint import LiveEndpoints, address_of
from app.server.run_state import RunState, RunSubject
from app.views.compare.sides import ComparedRun, both_losses
from app.views.feature_space import live_responses
from app.views.watch.online_evaluation_view import live_online_evaluation
from dmcore.runs.folder import RunFolder

MAP_SECONDS = 0.5
"""How long answers are good that the projection worker has a part in: of its news there is no token."""
NOTHING = Answer(b"")
Query = Mapping[str, str]


def live_routes() -> list[Route]:
    """All live routes, mounted next to Streamlit's own."""
    live = LiveEndpoints()
    return [
        live.route(below_base(BAR), _bar_question),
        *(
            live.route(below_base(RUN.format(run="{run}", name=name)), endpoint.question)
            for name, endpoint in _ENDPOINTS.items()
        ),
        *table_routes.routes(live),
        *pool_routes.routes(live),
    ]


@dataclass(frozen=True)
class BarState:
    """State of the job manager for the run bar."""

    manager: JobManager
    revision: str


class BarSubject:
    """The job manager of this process; there is one."""

    def change_token(self) -> Hashable:
        """Token of a job's start, pause and end, and of its title."""
        manager = get_manager()
        job = manager.current
        return manager.revision, job.title if job is not None else None

    def observe(self) -> BarState:
        """Newest state."""
        manager = get_manager()
        manager.warm_up()  # a page is shown: torch can be loaded without delaying it
        job, line = manager.current, bar_line(manager, manager.revision, on_screen=None)
        # the line tells of everything that a bar can show; the run's id, whether one is shown
        return BarState(manager, repr((line.revision, job.run_id if job is not None else None)))


def bar(query: Query, state: BarState) -> Answer:
    """The run bar's line; `on_screen` is the run that the page itself shows."""
    return line_answer(bar_line(state.manager, state.manager.revision, query.get("on_screen")))


def status(query: Query, state: RunState) -> Answer:
    """The stage's status line; `at` is the past iteration on screen, `calm` requests slow polling."""
    run, view = state.run, state.view
    at, calm = ViewState.of_query(query).at, "calm" in query
    page = page_revision(state.manager, run, view)
    return line_answer(status_line(view, page, at, accuracy_summary_at(run, view), calm))


def images(query: Query, state: RunState) -> Answer:
    """The stage's newest frame, in the view state of the query."""
    view_state = ViewState.of_query(query)
    grid = image_grid(state.view, state.run, view_state, images_address(state.run.id, view_state))
    return NOTHING if grid is None else Answer(grid.packed())


def film(query: Query, state: RunState) -> Answer:
    """Thumbnails of the stored iterations above `after`, in the view state of the query."""
    after = query.get("after", "")
    first = int(after) if after.isdecimal() else -1
    return Answer(film_strip(state.view, state.run, ViewState.of_query(query), first))


def stops(query: Query, state: RunState) -> Answer:
    """Stops of the time machine, and the newest iteration of the run."""
    return json_answer({"stops": stored_iterations(state.run), "newest": state.view.iteration})


def inspected(query: Query, state: RunState) -> Answer:
    """The newest frame of one image: `set`, and `class` and `image` from 0."""
    pick = Pick(query.get("set", ""), int(query.get("class", "")), int(query.get("image", "")))
    if not state.view.images:
        return NOTHING
    source = inspected_address(state.run.id, pick.lane, pick.label, pick.image)
    return Answer(inspected_grid(state.run, state.view, pick, source=source).packed())


def loss(query: Query, state: RunState) -> Answer:
    """The loss figure; `at` is the iteration that it marks."""
    at = ViewState.of_query(query).at
    source = run_address(state.run.id, "loss", **({} if at is None else {"at": at}))
    return figure_answer(live_loss(state.view, state.run, source, at))


def online_evaluation(query: Query, state: RunState) -> Answer:
    """The accuracy curve; `at` is the iteration that it marks."""
    at = ViewState.of_query(query).at
    source = run_address(state.run.id, "gauge", **({} if at is None else {"at": at}))
    return figure_answer(live_online_evaluation(state.view, state.run, source, at))


def both(query: Query, state: RunState, beside: RunState) -> Answer:
    """The loss figure of two runs; `beside` is the second."""
    a, b = ComparedRun("A", state.run, state.view), ComparedRun("B", beside.run, beside.view)
    return figure_answer(both_losses(a, b))


def curve(query: Query, state: RunState) -> Answer:
    """Figure of one metric of the feature map over the iterations."""
    return json_answer(live_responses.curve(query, state.run))


def _of_map(
    answer: Callable[[Query, JobManager, RunFolder, RunView], bytes],
) -> Callable[[Query, RunState], Answer]:
    """An answer of app/views/feature_space/live_responses.py; empty where there is nothing (yet)."""

    def compute(query: Query, state: RunState) -> Answer:
        return Answer(answer(query, state.manager, state.run, state.view))

    return compute


def _bar_question(request: Request) -> Question:
    return Question(address_of(request), (_BAR,), partial(bar, dict(request.query_params)))


def _revision(state: RunState) -> str:
    return state.revision


def _stored(state: RunState) -> str:
    return state.stored


@dataclass(frozen=True)
class _RunEndpoint:
    """How an address of a run is answered; see `Question`."""

    compute: Callable[..., Answer]
    revision: Callable[[RunState], str] = _revision
    good_seconds: float = math.inf
    bulk: bool = False
    beside: bool = False
    """Whether it is about a second run, too."""

    def question(self, request: Request) -> Question:
        """The question of a request."""
        query = dict(request.query_params)
        runs = [request.path_params["run"], *([query.get("beside", "")] if self.beside else [])]
        return Question(
            address_of(request),
            tuple(map(RunSubject, runs)),
            partial(self.compute, query),
            self.revision,
            self.good_seconds,
            self.bulk,
        )


_BAR = BarSubject()
_ENDPOINTS = {
    "status": _RunEndpoint(status),
    "images": _RunEndpoint(images),
    "inspected": _RunEndpoint(inspected),
    "film": _RunEndpoint(film, _stored, bulk=True),
    "stops": _RunEndpoint(stops),
    "loss": _RunEndpoint(loss),
    "gauge": _RunEndpoint(online_evaluation),
    "both": _RunEndpoint(both, beside=True),
    "placement": _RunEndpoint(_of_map(live_responses.newest), good_seconds=MAP_SECONDS),
    "placements": _RunEndpoint(_of_map(live_responses.film), good_seconds=MAP_SECONDS, bulk=True),
    "cloud": _RunEndpoint(_of_map(live_responses.thumbnails), good_seconds=MAP_SECONDS, bulk=True),
    "curve": _RunEndpoint(curve, good_seconds=MAP_SECONDS),
}
