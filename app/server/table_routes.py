"""Live endpoints of a table: its status line, summary sentences, and figures by name."""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from app.jobs.manager import get_manager
from app.run.addresses import TABLE, below_base
from app.server.answer_cache import Question
from app.server.answers import Answer, figure_answer, line_answer
from app.server.endpoint import LiveEndpoints, address_of
from app.tables import live
from app.tables.state import TableState, cached_results, table_line, table_state
from app.views.architectures.live import MatrixOptions, live_matrix, matrix_line
from app.views.network_distribution.live import live_distribution
from dmcore.experiments.results import FOLDER

Query = Mapping[str, str]


@dataclass(frozen=True)
class TableSubject:
    """Table that live endpoints answer about, by its name and key: `table1-0123456789ab`."""

    table_id: str

    def change_token(self) -> Hashable:
        """Token of a job's start, pause and end, and of a result that is written."""
        try:
            return get_manager().revision, self._file.stat().st_mtime_ns
        except (OSError, ValueError):
            return get_manager().revision, None

    def observe(self) -> TableState:
        """Newest state.

        Raises:
            ValueError: no such table, or a damaged one.
        """
        if not re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", self.table_id):
            raise ValueError(f"there is no table {self.table_id!r}: choose it on its page again")
        results = cached_results(self._file)
        if results is None:
            raise ValueError(f"nothing is stored of the table {self.table_id}: choose it on its page again")
        return table_state(get_manager(), results.table)

    @property
    def _file(self) -> Path:
        return get_manager().runs_root / FOLDER / f"{self.table_id}.json"


def routes(endpoints: LiveEndpoints) -> list[Route]:
    """Routes of tables, mounted next to those of runs."""
    return [
        endpoints.route(below_base(TABLE.format(table="{table}", name=name)), partial(_question, compute))
        for name, compute in ENDPOINTS.items()
    ]


def status(query: Query, state: TableState) -> Answer:
    """The status line."""
    return line_answer(table_line(get_manager(), state))


def matrix(query: Query, state: TableState) -> Answer:
    """Figure of the table as a matrix of numbers; the query holds its options."""
    return figure_answer(live_matrix(state, MatrixOptions.of_query(query)))


def summary(query: Query, state: TableState) -> Answer:
    """Summary of the matrix in a sentence."""
    return line_answer(matrix_line(state))


def accuracy(query: Query, state: TableState) -> Answer:
    """Figure of accuracies: a marker for each method and column, or lines over images per class."""
    return figure_answer(live.live_accuracy(state, query))


def training(query: Query, state: TableState) -> Answer:
    """Figure of the accuracy while networks are trained on the sets of a column."""
    return figure_answer(live.live_training(state, query))


def distribution(query: Query, state: TableState) -> Answer:
    """Accuracy by the networks that embed."""
    return figure_answer(live_distribution(state))


def answer(query: Query, state: TableState) -> Answer:
    """What a column says so far."""
    return line_answer(live.summary_line(state, query))


ENDPOINTS: dict[str, Callable[[Query, TableState], Answer]] = {
    "status": status,
    "matrix": matrix,
    "says": summary,
    "accuracy": accuracy,
    "training": training,
    "distribution": distribution,
    "answer": answer,
}
"""Endpoints by the last part of their address."""


def _question(compute: Callable[[Query, TableState], Answer], request: Request) -> Question:
    subject = TableSubject(request.path_params["table"])
    return Question(address_of(request), (subject,), partial(compute, dict(request.query_params)))
