"""ASGI middleware that lets in only browsers that have shown the key of this server, from its own pages.

Three checks, for Streamlit's addresses and websocket as for ours. The Host header names this machine (no DNS
rebinding). What another page sends is refused, also from another port of this machine, to which a browser
sends the same cookies; links to a page stay possible. The rest needs the key: once in the address, exchanged
for a cookie.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from app.server import refusal
from app.server.access_cookie import SECONDS, AccessCookie
from app.server.key import KeyCheck
from app.setup.person import COOKIE as PERSON_COOKIE

KEY_PARAMETER = "key"
YEAR_SECONDS = 365 * 24 * 3600
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "frame-ancestors 'self'; base-uri 'self'; object-src 'none'; form-action 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer: no foreign page frames it, reads it, or learns its address."""
_HOST = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")


@dataclass(frozen=True)
class _OwnAddress:
    """This server's address as the browser sees it, which a tunnel can give another port."""

    origin: str
    port: int


class AccessMiddleware:
    """Checks every request and websocket, see above, and adds `SECURITY_HEADERS` to every answer.

    Args:
        app: the application behind it.
        key: what a browser has to show once.
        cookie: what it gets for it.
        allowed_hosts: names of this machine in the Host header; none allows every name.
        open_path: the one path that is answered without the key.
    """

    installed: ClassVar[bool] = False
    """Whether an application of this process has it."""

    def __init__(
        self, app: ASGIApp, *, key: str, cookie: AccessCookie, allowed_hosts: Sequence[str], open_path: str
    ) -> None:
        self._app, self._key, self._cookie, self._open_path = app, KeyCheck(key), cookie, open_path
        self._allowed_hosts = frozenset(name.lower() for name in allowed_hosts)
        AccessMiddleware.installed = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on to the application."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer, cookies = self._decide(HTTPConnection(scope))
        send = _with_headers(send, cookies)
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: status 403
        else:
            await answer(scope, receive, send)

    def _decide(self, connection: HTTPConnection) -> tuple[Response | None, list[str]]:
        """Decide on a request: its answer, None to pass it on; and the cookies to set."""
        address = self._own_address(connection)
        if address is None:
            return refusal.refused("this server answers only to the names of its own machine"), []
        if _is_from_another_page(connection, address):
            return refusal.refused("another page may not use this app: only links to it are followed"), []
        keys = connection.query_params.getlist(KEY_PARAMETER) if _reads(connection) else []
        known = self._cookie.is_valid(
            connection.cookies.get(AccessCookie.name(address.port), ""), address.port
        )
        if keys and (known or any(self._is_key(key, address.port) for key in keys)):
            return _without_key(connection), self._cookies(connection, address)
        if known:
            return None, self._cookies(connection, address) if _is_page(connection) else []
        if _reads(connection) and connection.scope["path"] == self._open_path:
            return None, []
        if _is_page(connection):
            return refusal.key_page(_other_parameters(connection), wrong=bool(keys)), []
        return refusal.refused(refusal.KEY_NEEDED), []

    def _own_address(self, connection: HTTPConnection) -> _OwnAddress | None:
        """Parse the Host header; None for a foreign one."""
        host = connection.headers.get("host", "").lower()
        match = _HOST.fullmatch(host)
        if match is None or (self._allowed_hosts and match[1].strip("[]") not in self._allowed_hosts):
            return None
        secure = connection.scope["scheme"] in ("https", "wss")
        port = int(match[2]) if match[2] else 443 if secure else 80
        return _OwnAddress(f"{'https' if secure else 'http'}://{host}", port)

    def _is_key(self, text: str, port: int) -> bool:
        """Whether a text is the key, a short-lived one, or an address with one (pasted by a person)."""
        return self._key.accepts(text.strip().rpartition(f"{KEY_PARAMETER}=")[2].partition("&")[0], port)

    def _cookies(self, connection: HTTPConnection, address: _OwnAddress) -> list[str]:
        """Set-Cookie headers: access, renewed with each page; the browser's id, if it has none."""
        cookies = [_set_cookie(AccessCookie.name(address.port), self._cookie.issue(address.port), SECONDS)]
        if not connection.cookies.get(PERSON_COOKIE):
            cookies.append(_set_cookie(PERSON_COOKIE, secrets.token_urlsafe(16), YEAR_SECONDS))
        return cookies


async def internal_error(request: Request, error: Exception) -> Response:
    """Answer to a request that failed; sent outside every middleware, so it adds the headers itself."""
    return PlainTextResponse(
        "dm-explorer failed to answer: its terminal says why", status_code=500, headers=SECURITY_HEADERS
    )


def serves_without_key() -> bool:
    """Whether a server runs the script that does not ask for the key (`streamlit run app/main.py`)."""
    is_served = runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # AppTest has a mock
    return is_served and not AccessMiddleware.installed


def _reads(connection: HTTPConnection) -> bool:
    return connection.scope["type"] == "http" and connection.scope["method"] in ("GET", "HEAD")


def _is_page(connection: HTTPConnection) -> bool:
    """Whether a browser is to show the answer as a page."""
    return _reads(connection) and "text/html" in connection.headers.get("accept", "")


def _is_from_another_page(connection: HTTPConnection, address: _OwnAddress) -> bool:
    """Whether a page of another origin sent the request, links excepted, or a writing one names no origin."""
    headers = connection.headers
    origins = headers.getlist("origin")
    if any(origin.lower() != address.origin for origin in origins):
        return True
    if not _reads(connection):
        return not origins
    destination = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    is_link = destination == ("navigate", "document")
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not is_link


def _other_parameters(connection: HTTPConnection) -> list[tuple[str, str]]:
    """Query parameters except the key."""
    return [item for item in connection.query_params.multi_items() if item[0] != KEY_PARAMETER]


def _without_key(connection: HTTPConnection) -> Response:
    """Redirect to the same address without the key."""
    url = connection.url.replace(query=urlencode(_other_parameters(connection)))
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


def _set_cookie(name: str, value: str, seconds: int) -> str:
    # Lax: a link in a mail or another page opens the app; `_is_from_another_page` refuses the rest.
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"


def _with_headers(send: Send, cookies: list[str]) -> Send:
    """Add the security headers and cookies to the answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            for cookie in cookies:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return send_with_headers
