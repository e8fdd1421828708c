"""First paint: the HTML of the start page says what it is before Streamlit has drawn anything, and moves."""

import base64
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.first_paint import EARLY_MOMENTS, ROOT_ELEMENT, FirstPaintMiddleware, first_paint
from app.views.watch.front_recording import SENTENCE, TITLE, front_recording

FRAMES = re.compile(r'<img class="frames"[^>]* data-head="([^"]+)" src="data:image/webp;base64,([^"]+)"')
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


def test_its_frames_are_the_early_ones_of_the_recorded_run_and_the_last_and_few_bytes() -> None:
    page = first_paint()
    assert len(page) < 150_000
    head, sheet = FRAMES.search(page.decode()).groups()
    recording = front_recording()
    moments = [*range(EARLY_MOMENTS), len(recording.iterations) - 1]
    assert json.loads(html.unescape(head)) == {
        "class_names": list(recording.class_names),
        "iterations": [recording.iterations[moment] for moment in moments],
    }
    sent, recorded = (
        np.asarray(Image.open(io.BytesIO(file)).convert("L"))
        for file in (base64.b64decode(sheet), recording.frames)
    )
    frames = recorded.reshape(len(recording.iterations), 28, 280)[moments]
    assert np.array_equal(sent.reshape(frames.shape), frames)


@pytest.fixture
def without_recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("DM_GALLERY", str(tmp_path))
    first_paint.cache_clear()
    yield
    first_paint.cache_clear()


@pytest.mark.usefixtures("without_recording")
def test_where_the_recording_is_missing_it_has_no_frames_and_says_the_same() -> None:
    page = first_paint().decode()
    assert html.escape(TITLE) in page
    assert not FRAMES.search(page)
    assert "{{" not in page


@pytest.mark.parametrize("path", ["/watch", "/?run=20260101-000000-digits", "/text"])
def test_other_pages_addresses_and_files_stay_as_they_are(client: TestClient, path: str) -> None:
    assert first_paint() not in client.get(path).content


def test_a_page_that_is_not_html_or_failed_passes_as_it_is() -> None:
    for answer in (PlainTextResponse(ROOT_ELEMENT), HTMLResponse(ROOT_ELEMENT, 404)):
        client = TestClient(FirstPaintMiddleware(answer))
        assert client.get("/").content == ROOT_ELEMENT
