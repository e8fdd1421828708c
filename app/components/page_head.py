"""Head of a page: its title, one sentence, and right of them what is done with what the page shows."""

import html

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.text.glossary import with_terms


def page_head(title: str, sentence: str = "", path: str = "") -> DeltaGenerator:
    """Draw the head of a page; returns the row right of it, for the page's buttons.

    Args:
        title: of the page, in sentence case.
        sentence: what the page shows, as plain text; rare words in it are explained on hover.
        path: a file path in the sentence, whose words are none of those.
    """
    below = f'<p class="page-sentence">{with_terms(sentence, path)}</p>' if sentence else ""
    with st.container(key="page_head", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.html(f'<h1 class="page-title">{html.escape(title)}</h1>{below}', width="stretch")
        return st.container(
            key="page_actions", horizontal=True, width="content", gap="small", vertical_alignment="bottom"
        )
