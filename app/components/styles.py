"""Style sheets of the app and of its pages: rules that Streamlit's own layout does not offer.

Colours come from Streamlit's theme, sizes from the design tokens.
"""

from pathlib import Path

from app.plots.tokens import TOKENS_CSS


def page_style(name: str) -> str:
    """Style sheet in this folder, by its file name without `.css`, as an HTML element."""
    rules = Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8")
    return f"<style>{rules}</style>"


APP_STYLE = f"<style>{TOKENS_CSS}</style>{page_style('app')}"
PAGE_STYLE = page_style("page")
