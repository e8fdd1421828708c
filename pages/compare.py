"""Compare: up to four runs side by side, with what differs in settings, images, losses and results."""

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
    show_settings,
    show_side,
    show_too_few,
    show_verdict,
    show_what_to_choose,
)
from app.views.compare.sides import LETTERS, are_different
from dmcore.runs.runs_root import read_runs

st.html(PAGE_STYLE)
actions = page_head(
    "Runs side by side",
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
    if not are_different(sides):
        show_what_to_choose(sides)
    else:
        compared = [side.run for side in sides]
        with actions:
            show_download(compared)
        show_verdict(compared)
        show_settings(compared)
        iteration = choose_iteration(sides)
        with st.container(key="watch_row"):
            columns = st.columns(len(sides), gap="medium")
        for letter, side, column in zip(LETTERS, sides, columns, strict=False):
            with column:
                show_side(letter, side, iteration)
        show_losses(sides)
