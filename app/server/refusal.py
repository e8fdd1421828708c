"""Answers to requests that are refused: a page that asks for the key, or one sentence as JSON."""

from collections.abc import Iterable
from html import escape
from string import Template

from starlette.responses import HTMLResponse, JSONResponse, Response

from app import PACKAGE

KEY_NEEDED = (
    "this app is for the person who started it: open the address that dm-explorer printed in its terminal"
)
_NO_STORE = {"Cache-Control": "no-store"}
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_PAGE = Template((PACKAGE / "assets" / "key_needed.html").read_text(encoding="utf-8"))
_WRONG = '<p class="wrong" role="alert">That is not the key of this server: each start makes a new one.</p>\n'


def key_page(other_parameters: Iterable[tuple[str, str]], wrong: bool) -> Response:
    """Self-contained page with a field for the key; the address's other parameters are kept.

    Args:
        other_parameters: names and values of the query parameters except the key.
        wrong: whether a key was given, and is not this server's.
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in other_parameters
    )
    return HTMLResponse(
        _PAGE.substitute(wrong=_WRONG if wrong else "", hidden=hidden),
        status_code=403,
        headers={"Content-Security-Policy": _PAGE_POLICY, **_NO_STORE},
    )


def refused(sentence: str) -> Response:
    """Status 403 and one sentence."""
    return JSONResponse({"error": sentence}, status_code=403, headers=_NO_STORE)
