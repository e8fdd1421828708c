"""Values that a link names or a browser reports: each is checked, an invalid one gets its default."""

import re
from collections.abc import Sequence


def option_of(value: object, options: Sequence[str], default: str) -> str:
    """Value where it is one of the options."""
    return value if isinstance(value, str) and value in options else default


def number_of(value: object, numbers: range, default: int) -> int:
    """Value, as a number or its text, where it is one of the whole numbers."""
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and int(text) in numbers else default
