"""The addresses that a page's live parts ask for news: status line, images, loss, run bar.

They answer from the thread's latest snapshot or from the run folder, and never hold the thread up. They run
beside Streamlit in its server, because a tick of a fragment costs a browser on the same cores ten times what
the news themselves cost. Only this machine's names are answered: a foreign page cannot read them.
"""

from collections.abc import Callable

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.compared import Side, both_losses
from app.jobs import JobManager, get_manager
from app.live_addresses import BAR, RUN, below_base, images_address, run_address
from app.live_line import Line
from app.run_bar import bar_line
from app.run_view import RunView, find_run, latest_view, page_state
from app.settings import runs_root
from app.stage import LAYERS, image_grid, live_loss, status_line
from dmcore.runs import RunFolder

NOTHING_NEW = 204
AS_IT_IS = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
"""Neither kept nor compressed: on one machine squeezing costs more than sending."""


def live_routes() -> list[Route]:
    """The routes, to be mounted beside Streamlit's own."""
    hosts = st.get_option("server.allowedHosts") or ["*"]
    guard = [Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)]
    return [
        Route(below_base(BAR), bar, middleware=guard),
        *(
            Route(below_base(RUN.format(run="{run}", name=name)), _of_run(answer), middleware=guard)
            for name, answer in (("status", status), ("images", images), ("loss", loss), ("both", both))
        ),
    ]


def bar(request: Request) -> Response:
    """The run bar's line; `on_screen` is the run that the page itself tells about."""
    manager = get_manager()
    manager.warm()  # a page stands: torch can be loaded without slowing its arrival
    return _line(bar_line(manager, manager.revision, request.query_params.get("on_screen")), request)


def status(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The stage's line."""
    return _line(status_line(view, page_state(manager, run, view)), request)


def images(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The stage's frame; `layer` is by how much changes are amplified."""
    asked = request.query_params.get("layer", "1")
    factor = int(asked) if asked in map(str, LAYERS.values()) else 1
    grid = image_grid(view, run, factor, images_address(run.id, factor))
    if grid is None:
        return Response(status_code=NOTHING_NEW)
    return Response(grid.packed(), media_type="application/octet-stream", headers=AS_IT_IS)


def loss(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The loss figure."""
    return JSONResponse(live_loss(view, run, run_address(run.id, "loss")).as_json(), headers=AS_IT_IS)


def both(request: Request, manager: JobManager, run: RunFolder, view: RunView) -> Response:
    """The loss figure of two runs; `beside` is the second."""
    other = find_run(request.query_params.get("beside", ""), runs_root())
    sides = Side("A", run, view), Side("B", other, latest_view(manager, other))
    return JSONResponse(both_losses(*sides).as_json(), headers=AS_IT_IS)


def _of_run(
    answer: Callable[[Request, JobManager, RunFolder, RunView], Response],
) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            run = find_run(request.path_params["run"], runs_root())
            return answer(request, manager, run, latest_view(manager, run))
        except (ValueError, OSError) as trouble:  # removed or damaged: the page itself runs again and says so
            return JSONResponse({"error": str(trouble)}, status_code=404)

    return endpoint


def _line(line: Line, request: Request) -> Response:
    if request.query_params.get("moment") == line.moment:
        return Response(status_code=NOTHING_NEW)
    return JSONResponse(line.as_json(), headers=AS_IT_IS)
