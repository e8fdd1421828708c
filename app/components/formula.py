"""Formula whose terms are linked to what is drawn: to look at either lights the other.

A term has a name; what stands for it, in a formula or in a component, has the attribute `data-term`. Who
points at it, or focuses it, lights all that have it: `formula.js` tells everybody by the event `dm-term`, and
`linkTerms` of elements.js is what a component hears it with.
"""

from html import escape

import streamlit as st

from app.components.scripts import declare_component
from app.components.styles import page_style

_TERMS = declare_component("dm_terms", __file__, isolate_styles=False)


def term(name: str, markup: str, title: str) -> str:
    """Markup of a term: it can be focused.

    Args:
        name: as in `data-term` of what is drawn.
        markup: HTML of the symbol.
        title: what it is, in a few plain words; on hover.
    """
    label = escape(title, quote=True)
    return f'<span class="dm-term" data-term="{escape(name)}" tabindex="0" title="{label}">{markup}</span>'


def show_formula(key: str, markup: str, in_words: str) -> None:
    """Draw a formula, and below it what it says in words; once a page.

    Args:
        key: widget key.
        markup: HTML, written by us, never with a name from outside; terms are made by `term`.
        in_words: the same as a plain sentence.
    """
    words = f'<p class="dm-formula-words">{escape(in_words)}</p>'
    st.html(f'{page_style("formula")}<p class="dm-formula">{markup}</p>{words}')
    _TERMS(key=key, data={})
