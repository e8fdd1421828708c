"""Design tokens, read once from app/assets/tokens.css: sizes and colours that figures share with the pages."""

import re
from typing import Literal

from app import PACKAGE

TOKENS_CSS = (PACKAGE / "assets" / "tokens.css").read_text(encoding="utf-8")
"""The style sheet itself, for pages and components."""
Theme = Literal["light", "dark"]
_TOKENS = dict(re.findall(r"--dm-([a-z0-9-]+):\s*([^;]+);", TOKENS_CSS))


def size(name: str) -> float:
    """Size, in CSS pixels, or share of a token.

    Raises:
        KeyError: there is no such token.
    """
    return float(re.sub("(px|em)$", "", _TOKENS[name]))


def colour(name: str, theme: Theme) -> str:
    """Hex colour of a token in a theme.

    Raises:
        KeyError: there is no such token.
    """
    return re.findall("#[0-9A-F]+", _TOKENS[name])[0 if theme == "light" else -1]
