"""Design tokens, read from app/assets/tokens.css: sizes that figures share with the style sheets."""

import re

from app import PACKAGE

TOKENS_CSS = (PACKAGE / "assets" / "tokens.css").read_text(encoding="utf-8")
"""The style sheet itself, for pages and components."""
_SIZES = {name: float(value) for name, value in re.findall(r"--dm-([a-z-]+): ([0-9.]+)(?:px)?;", TOKENS_CSS)}


def size(name: str) -> float:
    """Size of a token in CSS pixels, or its share.

    Raises:
        KeyError: there is no such token, or it is not a plain number.
    """
    return _SIZES[name]
