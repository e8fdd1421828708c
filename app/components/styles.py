"""Style sheets, the `.css` files in this folder: rules that Streamlit's own layout does not offer.

Colours come from Streamlit's theme, sizes from the design tokens.
"""

from pathlib import Path

from app.plots.tokens import TOKENS_CSS


def component_css(module: str) -> str:
    """Style sheet next to a component's module (its `__file__`), behind the design tokens."""
    return TOKENS_CSS + Path(module).with_suffix(".css").read_text(encoding="utf-8")


APP_STYLE, PAGE_STYLE = (
    f"<style>{component_css(str(Path(__file__).with_name(name)))}</style>" for name in ("app.css", "page.css")
)
"""Of every page, and of those of the app's own layout."""
