"""The addresses that a page with a pool of trained networks asks for news: its status line and histogram."""

from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.jobs.manager import JobManager, get_manager
from app.jobs.pool_request import AskedPool
from app.run.addresses import POOL, below_base
from app.views.network_distribution.pool_live import live_pool, pool_line
from app.views.network_distribution.pool_status import PoolStanding, pool_standing
from dmcore.config.network_source import parse_source

AS_IT_IS = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
Answer = Callable[[Request, JobManager, PoolStanding], Response]


def routes(guard: Sequence[Middleware]) -> list[Route]:
    """The routes, to be mounted beside those of runs."""
    return [
        Route(below_base(POOL.format(name=name)), _of_pool(answer), middleware=guard)
        for name, answer in (("status", status), ("histogram", histogram))
    ]


def status(request: Request, manager: JobManager, standing: PoolStanding) -> Response:
    """The status line."""
    line = pool_line(manager, standing)
    if request.query_params.get("moment") == line.moment:
        return Response(status_code=204)
    return JSONResponse(line.as_json(), headers=AS_IT_IS)


def histogram(request: Request, manager: JobManager, standing: PoolStanding) -> Response:
    """The histogram; `bands` are those to mark, the usual ones where it is empty."""
    named = request.query_params.get("bands", "")
    bands = [parse_source(one) for one in named.split(",") if one]
    return JSONResponse(live_pool(standing, bands).as_json(), headers=AS_IT_IS)


def _of_pool(answer: Answer) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            asked = AskedPool.model_validate_json(request.query_params.get("asked", ""))
            return answer(request, manager, pool_standing(manager, asked))
        except (ValueError, OSError) as trouble:
            return JSONResponse({"error": str(trouble)}, status_code=404)

    return endpoint
