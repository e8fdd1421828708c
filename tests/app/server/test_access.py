"""Who is let in: the checks of the middleware, one by one, in front of an application that says yes."""

import time

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.server.access import SECURITY_HEADERS, AccessMiddleware, internal_error
from app.server.access_cookie import SECONDS, AccessCookie, load_cookie_secret
from app.server.key import hand_over, short_lived_key, take_key
from app.server.private_file import write_private
from app.setup.person import COOKIE as PERSON_COOKIE

KEY, OWN = "aB3-" * 10 + "_Zx", "http://127.0.0.1:8501"
"""A fixed one: it is in the names of tests."""
COOKIE = AccessCookie(b"s" * 32)
PAGE = {"Accept": "text/html,*/*"}
FOREIGN_ORIGINS = [
    *("http://localhost:3000", "http://127.0.0.1:9999", "http://127.0.0.1", "http://localhost:8501"),
    *(
        "https://127.0.0.1:8501",
        "null",
        "file://",
        "http://evil.example",
        "http://127.0.0.1:8501.evil.example",
    ),
    *("http://127.0.0.1:85010", "http://evil.example#http://127.0.0.1:8501", ""),
]


async def yes(request):
    if request.url.path == "/fails":
        raise RuntimeError("a fault")
    return PlainTextResponse("yes")


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("yes")


def client_of(url=OWN, known=True, cookie=COOKIE):
    guard = Middleware(
        AccessMiddleware,
        key=KEY,
        cookie=cookie,
        allowed_hosts=["127.0.0.1", "localhost"],
        open_path="/_stcore/health",
    )
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    routes = [WebSocketRoute("/stream", echo), Route("/{path:path}", yes, methods=methods)]
    app = Starlette(routes=routes, middleware=[guard], exception_handlers={Exception: internal_error})
    client = TestClient(app, base_url=url, follow_redirects=False, raise_server_exceptions=False)
    if known:
        client.cookies.set(AccessCookie.name(8501), COOKIE.issue(8501))
    return client


def opens(client, origin=OWN, **headers):
    """Whether a websocket is accepted."""
    headers |= {} if origin is None else {"Origin": origin}
    address = f"{client.base_url}/stream".replace("http", "ws", 1)
    try:
        with client.websocket_connect(address, headers=headers):
            return True
    except WebSocketDisconnect:
        return False


def test_a_browser_that_shows_the_key_gets_a_cookie_and_the_address_without_the_key():
    client = client_of(known=False)
    answer = client.get("/runs", params={"a": "x y", "key": KEY, "layer": "change ×8", "b": ""}, headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{OWN}/runs?a=x+y&layer=change+%C3%978&b="
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["dm_explorer_8501", PERSON_COOKIE]
    assert all({"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")) for cookie in cookies)
    assert client.get("/runs").text == "yes"
    assert opens(client)
    assert client.put("/upload", headers={"Origin": OWN}).text == "yes"


def test_the_key_in_the_browsers_command_line_is_valid_once_and_for_two_minutes(monkeypatch):
    brief, now = short_lived_key(KEY, 8501), time.time()
    assert KEY not in brief
    assert brief != short_lived_key(KEY, 8501)
    client = client_of(known=False)
    reader_of_the_process_list = TestClient(client.app, base_url=OWN, follow_redirects=False)
    assert client.get(f"/?key={brief}").status_code == 303
    assert reader_of_the_process_list.get(f"/?key={brief}").status_code == 403
    assert client.get(f"/?key={brief}").status_code == 303, "it has the cookie"
    assert client_of("http://127.0.0.1:8502", known=False).get(f"/?key={brief}").status_code == 403
    monkeypatch.setattr("app.server.access_cookie.time.time", lambda: now + 121)
    assert client_of(known=False).get(f"/?key={brief}").status_code == 403


def test_a_path_with_two_slashes_does_not_lead_to_another_server():
    answer = client_of(known=False).get(f"{OWN}//evil.example/?key={KEY}")
    assert answer.headers["location"].startswith(OWN)


@pytest.mark.parametrize("wrong", ["", "x", KEY[:-1], KEY + "x", KEY.swapcase(), "é", KEY[::-1]])
def test_a_wrong_key_is_refused_with_a_page_that_asks_for_the_right_one(wrong):
    client = client_of(known=False)
    answer = client.get("/", params={"key": wrong, "run": '"><script>'}, headers=PAGE)
    assert answer.status_code == 403
    assert "not the key of this server" in answer.text
    assert 'name="run" value="&quot;&gt;&lt;script&gt;"' in answer.text
    assert "set-cookie" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/live/bar", params={"key": wrong}).status_code == 403


def test_the_printed_address_may_be_pasted_into_the_keys_field():
    answer = client_of(known=False).get("/", params={"key": f" {OWN}/?key={KEY} "}, headers=PAGE)
    assert answer.status_code == 303


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Referer": f"{OWN}/?key={KEY}"},
        {"Cookie": f"key={KEY}"},
        {"Cookie": f"dm_explorer_8501={KEY}"},
        {"Authorization": f"token {KEY}"},
        {"X-Key": KEY},
    ],
    ids=["nothing", "referrer", "cookie", "as cookie", "authorization", "header"],
)
def test_without_the_key_in_the_address_or_its_cookie_everything_but_health_is_refused(method, given):
    client = client_of(known=False)
    for path in (
        "/",
        "/runs",
        "/live/bar",
        "/_stcore/stream",
        "/static/a.js",
        "/a/_stcore/health",
        "//",
        "/a%2e",
    ):
        answer = client.request(method, path, headers={"Origin": OWN, **given})
        assert answer.status_code == 403
        assert answer.text != "yes"
    health = client.request(method, "/_stcore/health", headers={"Origin": OWN, **given})
    assert health.status_code == (200 if method in ("GET", "HEAD") else 403)
    assert "set-cookie" not in health.headers
    assert not opens(client, **given)


def test_health_opened_as_a_page_lets_nobody_in():
    answer = client_of(known=False).get("/_stcore/health", headers=PAGE)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused_in_spite_of_the_cookie(origin):
    client = client_of()
    assert not opens(client, origin)
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        assert client.request(method, "/live/bar", headers={"Origin": origin}).status_code == 403


def test_what_writes_has_to_name_its_origin():
    client = client_of()
    assert not opens(client, None)
    assert client.put("/_stcore/upload_file/a/b").status_code == 403
    assert opens(client)
    assert client.get("/live/bar").status_code == 200  # a browser names none for a page of our own


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example:8501", "", "[::1]"]
)
def test_a_foreign_host_is_refused_everywhere_also_with_its_own_origin(host):
    client = client_of()
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert client.get("/_stcore/health", headers={"Host": host}).status_code == 403
    assert client.get(f"/?key={KEY}", headers={"Host": host}).status_code == 403
    assert client.put("/live/bar", headers=headers).status_code == 403
    assert not opens(client, **headers)


def test_the_cookie_of_one_port_is_none_of_another_which_asks_for_the_key_itself():
    """A tunnel gives the server another port on the machine of the browser."""
    client = client_of("http://localhost:9000")
    client.cookies.set(AccessCookie.name(9000), COOKIE.issue(8501))
    assert client.get("/live/bar").status_code == 403
    assert not opens(client, "http://localhost:9000")
    client.cookies.clear()
    assert client.get(f"/?key={KEY}").status_code == 303
    assert client.get("/live/bar").status_code == 200
    assert opens(client, "http://localhost:9000")


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
@pytest.mark.parametrize(
    ("mode", "destination", "status"),
    [
        ("navigate", "document", 200),
        ("navigate", "iframe", 403),
        ("navigate", "embed", 403),
        ("no-cors", "image", 403),
        ("no-cors", "script", 403),
        ("no-cors", "empty", 403),
        ("cors", "empty", 403),
    ],
)
def test_of_another_page_only_a_link_is_followed(site, mode, destination, status):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
    assert client_of().get("/live/bar", headers=headers).status_code == status


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_and_a_typed_address_are_answered(site):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert client_of().get("/live/bar", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "known", "status"),
    [("/", True, 200), ("/fails", True, 500), ("/", False, 403), (f"/?key={KEY}", False, 303)],
)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_answer_says_that_no_other_page_may_frame_or_read_it(path, known, status, accept):
    answer = client_of(known=known).get(path, headers={"Accept": accept})
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    for name in SECURITY_HEADERS:
        assert len(answer.headers.get_list(name)) == 1
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert KEY not in answer.text


def test_a_page_renews_the_cookie_and_keeps_the_persons_id():
    client = client_of()
    first = client.get("/", headers=PAGE)
    assert len(first.headers.get_list("set-cookie")) == 2
    person = client.cookies[PERSON_COOKIE]
    assert len(client.get("/", headers=PAGE).headers.get_list("set-cookie")) == 1
    assert client.cookies[PERSON_COOKIE] == person
    assert "set-cookie" not in client.get("/live/bar").headers


@pytest.mark.parametrize(
    "value",
    ["", ".", "99999999999.", f"99999999999.{'0' * 64}", "é.é", f"1.{'a' * 64}", "x" * 9000],
)
def test_a_forged_cookie_is_refused(value):
    assert not COOKIE.is_valid(value, 8501)
    assert not AccessCookie(b"t" * 32).is_valid(COOKIE.issue(8501), 8501)
    assert COOKIE.is_valid(COOKIE.issue(8501), 8501)


def test_a_cookie_ends(monkeypatch):
    value, now = COOKIE.issue(8501), time.time()
    monkeypatch.setattr("app.server.access_cookie.time.time", lambda: now + SECONDS - 60)
    assert COOKIE.is_valid(value, 8501)
    monkeypatch.setattr("app.server.access_cookie.time.time", lambda: now + SECONDS + 60)
    assert not COOKIE.is_valid(value, 8501)


def test_the_secret_of_the_cookies_outlives_the_server_and_is_private(tmp_path):
    path = tmp_path / "servers" / "cookie_secret"
    secret = load_cookie_secret(path)
    assert load_cookie_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damaged", [b"", b"zz", b"00", b"\xff" * 64])
def test_a_damaged_secret_is_replaced(tmp_path, damaged):
    path = tmp_path / "cookie_secret"
    path.write_bytes(damaged)
    secret = load_cookie_secret(path)
    assert len(secret) == 32
    assert load_cookie_secret(path) == secret


def test_a_secret_that_cannot_be_stored_lasts_as_long_as_the_server_and_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert len(load_cookie_secret(tmp_path / "file" / "cookie_secret")) == 32
    assert "open the printed address again" in capsys.readouterr().out


def test_a_private_file_closes_a_folder_that_was_open(tmp_path):
    folder = tmp_path / "servers"
    folder.mkdir(mode=0o755)
    write_private(folder / "8501.json", "text")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "8501.json").read_text() == "text"
    assert [file.name for file in folder.iterdir()] == ["8501.json"]


def test_the_launchers_key_is_taken_once_and_without_one_a_key_is_printed(monkeypatch, capsys):
    monkeypatch.delenv("DM_EXPLORER_KEY", raising=False)
    hand_over(KEY)
    assert take_key() == KEY
    assert capsys.readouterr().out == ""
    other = take_key()
    assert other != KEY
    assert f"?key={other} " in capsys.readouterr().out
