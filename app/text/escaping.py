"""Escaping of user text for Markdown: it is shown as written, never as Markdown or HTML."""

import re

_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")
"""White space, but for the no-break spaces inside a number."""
_SPECIAL = frozenset("\\`*_{}[]<>()#+-.!|~:$&")


def plain_text(text: str) -> str:
    """Escape Markdown's special characters in a text and put it on one line; file names may be no text."""
    shown = _BREAKS.sub(" ", text.strip()).encode(errors="replace").decode()
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in shown)
