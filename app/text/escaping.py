"""What users name is shown as they wrote it: never as Markdown, never as HTML."""

import re

_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")
"""White space, but for the spaces that hold a number together."""
_MEANINGFUL = frozenset("\\`*_{}[]<>()#+-.!|~:$&")


def plain_text(text: str) -> str:
    """The text with everything escaped that Markdown would take for its own, on one line."""
    return "".join(f"\\{one}" if one in _MEANINGFUL else one for one in _BREAKS.sub(" ", text.strip()))
