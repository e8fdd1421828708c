"""The addresses that the pages of tables ask for news: the status line, and figures by name."""

import re
from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.jobs import JobManager, get_manager
from app.live_addresses import TABLE, below_base
from app.table_state import TableState, table_line, table_state
from dmcore.experiments.results import FOLDER, Results

AS_IT_IS = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
Answer = Callable[[Request, JobManager, TableState], Response]


def routes(guard: Sequence[Middleware]) -> list[Route]:
    """The routes, to be mounted beside those of runs."""
    return [
        Route(below_base(TABLE.format(table="{table}", name=name)), _of_table(answer), middleware=guard)
        for name, answer in ANSWERS.items()
    ]


def status(request: Request, manager: JobManager, state: TableState) -> Response:
    """The status line."""
    line = table_line(manager, state)
    if request.query_params.get("moment") == line.moment:
        return Response(status_code=204)
    return JSONResponse(line.as_json(), headers=AS_IT_IS)


ANSWERS: dict[str, Answer] = {"status": status}
"""By the last part of the address; a page's figure adds its own."""


def _of_table(answer: Answer) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            name = request.path_params["table"]
            if not re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", name):
                raise ValueError(f"there is no table {name!r}: choose it on its page again")
            kept = (manager.runs_root / FOLDER / f"{name}.json").read_bytes()
            table = Results.model_validate_json(kept).table
            return answer(request, manager, table_state(manager, table))
        except (ValueError, OSError) as trouble:
            return JSONResponse({"error": str(trouble)}, status_code=404)

    return endpoint
