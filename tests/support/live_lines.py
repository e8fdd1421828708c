"""Text of the live lines of a page, for tests without a browser."""

import json

from streamlit.testing.v1 import AppTest


def lines_of(page: AppTest) -> list[str]:
    """Text of each live line as the script drew it, in plain spaces; a mark is a dot."""
    drawn = [
        element.proto
        for element in page.get("bidi_component")
        if element.proto.component_name == "dm_live_line"
    ]
    lines = [json.loads(proto.json)["line"]["parts"] for proto in drawn]
    return [
        " | ".join(f"{'● ' if part['mark'] else ''}{part['text']}" for part in parts).replace("\u00a0", " ")
        for parts in lines
    ]
