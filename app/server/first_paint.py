"""First paint: title, sentence and moving pictures of the start page in the HTML that the server sends.

Streamlit's own HTML is empty, and its scripts take a second or two; then the page itself takes the place and
plays on from the moment that was reached. Place, size and pace are the front component's own files.
"""

import base64
import html
import io
import json
import re
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import PACKAGE
from app.components.base_path import below_base
from app.components.front.component import Recording
from app.components.scripts import ELEMENTS_SCRIPT, ELEMENTS_STYLE
from app.plots.tokens import TOKENS_CSS
from app.views.watch.front_recording import SENTENCE, TITLE, front_recording

ROOT_ELEMENT = b'<div id="root">'
EARLY_MOMENTS = 12
"""Of the recorded run: five seconds of it."""


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
    """HTML of the first paint: grey tiles stand still in it where the recorded run is missing."""
    here, front = Path(__file__), PACKAGE / "components" / "front"
    scripts = (ELEMENTS_SCRIPT, _read(front / "learned.js"), _read(here.with_suffix(".js")))
    fields = {
        "FRONT_STYLE": TOKENS_CSS + ELEMENTS_STYLE + _read(front / "component.css"),
        "TITLE": html.escape(TITLE),
        "SENTENCE": html.escape(SENTENCE),
        "FRAMES": _frames(),
        "SCRIPT": "\n".join(scripts),
    }
    page = _read(here.with_suffix(".html"))
    return re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], page).encode()


def _frames() -> str:
    """Image element of the early moments of the recorded run and of its last one; empty if it is missing."""
    try:
        recording = front_recording()
    except ValueError:  # the page says what is missing
        return ""
    last = len(recording.iterations) - 1
    moments = [*range(min(EARLY_MOMENTS, last)), last]
    head = {
        "class_names": recording.class_names,
        "iterations": [recording.iterations[moment] for moment in moments],
    }
    sheet = base64.b64encode(_rows(recording, moments)).decode()
    return (
        f'<img class="frames" alt="" hidden data-head="{html.escape(json.dumps(head))}" '
        f'src="data:image/webp;base64,{sheet}" />'
    )


def _rows(recording: Recording, moments: list[int]) -> bytes:
    """Sheet of these moments alone."""
    with Image.open(io.BytesIO(recording.frames)) as sheet:
        pixels = np.asarray(sheet.convert("L"))
    rows = pixels.reshape(len(recording.iterations), -1, pixels.shape[1])[moments]
    stream = io.BytesIO()
    Image.fromarray(rows.reshape(-1, pixels.shape[1])).save(stream, "WEBP", lossless=True)
    return stream.getvalue()


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


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
