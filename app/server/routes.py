"""Live endpoints that pages poll: status lines, images, film, charts, feature map; one per `LiveResource`.

They answer from the thread's latest snapshot or from the run folder, once per revision for all viewers
(answer_cache.py), and never delay the thread. They run next to Streamlit in its server, because a rerun of a
fragment costs a browser on the same cores ten times what these answers cost. A viewer that has an answer, by
its `ETag` or by the `moment` of a live line, is sent none of its content. Who is answered: access.py.
"""

import json
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import views
from app.components.base_path import below_base
from app.components.live_resource import JSON, RESOURCES, Answer, LiveResource
from app.server.answer_cache import AnswerCache, OverloadedError, Question
from app.server.pacing import ViewerCount

MOMENT, VIEWER = "moment", "viewer"
"""Query parameters of a polling line: the change token of what it shows, and a random id of its tab."""
POLL_AFTER = "Poll-After"
"""Response header for a polling line: least seconds until it polls again."""
NOTHING_NEW, NOT_MODIFIED, NOT_FOUND, OVERLOADED = 204, 304, 404, 503
HEADERS = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
"""Response headers: neither cached nor compressed; on one machine compressing costs more than sending."""
RETRY_SECONDS = 2
SHARED = ("app.run.run_bar", "app.run.live", "app.tables.live")
"""Modules that declare the live resources of several pages; a page's own are in its module `live`."""


def live_modules() -> list[str]:
    """Modules that declare live resources."""
    pages = [f"app.views.{page.name}.live" for page in pkgutil.iter_modules(views.__path__)]
    return [*SHARED, *filter(find_spec, pages)]


def live_routes() -> list[Route]:
    """Routes of all declared resources, mounted next to Streamlit's own; they share a cache."""
    for module in live_modules():
        import_module(module)
    cache, viewers = AnswerCache(), ViewerCount()
    return [_route(resource, cache, viewers) for resource in RESOURCES]


def _route(resource: LiveResource[Any, Any], cache: AnswerCache, viewers: ViewerCount) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            answered = _response(await cache.answer(_question(resource, request)), request)
        except (ValueError, OSError) as error:  # removed or damaged: the page itself runs again and says so
            text = json.dumps({"error": str(error)})
            answered = Response(text, NOT_FOUND, media_type=JSON, headers=HEADERS)
        except OverloadedError:
            answered = Response(status_code=OVERLOADED, headers={"Retry-After": str(RETRY_SECONDS)})
        if MOMENT in request.query_params:
            # a tab from before there were ids counts by its connection
            viewer = request.query_params.get(VIEWER) or repr(request.client)
            answered.headers[POLL_AFTER] = f"{viewers.poll_seconds(viewer):.2f}"
        return answered

    return Route(below_base(f"{resource.subject.path}/{resource.name}"), endpoint)


def _question(resource: LiveResource[Any, Any], request: Request) -> Question:
    """Question of a request, by its path and query without what differs between viewers."""
    query, parameters = request.query_params, {**request.query_params, **request.path_params}
    names = tuple(parameters.get(name, "") for name in resource.subject.parameters)
    shared = [item for item in query.multi_items() if item[0] not in (MOMENT, VIEWER)]
    return Question(resource, names, query, f"{request.url.path}?{urlencode(shared)}")


def _response(answer: Answer, request: Request) -> Response:
    if not answer.content or (answer.moment and request.query_params.get(MOMENT) == answer.moment):
        return Response(status_code=NOTHING_NEW)
    headers = {**HEADERS, "ETag": answer.tag}
    if request.headers.get("if-none-match") == answer.tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(answer.content, media_type=answer.media_type, headers=headers)
