"""A started server against whoever has no key: every address, every method, and the websocket.

`pytest -s` prints what was tried and what was answered.
"""

import http.client
import os
import re
from collections import Counter
from unittest.mock import MagicMock
from urllib.error import HTTPError

import pytest
from streamlit.runtime import Runtime
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes
from support.servers import AppInTerminal
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.server.access import SECURITY_HEADERS
from app.server.routes import live_routes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEALTH = "/_stcore/health"
DISGUISED = (
    *("/_stcore/health/", "//_stcore/health", "/_stcore/health/../../live/bar", "/live/../_stcore/health"),
    *("/live/bar;/_stcore/health", "/live/bar?/_stcore/health", "/%2e/_stcore/health", "/live%2fbar"),
    *("/_stcore/health%3fx", "/_stcore/health%23x", "/_stcore/health%00", "/_stcore/health%0d%0ax"),
    *("/runs/_stcore/health", "/.%2e/live/bar", "/\\_stcore\\health", "http://127.0.0.1/live/bar"),
)
"""Paths that resemble the open one."""
PAGES = ("/", "/runs", "/feature_space", "/accuracy", "/architectures", "/network_distribution", "/compare")
PAGES += ("/how_it_works", "/race")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    if os.name != "posix":
        pytest.skip("needs a pseudo-terminal")
    folder = tmp_path_factory.mktemp("access")
    app = AppInTerminal(folder, folder / "runs")
    yield app
    app.end()


def paths_of_the_app():
    """Every address of Streamlit and of ours, its parameters filled in."""
    routes = [*live_routes(), *create_streamlit_routes(MagicMock(spec=Runtime))]
    paths = {getattr(route, "path", "") or "/" for route in routes}
    assert len(paths) > 30
    return sorted({re.sub(r"{[^}]*}", "a", path) for path in paths})


def status_of(app, method, path, **headers):
    """Status, headers and body of the answer to a request that is sent as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def handshake(app, origin, **headers):
    """Status of a websocket's handshake."""
    address = f"ws://127.0.0.1:{app.port}/_stcore/stream"
    try:
        with connect(address, origin=origin, additional_headers=headers, open_timeout=10):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


def test_a_script_without_the_key_learns_that_the_app_is_there_and_nothing_else(app, capsys):
    seen = Counter()
    for path in (*paths_of_the_app(), *PAGES, *DISGUISED):
        for method in METHODS:
            for origin in ({}, {"Origin": app.address}):
                status, headers, body = status_of(app, method, path, **origin)
                assert all(headers[name] for name in SECURITY_HEADERS), (method, path)
                if path == HEALTH and method in ("GET", "HEAD"):
                    assert status == 200
                    assert body == (b"ok" if method == "GET" else b"")
                else:
                    assert status == 403, (method, path)
                    assert b"dm-explorer" in body or b"another page" in body or method == "HEAD"
                    assert app.key.encode() not in body
                seen[status] += 1
    with capsys.disabled():
        print(f"\nwithout the key: {sum(seen.values())} requests, by status {dict(seen)}")


def test_with_the_key_pages_live_answers_and_the_websocket_work(app):
    for path in (*PAGES, "/live/bar", "/_stcore/host-config", HEALTH):
        with app.open(path) as answer:
            assert answer.status == 200
            assert "key=" not in answer.url
            assert all(answer.headers[name] for name in SECURITY_HEADERS)
    assert handshake(app, app.address, Cookie=app.cookie) == 101
    with pytest.raises(HTTPError) as missing:
        app.open("/live/runs/none/status")
    assert missing.value.code == 404
    assert all(missing.value.headers[name] for name in SECURITY_HEADERS)


def test_every_foreign_origin_is_refused_with_and_without_the_cookie(app, capsys):
    own = app.address
    lines = []
    for name, origin in {
        "own": own,
        "another local port": "http://localhost:3000",
        "the same name, another port": "http://127.0.0.1:9999",
        "another name of this machine": own.replace("127.0.0.1", "localhost"),
        "null": "null",
        "file": "file://",
        "another host": "https://evil.example",
        "none": None,
    }.items():
        headers = {} if origin is None else {"Origin": origin}
        tried = {
            "websocket": handshake(app, origin, Cookie=app.cookie),
            "websocket, no key": handshake(app, origin),
            "POST": status_of(app, "POST", "/live/bar", Cookie=app.cookie, **headers)[0],
            "GET": status_of(app, "GET", "/live/bar", Cookie=app.cookie, **headers)[0],
        }
        lines.append(f"{name:28} " + "  ".join(f"{kind} {status}" for kind, status in tried.items()))
        allowed = (101, 405, 200) if origin == own else (403, 403, 403 if origin else 200)
        assert tuple(tried.values()) == (allowed[0], 403, *allowed[1:])  # a typed address names no origin
    with capsys.disabled():
        print("\norigin", *lines, sep="\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"Referer": "{url}"},
        {"Cookie": "key={key}"},
        {"Authorization": "Bearer {key}"},
        {"Sec-WebSocket-Protocol": "streamlit, {key}"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_the_key_counts_in_the_address_only(app, headers):
    headers = {name: text.format(url=app.url, key=app.key) for name, text in headers.items()}
    assert status_of(app, "GET", "/live/bar", **headers)[0] == 403
    assert status_of(app, "POST", f"/live/bar?key={app.key}", Origin=app.address)[0] == 403
    if "Sec-WebSocket-Protocol" not in headers:
        assert handshake(app, app.address, **headers) == 403


def test_the_key_stands_in_no_answer_and_only_once_in_the_terminal(app):
    with app.open("/?width=8") as answer:
        assert app.key not in answer.read().decode()
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    for _ in range(3):
        assert handshake(app, "null") == 403
        status_of(app, "GET", f"/?key={app.key}")
    assert app.output.count(app.key) == 1
    assert len(app.output.strip().splitlines()) == 1  # nobody fills the terminal with refusals


def test_the_next_request_lives_after_a_large_upload_without_the_key(app):
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
    try:
        connection.request("PUT", "/_stcore/upload_file/a/b", body=b"x" * (1 << 22))
        assert connection.getresponse().status == 403
    except (BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
        pass
    finally:
        connection.close()
    assert status_of(app, "GET", HEALTH)[0] == 200
