"""Start page: a recorded run that plays, and the doors from there."""

import streamlit as st

from app.components.page_links import WATCH_PAGE, open_page
from app.components.styles import PAGE_STYLE
from app.jobs.manager import get_manager
from app.jobs.run_presets import FROM_NOISE
from app.run.controls import show_refusal
from app.run.on_screen import leaves_start_page
from app.views.watch.front import show_front
from app.views.watch.presenter import listen_for_presenter_keys
from app.views.watch.start import start_callback

manager = get_manager()
if leaves_start_page(manager):
    brought = {name: st.query_params.get_all(name) for name in st.query_params}
    open_page(WATCH_PAGE, brought)
st.html(PAGE_STYLE)
show_refusal()
show_front(manager)
listen_for_presenter_keys(manager, start_callback(manager, FROM_NOISE.config), sets=0)
