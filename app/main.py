"""Streamlit entry script: page navigation, and the run bar above every page.

Torch is never imported here: the background thread loads it once a page is shown and its run bar polls.
"""

import streamlit as st

from app import PACKAGE, ROOT
from app.components.live_figure import mount_plotly
from app.components.scroll_to_top import scroll_to_top
from app.components.styles import APP_STYLE
from app.jobs.manager import get_manager
from app.run.on_screen import run_on_screen, take_reported_job
from app.run.run_bar import show_run_bar
from app.server.access import serves_without_key

# A material icon here would be fetched from a foreign server, at every page load.
st.set_page_config(page_title="dm-explorer", page_icon=PACKAGE / "assets" / "icon.png", layout="wide")
if serves_without_key():
    st.error("This server lets everybody in. End it, and start the app with `dm-explorer`.")
    st.stop()
watch = st.Page(ROOT / "pages" / "watch.py", title="Watch", icon=":material/visibility:", default=True)
feature_space = st.Page(
    ROOT / "pages" / "feature_space.py", title="Feature space", icon=":material/scatter_plot:"
)
pages = [
    watch,
    st.Page(ROOT / "pages" / "how_it_works.py", title="How it works", icon=":material/lightbulb:"),
    feature_space,
    st.Page(ROOT / "pages" / "accuracy.py", title="Accuracy", icon=":material/bar_chart:"),
    st.Page(ROOT / "pages" / "architectures.py", title="Architectures", icon=":material/grid_on:"),
    st.Page(
        ROOT / "pages" / "network_distribution.py",
        title="Random or trained?",
        icon=":material/school:",
    ),
    st.Page(ROOT / "pages" / "runs.py", title="Runs", icon=":material/folder_open:"),
    st.Page(ROOT / "pages" / "compare.py", title="Compare", icon=":material/compare:"),
]
page = st.navigation(pages, position="top")
st.html(APP_STYLE)
scroll_to_top(pages.index(page))
bar = st.container()
revision = get_manager().revision
try:
    page.run()
finally:
    with bar:  # last: only then is it known which run the page has on screen
        shows_run = page in (watch, feature_space)
        on_screen = take_reported_job() or (run_on_screen() if shows_run else None)
        if show_run_bar(get_manager(), revision, on_screen):
            st.switch_page(watch)
    mount_plotly()  # its megabytes would delay what can be read and clicked; here before the first figure is
