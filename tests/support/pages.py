"""Pages of the app without a browser: open one, run it again, read its text and its components."""

import json
import re
from typing import Any

from streamlit.testing.v1 import AppTest

from app import ROOT
from support.frames import unpack_frame

SECONDS = 60
"""How long a script of a page may take."""


BROKEN = "This page could not be drawn"
"""How app/main.py begins what it says in place of a page whose script failed."""


def open_page(page_file: str, **query: Any) -> AppTest:
    """Run a page of `pages/` as a link with these query parameters opens it."""
    page = AppTest.from_file(str(ROOT / "pages" / page_file), default_timeout=SECONDS)
    page.query_params.update(query)
    return run_page(page)


def open_script(script: str, **session_state: Any) -> AppTest:
    """Run a script as a page, with this session state."""
    page = AppTest.from_string(script, default_timeout=SECONDS)
    for key, value in session_state.items():
        page.session_state[key] = value
    return run_page(page)


def switch_page(visit: AppTest, page_file: str, **query: Any) -> AppTest:
    """Open the app with these query parameters, then a page of `pages/` with them."""
    visit.query_params.update(query)
    page = run_page(visit)
    page.query_params.update(query)
    return run_page(page.switch_page(f"../pages/{page_file}"))


def run_page(page: AppTest) -> AppTest:
    """Run a page's script, again if it ran before; fails when it raises."""
    __tracebackhide__ = True
    page.run()
    assert not page.exception, page.exception[0].value
    broken = [each.value for each in page.error if each.value.startswith(BROKEN)]
    assert not broken, broken[0]
    return page


def type_new_option(page: AppTest, key: str, text: str) -> None:
    """Type a text into a selectbox that has no such option; the page has to be run afterwards."""
    page.selectbox(key=key).options.append(text)  # AppTest itself refuses what is no option
    page.selectbox(key=key).set_value(text)


def text_of(page: AppTest) -> str:
    """Everything a person reads on a page except its tables, in plain spaces, with Markdown's characters."""
    __tracebackhide__ = True
    assert not page.exception, page.exception[0].value
    kinds = (
        *(page.title, page.header, page.subheader, page.markdown, page.caption),
        *(page.error, page.warning, page.info, page.success),
    )
    heads = [body for body in html_of(page) if 'class="page-title"' in body]
    texts = [*lines_of(page), *heads, *(str(element.value) for kind in kinds for element in kind)]
    return plain_spaces(" | ".join(texts))


def html_of(page: AppTest) -> list[str]:
    """The HTML of each `st.html` element of a page, tables among them, in plain spaces."""
    return [plain_spaces(str(element.proto.body)) for element in page.get("html")]


def tables_of(page: AppTest) -> list[str]:
    """The HTML of each table of a page, in plain spaces."""
    return [body for body in html_of(page) if "<table" in body]


def titles_of(page: AppTest) -> list[str]:
    """Titles of the runs on the Runs page, which are in bold."""
    texts = [str(element.value) for element in page.markdown]
    return [text.strip("*") for text in texts if text.startswith("**")]


def lines_of(page: AppTest) -> list[str]:
    """Text of each live line as the script drew it, in plain spaces; a mark is a dot."""
    lines = [json.loads(proto.json)["line"]["parts"] for proto in components_of(page, "dm_live_line")]
    return [
        plain_spaces(" | ".join(f"{'● ' if part['mark'] else ''}{part['text']}" for part in parts))
        for parts in lines
    ]


def figures_of(page: AppTest) -> list[dict[str, Any]]:
    """The figures of a page as the script drew them."""
    return [json.loads(proto.json) for proto in components_of(page, "dm_live_figure")]


def image_grids_of(page: AppTest) -> list[dict[str, Any]]:
    """The headers of the image grids of a page."""
    return [unpack_frame(proto.bytes)[0] for proto in components_of(page, "dm_image_grid")]


def components_of(page: AppTest, name: str) -> list[Any]:
    """The messages that the script sent to the components of this name."""
    protos = [element.proto for element in page.get("bidi_component")]
    return [proto for proto in protos if proto.component_name == name]


def plain_spaces(text: str) -> str:
    """A text whose no-break, thin and wide spaces are ordinary ones."""
    return re.sub(r"[\u00a0\u2002\u202f]", " ", text)
