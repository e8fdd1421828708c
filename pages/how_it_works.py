"""How it works: chapters that ask first and then show, each about one thing."""

import streamlit as st

from app.components.styles import PAGE_STYLE
from app.views.how_it_works.chapters import CHAPTERS
from app.views.how_it_works.frame import show_chapters

st.html(PAGE_STYLE)
show_chapters(CHAPTERS)
