"""Escaping of user text for Markdown: it is shown as written, never as Markdown or HTML."""

import re

_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")
"""White space, but for the no-break spaces inside a number."""
_SPECIAL = frozenset("\\`*_{}[]<>()#+-.!|~:$&")


def plain_text(text: str) -> str:
    """Escape Markdown's special characters in a text and put it on one line; file names may be no text."""
    shown = _BREAKS.sub(" ", text.strip()).encode(errors="replace").decode()
    return "".join(map(_escaped, shown))


def message_text(text: str) -> str:
    """Escape a message of the library like `plain_text`, except the commands in it, between backquotes."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one without its other end
        return plain_text(text)
    shown = [_BREAKS.sub(" ", part.encode(errors="replace").decode()) for part in parts]
    return "".join(
        f"`{part}`" if number % 2 and part.strip() else "".join(map(_escaped, part))
        for number, part in enumerate(shown)
    ).strip()


def _escaped(char: str) -> str:
    return f"\\{char}" if char in _SPECIAL else char
