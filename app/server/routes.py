"""Live endpoints that pages poll: status lines, images, an inspected image, film, charts, feature map.

They answer from the thread's latest snapshot or from the run folder, and never delay the thread. They run
next to Streamlit in its server, because a rerun of a fragment costs a browser on the same cores ten times
what these answers cost. Only this machine's names are answered: a foreign page cannot read them.
"""

from collections.abc import Callable

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.components.image_grid import Pick
from app.components.live_line import LiveLine
from app.data.folders import find_run, runs_root
from app.jobs.manager import JobManager, get_manager
from app.run.accuracy_summary import accuracy_summary_at
from app.run.addresses import BAR, RUN, below_base, images_address, inspected_address, run_address
from app.run.film_strip import film_strip
from app.run.image_details import inspected_grid
from app.run.run_bar import bar_line
from app.run.run_view import RunView, latest_view, page_revision, stored_iterations
from app.run.stage_content import image_grid, live_loss, status_line
from app.run.view_state import ViewState
from app.server import pool_routes, table_routes
from app.views.compare.sides import ComparedRun, both_losses
from app.views.feature_space import live_responses
from app.views.watch.online_evaluation_view import live_online_evaluation
from dmcore.runs.folder import RunFolder

NOTHING_NEW = 204
NO_STORE = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
"""Response headers: neither cached nor compressed; on one machine compressing costs more than sending."""


def live_routes() -> list[Route]:
    """All live routes, mounted next to Streamlit's own."""
    hosts = st.get_option("server.allowedHosts") or ["*"]
    guard = [Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)]
    return [
        Route(below_base(BAR), bar, middleware=guard),
        *(
            Route(below_base(RUN.format(run="{run}", name=name)), _of_run(answer), middleware=guard)
            for name, answer in _ANSWERS.items()
        ),
        *table_routes.routes(guard),
        *pool_routes.routes(guard),
    ]


def bar(request: Request) -> Response:
    """The run bar's line; `on_screen` is the run that the page itself shows."""
    manager = get_manager()
    manager.warm_up()  # a page is shown: torch can be loaded without delaying it
    return _line(bar_line(manager, manager.revision, request.query_params.get("on_screen")), request)


def status(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The stage's status line; `at` is the past iteration on screen, `calm` requests slow polling."""
    at, calm = ViewState.of_query(request.query_params).at, "calm" in request.query_params
    line = status_line(view, page_revision(manager, run, view), at, accuracy_summary_at(run, view), calm)
    return _line(line, request)


def images(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The stage's newest frame, in the view state of the query."""
    view_state = ViewState.of_query(request.query_params)
    grid = image_grid(view, run, view_state, images_address(run.id, view_state))
    return _nothing_new() if grid is None else _bytes(grid.packed())


def film(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """Thumbnails of the stored iterations above `after`, in the view state of the query."""
    after = request.query_params.get("after", "")
    strip = film_strip(
        view, run, ViewState.of_query(request.query_params), int(after) if after.isdecimal() else -1
    )
    return _bytes(strip) if strip else _nothing_new()


def stops(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """Stops of the time machine, and the newest iteration of the run."""
    return JSONResponse({"stops": stored_iterations(run), "newest": view.iteration}, headers=NO_STORE)


def inspected(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The newest frame of one image: `set`, and `class` and `image` from 0."""
    query = request.query_params
    pick = Pick(query.get("set", ""), int(query.get("class", "")), int(query.get("image", "")))
    if not view.images:
        return _nothing_new()
    source = inspected_address(run.id, pick.lane, pick.label, pick.image)
    return _bytes(inspected_grid(run, view, pick, source=source).packed())


def loss(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The loss figure; `at` is the iteration that it marks."""
    at = ViewState.of_query(request.query_params).at
    source = run_address(run.id, "loss", **({} if at is None else {"at": at}))
    return JSONResponse(live_loss(view, run, source, at).as_json(), headers=NO_STORE)


def online_evaluation(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The accuracy curve; `at` is the iteration that it marks."""
    at = ViewState.of_query(request.query_params).at
    source = run_address(run.id, "gauge", **({} if at is None else {"at": at}))
    return JSONResponse(live_online_evaluation(view, run, source, at).as_json(), headers=NO_STORE)


def _bytes(content: bytes) -> Response:
    return Response(content, media_type="application/octet-stream", headers=NO_STORE)


def _nothing_new() -> Response:
    return Response(status_code=NOTHING_NEW)


def both(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The loss figure of two runs; `beside` is the second."""
    other = find_run(request.query_params.get("beside", ""), runs_root())
    sides = ComparedRun("A", run, view), ComparedRun("B", other, latest_view(manager, other))
    return JSONResponse(both_losses(*sides).as_json(), headers=NO_STORE)


def _of_run(
    answer: Callable[[Request, JobManager, RunFolder, RunView], Response],
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            run = find_run(request.path_params["run"], runs_root())
            return answer(request, manager, run, latest_view(manager, run))
        except (ValueError, OSError) as error:  # removed or damaged: the page itself runs again and says so
            return JSONResponse({"error": str(error)}, status_code=404)

    return endpoint


def _line(line: LiveLine, request: Request) -> Response:
    if request.query_params.get("moment") == line.revision:
        return _nothing_new()
    return JSONResponse(line.as_json(), headers=NO_STORE)


def curve(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """Figure of one metric of the feature map over the iterations."""
    return JSONResponse(live_responses.curve(request.query_params, run), headers=NO_STORE)


def _of_map(answer: Callable[..., bytes]) -> Callable[..., Response]:
    """An answer of app/views/feature_space/live_responses.py as a response."""

    def respond(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
        content = answer(request.query_params, manager, run, view)
        return _bytes(content) if content else _nothing_new()

    return respond


_ANSWERS = {
    "status": status,
    "images": images,
    "inspected": inspected,
    "film": film,
    "stops": stops,
    "loss": loss,
    "gauge": online_evaluation,
    "both": both,
    "placement": _of_map(live_responses.newest),
    "placements": _of_map(live_responses.film),
    "cloud": _of_map(live_responses.thumbnails),
    "curve": curve,
}
