"""What users name is shown as they wrote it: never as Markdown, never as HTML."""

_MEANINGFUL = frozenset("\\`*_{}[]<>()#+-.!|~:$&")


def plain_text(text: str) -> str:
    """The text with everything escaped that Markdown would take for its own, on one line."""
    return "".join(f"\\{one}" if one in _MEANINGFUL else one for one in " ".join(text.split()))
