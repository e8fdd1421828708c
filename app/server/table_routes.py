"""Live endpoints of a table: its status line, summary sentences, and figures by name."""

import re
from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.components.live_line import LiveLine
from app.jobs.manager import JobManager, get_manager
from app.run.addresses import TABLE, below_base
from app.tables import live
from app.tables.state import TableState, cached_results, table_line, table_state
from app.views.architectures.live import MatrixOptions, live_matrix, matrix_line
from app.views.network_distribution.live import live_distribution
from dmcore.experiments.results import FOLDER

NO_STORE = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
TableEndpoint = Callable[[Request, JobManager, TableState], Response]


def routes(guard: Sequence[Middleware]) -> list[Route]:
    """Routes of tables, mounted next to those of runs."""
    return [
        Route(below_base(TABLE.format(table="{table}", name=name)), _of_table(answer), middleware=guard)
        for name, answer in ENDPOINTS.items()
    ]


def status(request: Request, manager: JobManager, state: TableState) -> Response:
    """The status line."""
    return _line(table_line(manager, state), request)


def matrix(request: Request, manager: JobManager, state: TableState) -> Response:
    """Figure of the table as a matrix of numbers; the query holds its options."""
    options = MatrixOptions.of_query(request.query_params)
    return JSONResponse(live_matrix(state, options).as_json(), headers=NO_STORE)


def summary(request: Request, manager: JobManager, state: TableState) -> Response:
    """Summary of the matrix in a sentence."""
    return _line(matrix_line(state), request)


def accuracy(request: Request, manager: JobManager, state: TableState) -> Response:
    """Figure of accuracies: a marker for each method and column, or lines over images per class."""
    return JSONResponse(live.live_accuracy(state, request.query_params).as_json(), headers=NO_STORE)


def training(request: Request, manager: JobManager, state: TableState) -> Response:
    """Figure of the accuracy while networks are trained on the sets of a column."""
    return JSONResponse(live.live_training(state, request.query_params).as_json(), headers=NO_STORE)


def distribution(request: Request, manager: JobManager, state: TableState) -> Response:
    """Accuracy by the networks that embed."""
    return JSONResponse(live_distribution(state).as_json(), headers=NO_STORE)


def answer(request: Request, manager: JobManager, state: TableState) -> Response:
    """What a column says so far."""
    return _line(live.summary_line(state, request.query_params), request)


ENDPOINTS: dict[str, TableEndpoint] = {
    "status": status,
    "matrix": matrix,
    "says": summary,
    "accuracy": accuracy,
    "training": training,
    "distribution": distribution,
    "answer": answer,
}
"""Endpoints by the last part of their address."""


def _line(line: LiveLine, request: Request) -> Response:
    if request.query_params.get("moment") == line.revision:
        return Response(status_code=204)
    return JSONResponse(line.as_json(), headers=NO_STORE)


def _of_table(answer: TableEndpoint) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            name = request.path_params["table"]
            if not re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", name):
                raise ValueError(f"there is no table {name!r}: choose it on its page again")
            results = cached_results(manager.runs_root / FOLDER / f"{name}.json")
            if results is None:
                raise ValueError(f"nothing is stored of the table {name}: choose it on its page again")
            return answer(request, manager, table_state(manager, results.table))
        except (ValueError, OSError) as error:
            return JSONResponse({"error": str(error)}, status_code=404)

    return endpoint
