"""The paper: its tables and figures, with the published numbers, what was recorded and what ran here."""

import streamlit as st

from app.components.page_head import page_head
from app.components.page_links import FEATURE_PAGE, HOW_IT_WORKS_PAGE, WATCH_PAGE
from app.components.styles import PAGE_STYLE, page_style
from app.run.provenance import show_hidden_line
from app.text.escaping import plain_text
from app.views.paper import fidelity
from app.views.paper.address import chosen_item, open_item
from app.views.paper.cards import SHOWN, read_cards, show_cards
from app.views.paper.detail import show_item
from app.views.paper.evidence import has_recorded

st.html(PAGE_STYLE)
st.html(page_style("paper"))
cards, name = read_cards(), chosen_item()
chosen = next((card for card in cards if card.item.name == name), None)
faithful = name == fidelity.NAME
if faithful:
    title, sentence = fidelity.TITLE, ""
elif chosen is not None:
    title, sentence = f"{chosen.item.title}: {chosen.item.subject[0].lower()}{chosen.item.subject[1:]}", ""
else:
    title = "The paper"
    sentence = (
        "Its tables and figures, with the numbers that Zhao and Bilen published. Below them stands what was "
        "recorded here, mostly on other data. Run one, and your own numbers are drawn as full marks."
    )
with page_head(title, sentence):
    if chosen is not None or faithful:
        st.button("All tables and figures", key="paper_back", on_click=open_item, args=("",))
    else:
        shown = st.segmented_control(
            "Show",
            list(SHOWN),
            default="all",
            required=True,
            key="shown",
            bind="query-params",
            label_visibility="collapsed",
        )
offered = [] if faithful else cards if chosen is None else [chosen]
if any(card.item.experiment is not None and has_recorded(card.item.experiment.name) for card in offered):
    show_hidden_line("paper")
if faithful:
    fidelity.show_fidelity()
elif chosen is not None:
    show_item(chosen)
else:
    if name:
        st.caption(f"There is no table or figure “{plain_text(name)}”: these are all of them.")
    show_cards([card for card in cards if card.is_shown(SHOWN[shown or "all"])])
    st.button(
        fidelity.TITLE, key="paper_fidelity", type="tertiary", on_click=open_item, args=(fidelity.NAME,)
    )
    with st.container(horizontal=True, key="paper_others", vertical_alignment="center", gap="small"):
        st.caption("Figures 1 to 3 are pictures without numbers:", width="content")
        st.page_link(HOW_IT_WORKS_PAGE, label="the method")
        st.page_link(WATCH_PAGE, label="learned images")
        st.page_link(FEATURE_PAGE, label="learned and real images in feature space")
for card in cards:
    if card.damage:
        st.warning(plain_text(card.damage))
