"""Compare: two runs side by side, with what differs in their settings, images, losses and results."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.folders import runs_root
from app.data.recorded import recorded_runs
from app.views.compare.address import (
    choose_iteration,
    choose_runs,
    chosen_sides,
    fill_address,
    recall_address,
)
from app.views.compare.download import show_download
from app.views.compare.sections import (
    show_losses,
    show_pair_verdict,
    show_settings,
    show_side,
    show_too_few,
    show_what_to_choose,
)
from app.views.compare.sides import two_different
from dmcore.runs.runs_root import read_runs

st.html(PAGE_STYLE)
actions = page_head(
    "Two runs side by side",
    "Only what differs between them: settings, images, loss and accuracy.",
)
own_runs, unreadable = read_runs(runs_root())
runs = [*own_runs, *recorded_runs()]
if len(runs) + len(unreadable) < 2:
    show_too_few()
else:
    recall_address()
    fill_address(runs)
    choose_runs(runs)
    sides = chosen_sides()
    if not two_different(sides):
        show_what_to_choose(sides)
    else:
        a, b = sides
        with actions:
            show_download(a.run, b.run)
        show_pair_verdict(a.run, b.run)
        show_settings(a.run, b.run)
        iteration = choose_iteration(a, b)
        with st.container(key="watch_row"):
            left, right = st.columns(2, gap="medium")
        with left:
            show_side("A", a, iteration)
        with right:
            show_side("B", b, iteration)
        show_losses(a, b)
