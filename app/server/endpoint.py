"""Live endpoint: answers from the cache on the event loop, and tells lines how soon to poll again."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.server.answer_cache import AnswerCache, OverloadedError, Question
from app.server.answers import not_found, overloaded, response
from app.server.pacing import ViewerCount

MOMENT, VIEWER = "moment", "viewer"
"""Query parameters of a polling line: the change token of what it shows, and a random id of its tab."""
POLL_AFTER = "Poll-After"
"""Response header for a polling line: least seconds until it polls again."""
QuestionOf = Callable[[Request], Question]


class LiveEndpoints:
    """Live endpoints of one application: they share a cache and a count of viewers."""

    def __init__(self) -> None:
        self._cache, self._viewers = AnswerCache(), ViewerCount()

    def route(self, path: str, question_of: QuestionOf) -> Route:
        """Route that answers the questions of its requests."""

        async def endpoint(request: Request) -> Response:
            try:
                answered = response(await self._cache.answer(question_of(request)), request)
            except (ValueError, OSError) as error:
                answered = not_found(error)
            except OverloadedError:
                answered = overloaded()
            if MOMENT in request.query_params:
                answered.headers[POLL_AFTER] = f"{self._viewers.poll_seconds(_viewer(request)):.2f}"
            return answered

        return Route(path, endpoint)


def address_of(request: Request) -> str:
    """Path and query of a request, without what differs between viewers."""
    query = [item for item in request.query_params.multi_items() if item[0] not in (MOMENT, VIEWER)]
    return f"{request.url.path}?{urlencode(query)}"


def _viewer(request: Request) -> str:
    """Id of the tab; of one from before there were ids, its connection."""
    return request.query_params.get(VIEWER) or repr(request.client)
