"""What a page offers, one line each: its widgets, containers with a label or key, components and texts.

Works on Streamlit's messages alone and imports nothing of the app, so that it also lists the pages of other
versions of it.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

Properties = dict[str, Any]

ELEMENT_ID = re.compile(r"^\$\$ID-[0-9a-f]{32}-")
LIVE_ADDRESS = re.compile(r"/live/[^\s\"?\\]+(\?[^\s\"\\]*)?")
LOOK = frozenset(
    {
        *("id", "label", "help", "options", "query_param_key", "url", "marshall", "show_border", "columns"),
        *("width_config", "height_config", "gap_config", "flex_container", "label_visibility", "style"),
        *("element_type", "wrap", "wrap_lines", "language", "format", "form_id", "file_urls", "imgs"),
    }
)
"""Properties that are listed in columns of their own, or only say how something looks."""
SHOWN = frozenset({"text", "name", "alt", "title", "caption", "label", "hovertemplate"})
"""Parts of a component's content that a person reads."""


def controls_of(page: AppTest, plain: Callable[[str], str], texts: bool = False) -> list[str]:
    """The controls of a page, sorted: type, key, label, options, help, parameter of the address, the rest.

    Args:
        page: a page that was run.
        plain: takes out of a line what differs from one visit to the next.
        texts: whether sentences and what figures draw are listed too.
    """
    return sorted({plain(line) for line in _lines(page._tree, texts)})


def bound_views(page: AppTest) -> list[tuple[str, str]]:
    """Parameters of the address, with values that show another view: single choices and switches."""
    views = []
    for kind, proto in _messages(page._tree):
        parameter = getattr(proto, "query_param_key", "")
        if not parameter:
            continue
        if kind == "button_group" and proto.click_mode == 0:
            views += [(parameter, option.content) for option in proto.options]
        elif kind in ("checkbox", "expander", "popover"):
            views.append((parameter, "true"))
    return list(dict.fromkeys(views))


def is_waiting(page: AppTest) -> bool:
    """Whether the page shows that something of it is still computed."""
    return any(kind in ("progress", "skeleton", "spinner") for kind, _ in _messages(page._tree))


def _messages(block: Any) -> Iterator[tuple[str, Any]]:
    """Every element and every block with its own message, in order."""
    for child in block.children.values():
        if hasattr(child, "children"):
            if child.proto is not None:
                whole = child.proto.DESCRIPTOR.name == "Block"
                yield (child.proto.WhichOneof("type") if whole else child.type) or "block", child.proto
            yield from _messages(child)
        else:
            yield _kind(child), child.proto


def _kind(element: Any) -> str:
    return "checkbox" if element.type in ("toggle", "checkbox") else str(element.type)


def _lines(tree: Any, texts: bool) -> Iterator[str]:
    for kind, proto in _messages(tree):
        properties = MessageToDict(proto, preserving_proto_field_name=True)
        if kind in ("flex_container", "column", "vertical", "horizontal", "block"):
            if "id" in properties:
                yield f"container | {_key(properties)}"
        elif kind == "bidi_component":
            yield from _component_lines(properties, texts)
        elif hasattr(proto, "id") or kind in ("expander", "popover", "dialog", "tab", "page_link"):
            inner = properties.get(kind, {})
            yield _control_line(kind, {**properties, **inner} if isinstance(inner, dict) else properties)
        elif texts:
            yield f"text | {_text(properties)}"


def _control_line(kind: str, properties: Properties) -> str:
    options = ", ".join(map(_text, properties.get("options", ())))
    bound = f"?{properties['query_param_key']}" if "query_param_key" in properties else "-"
    rest = {name: value for name, value in properties.items() if name not in LOOK and name != kind}
    columns = (
        *(kind, _key(properties), properties.get("label", properties.get("title", ""))),
        *(f"[{options}]", properties.get("help", ""), bound, json.dumps(rest, sort_keys=True)),
    )
    return " | ".join(str(column).replace("\n", " ") for column in columns)


def _component_lines(properties: Properties, texts: bool) -> Iterator[str]:
    """A component with JavaScript, the live addresses that it polls, and what its figure draws."""
    head = f"component | {_key(properties)} | {properties.get('component_name', '')}"
    content = json.dumps(properties.get("json", "")).replace("\\", "")
    yield head
    for found in sorted({match[0] for match in LIVE_ADDRESS.finditer(content)}):
        yield f"{head} | polls {found}"
    if texts:
        figure = json.loads(properties.get("json") or "{}")
        for text in dict.fromkeys(_strings(figure)):
            yield f"{head} | says {text}"


def _strings(value: Any, name: str = "") -> Iterator[str]:
    """What a person reads in a figure or a line, wherever it stands in it."""
    if isinstance(value, dict):
        for part in value:
            yield from _strings(value[part], part)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, name)
    elif isinstance(value, str) and name in (
        "text",
        "name",
        "alt",
        "title",
        "caption",
        "label",
        "hovertemplate",
    ):
        yield value.replace("\n", " ")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(_text(part) for name, part in value.items() if name not in LOOK)
    return re.sub(r"\s+", " ", str(value))


def _key(properties: Properties) -> str:
    key = ELEMENT_ID.sub("", str(properties.get("id", "")))
    return "-" if key in ("", "None") or key.startswith("$$") else key
