"""First paint: title and sentence of the start page in the HTML that the server sends.

Streamlit's own HTML is empty, and its scripts take about a second; then the page itself takes the place.
"""

import html
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.components.base_path import below_base
from app.plots.tokens import TOKENS_CSS
from app.views.watch.front_recording import SENTENCE, TITLE

ROOT_ELEMENT = b'<div id="root">'


class FirstPaintMiddleware:
    """Adds the first paint to the start page; an address with parameters leads on to another page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request as the application does, with the first paint in the start page."""
        is_start = scope["type"] == "http" and scope["path"] == below_base("/") and not scope["query_string"]
        if not is_start or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, _with_first_paint(send))


@cache
def first_paint() -> bytes:
    """HTML of the first paint."""
    page = Path(__file__).with_name("first_paint.html").read_text(encoding="utf-8")
    tokens = TOKENS_CSS.replace(":root,\n:host", "#dm-first")
    fields = {"TOKENS": tokens, "TITLE": html.escape(TITLE), "SENTENCE": html.escape(SENTENCE)}
    for name, text in (fields | {"TILES": "<i></i>" * 10}).items():
        page = page.replace(name, text)
    return page.encode()


def _with_first_paint(send: Send) -> Send:
    """Insert it before the element that Streamlit draws in; other answers pass as they are."""
    start: Message = {}
    body = b""

    async def send_page(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start":
            start = message
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        body += message.get("body", b"")
        if message.get("more_body"):
            return
        if start["status"] == 200 and "text/html" in Headers(scope=start).get("content-type", ""):
            body = body.replace(ROOT_ELEMENT, first_paint() + ROOT_ELEMENT, 1)
            MutableHeaders(scope=start)["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return send_page
