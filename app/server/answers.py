"""Encoded answers of the live endpoints, and the HTTP responses that send them.

A viewer that has an answer, by its `ETag` or by the `moment` of a live line, is sent none of its content.
"""

import json
from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from app.components.live_figure import LiveFigure
from app.components.live_line import LiveLine

NOTHING_NEW, NOT_MODIFIED, NOT_FOUND, OVERLOADED = 204, 304, 404, 503
HEADERS = {"Cache-Control": "no-store", "Content-Encoding": "identity"}
"""Response headers: neither cached nor compressed; on one machine compressing costs more than sending."""
JSON, BYTES = "application/json", "application/octet-stream"
RETRY_SECONDS = 2


@dataclass(frozen=True)
class Answer:
    """Encoded content of an answer; empty content means that there is nothing to send (yet)."""

    content: bytes
    media_type: str = BYTES
    moment: str = ""
    """Change token of a live line."""
    tag: str = field(init=False)
    """Entity tag: a hash of the content."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", f'"{blake2b(self.content, digest_size=12).hexdigest()}"')


def json_answer(content: object, moment: str = "") -> Answer:
    """Answer with JSON content."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Answer(text.encode(errors="replace"), JSON, moment)  # file names may be no text


def line_answer(line: LiveLine) -> Answer:
    """Answer with a live line."""
    return json_answer(line.as_json(), line.revision)


def figure_answer(figure: LiveFigure) -> Answer:
    """Answer with a live figure."""
    return json_answer(figure.as_json())


def response(answer: Answer, request: Request) -> Response:
    """Response with the content of an answer, or without it where the viewer has it."""
    if not answer.content or (answer.moment and request.query_params.get("moment") == answer.moment):
        return Response(status_code=NOTHING_NEW)
    headers = {**HEADERS, "ETag": answer.tag}
    if request.headers.get("if-none-match") == answer.tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(answer.content, media_type=answer.media_type, headers=headers)


def not_found(error: Exception) -> Response:
    """Response for what was removed or is damaged: the page itself runs again and says so."""
    text = json.dumps({"error": str(error)})
    return Response(text, NOT_FOUND, media_type=JSON, headers=HEADERS)


def overloaded() -> Response:
    """Response while too many answers are waiting to be computed."""
    return Response(status_code=OVERLOADED, headers={"Retry-After": str(RETRY_SECONDS)})
