"""Live endpoints of a pool of trained networks: its status line and accuracy histogram."""

from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.jobs.manager import JobManager, get_manager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import POOL, below_base
from app.views.network_distribution.pool_live import live_pool, pool_line
from app.views.network_distribution.pool_status import PoolStatus, pool_status
from dmcore.config.network_source import parse_source

NO_STORE = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
PoolEndpoint = Callable[[Request, JobManager, PoolStatus], Response]


def routes(guard: Sequence[Middleware]) -> list[Route]:
    """Routes of pools, mounted next to those of runs."""
    return [
        Route(below_base(POOL.format(name=name)), _of_pool(answer), middleware=guard)
        for name, answer in (("status", status_line), ("histogram", histogram))
    ]


def status_line(request: Request, manager: JobManager, status: PoolStatus) -> Response:
    """The status line."""
    line = pool_line(manager, status)
    if request.query_params.get("moment") == line.revision:
        return Response(status_code=204)
    return JSONResponse(line.as_json(), headers=NO_STORE)


def histogram(request: Request, manager: JobManager, status: PoolStatus) -> Response:
    """The accuracy histogram; `bands` are the bands to mark, the default ones where it is empty."""
    names = request.query_params.get("bands", "")
    bands = [parse_source(name) for name in names.split(",") if name]
    return JSONResponse(live_pool(status, bands).as_json(), headers=NO_STORE)


def _of_pool(answer: PoolEndpoint) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            pool = PoolRequest.model_validate_json(request.query_params.get("asked", ""))
            return answer(request, manager, pool_status(manager, pool))
        except (ValueError, OSError) as error:
            return JSONResponse({"error": str(error)}, status_code=404)

    return endpoint
