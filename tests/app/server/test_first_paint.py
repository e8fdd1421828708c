"""First paint: the HTML of the start page says what it is before Streamlit has drawn anything."""

import html
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.first_paint import ROOT_ELEMENT, FirstPaintMiddleware, first_paint
from app.views.watch.front_recording import SENTENCE, TITLE

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/", lambda request: FileResponse(INDEX)),
        Route("/watch", lambda request: FileResponse(INDEX)),
        Route("/text", lambda request: PlainTextResponse(ROOT_ELEMENT)),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(FirstPaintMiddleware)]))


def test_the_start_page_has_title_and_sentence_before_what_streamlit_draws(client: TestClient) -> None:
    answer = client.get("/")
    page = answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert page.index(html.escape(TITLE)) < page.index(html.escape(SENTENCE)) < page.index('<div id="root">')
    assert answer.content.replace(first_paint(), b"") == INDEX.read_bytes()
    assert ":root" not in first_paint().decode(), "the page's own tokens are left alone"


@pytest.mark.parametrize("path", ["/watch", "/?run=20260101-000000-digits", "/text"])
def test_other_pages_addresses_and_files_stay_as_they_are(client: TestClient, path: str) -> None:
    assert first_paint() not in client.get(path).content


def test_a_page_that_is_not_html_or_failed_passes_as_it_is() -> None:
    for answer in (PlainTextResponse(ROOT_ELEMENT), HTMLResponse(ROOT_ELEMENT, 404)):
        client = TestClient(FirstPaintMiddleware(answer))
        assert client.get("/").content == ROOT_ELEMENT
