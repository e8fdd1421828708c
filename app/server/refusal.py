"""Answers to requests that are refused: a page that asks for the key, or one sentence as JSON."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse, JSONResponse, Response

KEY_NEEDED = (
    "this app is for the person who started it: open the address that dm-explorer printed in its terminal"
)
_NO_STORE = {"Cache-Control": "no-store"}
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dm-explorer: key needed</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; --text: #0F141B; --page: #FFFFFF; --panel: #F3F5F8; --line: #7C8794;
  --action: #0B62A8; --wrong: #A3271B }}
@media (prefers-color-scheme: dark) {{
  :root {{ --text: #F4F6F9; --page: #05070A; --panel: #171C24; --line: #7D8896; --action: #2A7ABF;
    --wrong: #FF9A8C }}
}}
* {{ box-sizing: border-box }}
body {{ margin: 0; padding: 12vh 1rem 2rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif }}
main {{ max-width: 34rem; margin: 0 auto }}
h1 {{ margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance }}
p {{ margin: 0 0 1rem }}
code {{ padding: .1em .35em; border-radius: .25rem; background: var(--panel) }}
form {{ display: flex; flex-wrap: wrap; gap: .5rem; align-items: end }}
label {{ flex: 1 1 16rem }}
input {{ display: block; width: 100%; margin-top: .25rem; min-height: 2.75rem; padding: 0 .75rem;
  font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line);
  border-radius: .5rem }}
button {{ min-height: 2.75rem; padding: 0 1.25rem; font: inherit; color: #FFFFFF; background: var(--action);
  border: 0; border-radius: .5rem; cursor: pointer }}
:focus-visible {{ outline: 2px solid var(--action); outline-offset: 2px }}
.wrong {{ color: var(--wrong) }}
</style>
</head>
<body>
<main>
<h1>This app is for the person who started it</h1>
<p>Open the address that <code>dm-explorer</code> printed in its terminal, or paste it or its key here.
<code>dm-explorer</code>, started again with the same folders, opens and prints the address once more.</p>
{wrong}<form>
{hidden}<label>Address or key
<input name="key" type="password" autocomplete="off" spellcheck="false" autofocus required></label>
<button>Open</button>
</form>
</main>
</body>
</html>
"""
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
        _PAGE.format(wrong=_WRONG if wrong else "", hidden=hidden),
        status_code=403,
        headers={"Content-Security-Policy": _PAGE_POLICY, **_NO_STORE},
    )


def refused(sentence: str) -> Response:
    """Status 403 and one sentence."""
    return JSONResponse({"error": sentence}, status_code=403, headers=_NO_STORE)
