"""Live endpoints of a pool of trained networks: its status line and accuracy histogram."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.routing import Route

from app.components.live_line import LiveLine
from app.jobs.manager import get_manager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import POOL, below_base
from app.server.answer_cache import Question
from app.server.answers import Answer, figure_answer, line_answer
from app.server.endpoint import LiveEndpoints, address_of
from app.views.network_distribution.pool_live import live_pool, pool_line
from app.views.network_distribution.pool_status import PoolStatus, pool_status
from dmcore.config.network_source import parse_source

Query = Mapping[str, str]


@dataclass(frozen=True)
class PoolState:
    """Snapshot of a pool and its status line."""

    status: PoolStatus
    line: LiveLine

    @property
    def revision(self) -> str:
        """Change token: the line tells of everything that the histogram shows."""
        return f"{self.line.revision}/{self.line.fraction}"


@dataclass(frozen=True)
class PoolSubject:
    """Pool that live endpoints answer about, by the JSON of its request."""

    request: str

    def change_token(self) -> Hashable:
        """Token of a job's start, pause and end."""
        return get_manager().revision

    def observe(self) -> PoolState:
        """Newest state.

        Raises:
            ValueError: that is no request for a pool.
        """
        manager = get_manager()
        status = pool_status(manager, PoolRequest.model_validate_json(self.request))
        return PoolState(status, pool_line(manager, status))


def routes(endpoints: LiveEndpoints) -> list[Route]:
    """Routes of pools, mounted next to those of runs."""
    return [
        endpoints.route(below_base(POOL.format(name=name)), partial(_question, compute))
        for name, compute in (("status", status_line), ("histogram", histogram))
    ]


def status_line(query: Query, state: PoolState) -> Answer:
    """The status line."""
    return line_answer(state.line)


def histogram(query: Query, state: PoolState) -> Answer:
    """The accuracy histogram; `bands` are the bands to mark, the default ones where it is empty."""
    names = query.get("bands", "")
    bands = [parse_source(name) for name in names.split(",") if name]
    return figure_answer(live_pool(state.status, bands))


def _question(compute: Callable[[Query, PoolState], Answer], request: Request) -> Question:
    query = dict(request.query_params)
    return Question(address_of(request), (PoolSubject(query.get("asked", "")),), partial(compute, query))
