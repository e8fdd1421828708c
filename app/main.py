"""Streamlit entry script: page navigation, and the run bar above every page.

Torch is never imported here: the background thread loads it once a page is shown and its run bar polls.
"""

import logging

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from app import PACKAGE, ROOT
from app.components.page_links import START_PAGE, open_page
from app.components.phone_menu import close_phone_menu
from app.components.plotly_script import load_plotly_when_idle
from app.components.scroll_to_top import scroll_to_top
from app.components.states import show_failure
from app.components.styles import APP_STYLE
from app.jobs.manager import get_manager
from app.run.on_screen import (
    begin_session,
    run_on_screen,
    take_reported_job,
    watch_page_has_come,
    watch_page_is_chosen,
)
from app.run.presenter import show_presenter_frame
from app.run.run_bar import show_run_bar
from app.server.access import serves_without_key

log = logging.getLogger(__name__)
ASSETS = PACKAGE / "assets"
# A material icon here would be fetched from a foreign server, at every page load.
st.set_page_config(page_title="dm-explorer", page_icon=ASSETS / "icon.png", layout="wide")
if serves_without_key():
    st.error("This server lets everybody in. End it, and start the app with `dm-explorer`.")
    st.stop()


def page_of(name: str, title: str, *, default: bool = False) -> st.Page:
    """Page of `pages/`, by its file name without `.py`."""
    return st.Page(ROOT / "pages" / f"{name}.py", title=title, default=default)


start = page_of("start", "Start page", default=True)
watch, feature_space = page_of("watch", "Watch"), page_of("feature_space", "Feature space")
# Pages without a group stand before all groups; another order on screen would not be the keyboard's.
GROUPS = {
    "": [start, watch, page_of("runs", "Runs")],
    "Learn": [page_of("how_it_works", "How it works"), page_of("paper", "The paper")],
    "Explore": [feature_space, page_of("compare", "Compare")],
    "Results": [
        page_of("accuracy", "Accuracy"),
        page_of("architectures", "Architectures"),
        page_of("network_distribution", "Random or trained?"),
        page_of("race", "Race"),
    ],
}


def current_group_style(current: st.Page) -> str:
    """Style sheet that marks the group of the page on screen: Streamlit marks only a page without a group."""
    places = [group for name, group in GROUPS.items() if name]
    index = next((index for index, group in enumerate(places) if current in group), None)
    if index is None:
        return ""
    item = f"[data-testid='stTopNav'] > .rc-overflow-item:nth-child({len(GROUPS['']) + index + 1})"
    return f"<style>{item} button {{ box-shadow: inset 0 -2px 0 var(--accent); border-radius: 0; }}</style>"


def broken_page(error: Exception) -> str:
    """Sentences for a page whose script failed."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return (
        f"This page could not be drawn ({reason}). Runs go on, and nothing is lost. Draw it again; if that "
        "does not help, end the app in its terminal and start it anew: everything is there again."
    )


pages = [page for group in GROUPS.values() for page in group]
page = st.navigation(GROUPS, position="top")
st.logo(ASSETS / "mark.svg")
st.html(APP_STYLE + current_group_style(page))
scroll_to_top(pages.index(page))
close_phone_menu()
frame, bar = st.container(key="app_top"), st.container()
manager = get_manager()
revision = manager.revision
if page not in (start, watch) and watch_page_is_chosen():
    open_page(watch)
with frame:
    show_presenter_frame(manager, page.url_path or START_PAGE.stem)
is_left = False
try:
    page.run()
    if page is watch:
        watch_page_has_come()
except RerunException:  # another page is on its way, or this one anew: what is drawn now would delay it
    is_left = True
    raise
except Exception as error:  # whatever it is, a person reads a sentence, and the trace is in the terminal
    log.exception("the page %s could not be drawn", page.title)
    show_failure("app_page", broken_page(error), remedy="Draw it again", on_click=lambda: None)
finally:
    if not is_left:
        with bar:  # last: only then is it known which run the page has on screen
            begin_session()
            shows_run = page in (watch, feature_space)
            show_run_bar(manager, revision, take_reported_job() or (run_on_screen() if shows_run else None))
        load_plotly_when_idle()
