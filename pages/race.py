"""Race: which method is ahead, at what cost in time (the paper's figure 4)."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.available import available_datasets
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.text.escaping import plain_text
from app.views.race.choices import choose_race
from app.views.race.race_state import race_state
from app.views.race.sections import show_fairness, show_numbers, show_race, show_race_controls
from dmcore.runs.runs_root import list_runs

manager = get_manager()
st.html(PAGE_STYLE)
actions = page_head(
    "Which method is ahead, at what cost?",
    "Methods learn from the same data in turns, each on its own clock, and the same networks judge them.",
)
row = st.container(key="race_choices", horizontal=True, vertical_alignment="bottom", gap="small")
chosen = choose_race(row, available_datasets(list_runs(runs_root())))
for note in chosen.notes:
    st.caption(note)
if chosen.config is None:
    st.warning(plain_text(chosen.missing))
else:
    state = race_state(manager, chosen.config)
    with row:
        show_fairness(state.shown.config)
    show_race_controls(manager, state, actions)
    show_race(state)
    show_numbers(state)
