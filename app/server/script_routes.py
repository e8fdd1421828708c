"""plotly.js as a file that a browser keeps: its address holds its version, so it is asked for once.

It is sent as it is: compressing its 4.8 MB takes 0.14 s of a core and saves 3.3 MB once in a browser, on a
machine that mostly talks to itself.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.components.base_path import below_base
from app.components.plotly_script import FOLDER, NAME, read_plotly

YEAR_SECONDS = 365 * 24 * 3600
KEPT = {"Cache-Control": f"private, max-age={YEAR_SECONDS}, immutable", "Content-Encoding": "identity"}
"""Response headers of what never changes at its address; kept by browsers only, for it is behind the key."""


def script_routes() -> list[Route]:
    """Route of plotly.js; other names, such as that of another version, are not found."""
    return [Route(below_base(f"{FOLDER}/{{name}}"), _send_script)]


def _send_script(request: Request) -> Response:
    if request.path_params["name"] != NAME:
        return PlainTextResponse("not a script of this server: reload the page", 404)
    return Response(read_plotly(), media_type="text/javascript", headers=KEPT)
