"""Components of the files next to their module: HTML, style sheet and scripts.

Streamlit takes one script per component, and that script cannot import its neighbours: several are joined.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from app.plots.tokens import TOKENS_CSS

ELEMENTS_SCRIPT, MOUNTED_VIEW_SCRIPT, ELEMENTS_STYLE = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("elements.js", "mounted_view.js", "elements.css")
)
"""What the components share."""


def declare_component(
    name: str,
    module: str,
    parts: Sequence[str] = (),
    *,
    styles: Sequence[str] = (),
    isolate_styles: bool = True,
) -> ComponentRenderer:
    """Declare a component: its `.html` (nothing to see without), `.css` and `.js` have its module's name.

    Args:
        name: for Streamlit.
        module: its `__file__`.
        parts: of several scripts their names without `.js`; only the last one may export, and it exports
            the function that Streamlit calls.
        styles: names of style sheets that it shares, without `.css`; its own comes after them.
        isolate_styles: whether the page's style sheets and its own do not see each other.
    """
    path = Path(module)
    page, style = path.with_suffix(".html"), path.with_suffix(".css")
    shared_style = TOKENS_CSS + ELEMENTS_STYLE if isolate_styles else TOKENS_CSS
    for shared in styles:
        shared_style += (path.parent / f"{shared}.css").read_text(encoding="utf-8")
    names = parts or (path.stem,)
    scripts = [(path.parent / f"{part}.js").read_text(encoding="utf-8") for part in names]
    return st.components.v2.component(
        name,
        html=page.read_text(encoding="utf-8") if page.exists() else "<span></span>",
        css=shared_style + style.read_text(encoding="utf-8") if style.exists() else None,
        js="\n".join((ELEMENTS_SCRIPT, MOUNTED_VIEW_SCRIPT, *scripts)),
        isolate_styles=isolate_styles,
    )
