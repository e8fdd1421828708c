"""plotly.js as a browser gets it: kept for good at an address of its version, and behind the key."""

from importlib.metadata import version

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.components import plotly_script
from app.components.plotly_script import plotly_address
from app.server.access import AccessMiddleware
from app.server.access_cookie import AccessCookie
from app.server.script_routes import script_routes

COOKIE = AccessCookie(b"s" * 32)


def client_of(known=True):
    guard = Middleware(
        AccessMiddleware, key="k" * 43, cookie=COOKIE, allowed_hosts=[], open_path="/_stcore/health"
    )
    client = TestClient(
        Starlette(routes=script_routes(), middleware=[guard]), base_url="http://127.0.0.1:8501"
    )
    if known:
        client.cookies.set(AccessCookie.name(8501), COOKIE.issue(8501))
    return client


def test_a_browser_keeps_plotly_for_a_year_and_gets_it_as_a_script_uncompressed():
    answer = client_of().get(plotly_address(), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == "text/javascript"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "identity"
    assert int(answer.headers["content-length"]) == len(answer.content) > 1_000_000
    assert b"plotly.js v" in answer.content[:200]


def test_its_address_holds_the_version_and_that_of_another_is_not_found():
    assert plotly_address() == f"/scripts/plotly-{version('plotly')}.min.js"
    for name in ("plotly-0.1.0.min.js", "plotly.min.js", "..%2Fmain.py"):
        answer = client_of().get(f"/scripts/{name}")
        assert answer.status_code == 404, name
        assert "max-age" not in answer.headers.get("cache-control", "")


def test_without_the_key_it_is_refused_and_the_refusal_is_not_kept():
    answer = client_of(known=False).get(plotly_address())
    assert answer.status_code == 403
    assert answer.headers["cache-control"] == "no-store"


def test_it_lies_below_the_base_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plotly_script, "below_base", lambda path: f"/base{path}")
    assert plotly_address().startswith("/base/scripts/plotly-")
