"""The addresses that the pages of tables ask for news: the status line, and figures by name."""

import re
from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.components.live_line import Line
from app.jobs.manager import JobManager, get_manager
from app.run.addresses import TABLE, below_base
from app.tables import live
from app.tables.state import TableState, kept_results, table_line, table_state
from app.views.architectures.live import MatrixLook, live_matrix, matrix_line
from app.views.network_distribution.live import live_distribution
from dmcore.experiments.results import FOLDER

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
    return _line(table_line(manager, state), request)


def matrix(request: Request, manager: JobManager, state: TableState) -> Response:
    """Rows and columns as a matrix of numbers, looked at as the address says."""
    look = MatrixLook.of_query(request.query_params)
    return JSONResponse(live_matrix(state, look).as_json(), headers=AS_IT_IS)


def says(request: Request, manager: JobManager, state: TableState) -> Response:
    """What the matrix says, in a sentence."""
    return _line(matrix_line(state), request)


def accuracy(request: Request, manager: JobManager, state: TableState) -> Response:
    """Accuracies as a mark for each method and column, or as lines over images per class."""
    return JSONResponse(live.accuracy(state, request.query_params).as_json(), headers=AS_IT_IS)


def training(request: Request, manager: JobManager, state: TableState) -> Response:
    """Accuracy while networks learn from the sets of a column."""
    return JSONResponse(live.training(state, request.query_params).as_json(), headers=AS_IT_IS)


def distribution(request: Request, manager: JobManager, state: TableState) -> Response:
    """Accuracy by the networks that embed."""
    return JSONResponse(live_distribution(state).as_json(), headers=AS_IT_IS)


def answer(request: Request, manager: JobManager, state: TableState) -> Response:
    """What a column says so far."""
    return _line(live.answer_line(state, request.query_params), request)


ANSWERS: dict[str, Answer] = {
    "status": status,
    "matrix": matrix,
    "says": says,
    "accuracy": accuracy,
    "training": training,
    "distribution": distribution,
    "answer": answer,
}
"""By the last part of the address; a page's figure adds its own."""


def _line(line: Line, request: Request) -> Response:
    if request.query_params.get("moment") == line.moment:
        return Response(status_code=204)
    return JSONResponse(line.as_json(), headers=AS_IT_IS)


def _of_table(answer: Answer) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        manager = get_manager()
        try:
            name = request.path_params["table"]
            if not re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", name):
                raise ValueError(f"there is no table {name!r}: choose it on its page again")
            kept = kept_results(manager.runs_root / FOLDER / f"{name}.json")
            if kept is None:
                raise ValueError(f"nothing is kept of the table {name}: choose it on its page again")
            return answer(request, manager, table_state(manager, kept.table))
        except (ValueError, OSError) as trouble:
            return JSONResponse({"error": str(trouble)}, status_code=404)

    return endpoint
