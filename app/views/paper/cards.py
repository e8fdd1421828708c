"""Cards of the paper's tables and figures: published, recorded and one's own numbers in a small figure."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from app.components.figure_shapes import WIDTH
from app.components.page_links import RACE_PAGE, open_page
from app.components.small_figure import SmallFigure, show_small_figures
from app.views.paper.address import open_item
from app.views.paper.cost import known_estimate
from app.views.paper.evidence import (
    Evidence,
    RaceEvidence,
    has_recorded,
    races,
    recorded_evidence,
    your_evidence,
)
from app.views.paper.items import ITEMS, PaperItem
from app.views.paper.published_figures import DATA, HEIGHT, Curve
from app.views.paper.strip import HEIGHT as STRIP_HEIGHT
from app.views.paper.strip import draw_strip, points_of, sizes_text, strip_title
from app.views.paper.table_address import TableAddress, config_of, race_address, table_address
from dmcore.config.formatting import duration, grouped
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.report.entries import entry_of

STATES = {
    "yours": "run by you",
    "recorded": "recorded here",
    "published": "published only",
    "missing": "not built yet",
}
"""Marks of the cards, by state."""
SHOWN = {"all": None, "recorded": "recorded", "yours": "yours", "not built": "missing"}
"""Choices of the filter, and the state that each leaves."""


@dataclass(frozen=True)
class Card:
    """An item with what there is beside its published numbers."""

    item: PaperItem
    yours: Evidence | None
    recorded: tuple[Evidence, ...]
    damage: str = ""
    """Sentence on a table of one's own that cannot be read."""
    races: tuple[RaceEvidence, ...] = ()
    """Of figure 4, which is no table: one's own, then the recorded one."""

    @property
    def state(self) -> str:
        """Key of `STATES`."""
        if self.item.page is None:
            return "missing"
        if self.races:
            return "yours" if self.races[0].yours else "recorded"
        return "yours" if self.yours is not None else "recorded" if self.recorded else "published"

    def is_shown(self, state: str | None) -> bool:
        """Whether the filter leaves it; what you ran may have been recorded too."""
        return state in (None, self.state) or (
            state == "recorded" and (bool(self.recorded) or any(not race.yours for race in self.races))
        )

    @property
    def main(self) -> Evidence | None:
        """One's own results, else the first recorded ones."""
        return self.yours or next(iter(self.recorded), None)

    @cached_property
    def own_curve(self) -> Curve:
        """One's own accuracies of DM that the figure draws, by images per class."""
        axis = self.item.axis
        if self.yours is None or self.yours.table.dataset != DATA or axis is None:
            return {}
        table = self.yours.table
        row = "DM, batch norm" if self.item.name == "table2" else table.learned_row
        entries = [entry_of(self.yours.results, row or "", column) for column in table.columns]
        sizes = [column.split()[0] for column in table.columns]
        known = {
            float(size): entry.mean
            for size, entry in zip(sizes, entries, strict=True)
            if entry and size.isdigit()
        }
        return axis.within(known)

    @property
    def beside(self) -> tuple[Evidence, ...]:
        """Results that the figure does not draw, of one data set: for an axis of their own."""
        main = self.main
        if main is None or (self.own_curve and main.yours):
            return ()
        same = (each for each in self.recorded if each.table.dataset == main.table.dataset)
        return (main, *(each for each in same if each is not main and each.column == main.column))


def read_cards() -> list[Card]:
    """All items with what was recorded and run here."""
    cards = []
    for item in ITEMS:
        if item.experiment is None:
            cards.append(Card(item, None, (), races=tuple(races()) if item.page == RACE_PAGE else ()))
        else:
            yours, damage = your_evidence(item.experiment.name)
            cards.append(Card(item, yours, tuple(recorded_evidence(item.experiment.name)), damage))
    return cards


def show_cards(cards: Sequence[Card]) -> None:
    """Draw the cards in a grid, or that there are none of the chosen kind."""
    if not cards:
        st.info("None yet. Open a table, run it, and it stands here.")
        return
    with st.grid(key="paper_cards", min_column_width=264, gap="medium"):
        for card in cards:
            with st.container(key=f"paper_card_{card.item.name}", gap=None):
                st.html(head_markup(card))
                show_figures(f"paper_figures_{card.item.name}", card)
                st.html(foot_markup(card))
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    show_open(card)
                    st.button(
                        "Numbers and differences" if card.main else "Numbers",
                        key=f"paper_details_{card.item.name}",
                        type="tertiary",
                        on_click=open_item,
                        args=(card.item.name,),
                    )


def show_open(card: Card) -> None:
    """Button to the page that runs the item, with the settings of what is shown; none where there is none."""
    item = card.item
    if item.page is None:
        return
    if st.button(f"Open {item.title[0].lower()}{item.title[1:]}", key=f"paper_open_{item.name}"):
        address = address_of(card)
        open_page(item.page, address.params, anew=address.keys)


def address_of(card: Card) -> TableAddress:
    """Where an item that is built opens: the settings of what is shown, else its experiment's usual ones."""
    if card.item.experiment is None:
        return race_address(card.races[0].results.config if card.races else Figure4Config())
    config = None if card.main is None else config_of(card.main.table)
    return table_address(card.item.experiment() if config is None else config)


def head_markup(card: Card) -> str:
    """Title, state and subject of a card."""
    item = card.item
    state = f'<span class="state {card.state}"><i></i>{STATES[card.state]}</span>'
    return (
        f'<div class="paper-card"><h2>{html.escape(item.title)}{state}</h2>'
        f"<p>{html.escape(item.subject)}, {html.escape(item.data)}</p></div>"
    )


def show_figures(key: str, card: Card) -> None:
    """Draw the figure of the published numbers, and below it results on other data."""
    item = card.item
    own = "".join(f"; yours {value:.1f} at {size:g} per class" for size, value in card.own_curve.items())
    name = f"{item.title}, published: {item.summary}{own}."
    figures = [SmallFigure(item.draw(card.own_curve), WIDTH, HEIGHT, name)]
    if beside := card.beside:
        values = "; ".join(f"{each.name}: {point.title}" for each in beside for point in points_of(each))
        name = f"{strip_title(beside[0])}. {values}."
        figures.append(SmallFigure(draw_strip(beside), WIDTH, STRIP_HEIGHT, name))
    show_small_figures(key, figures)


def settings_text(evidence: Evidence) -> str:
    """The settings that weigh most, in a few words: '10 per class, 500 iterations, width 32'."""
    table = evidence.table
    condensed = [cell.recipe.condense for cell in table.cells if cell.recipe.condense is not None]
    most = max(config.iterations for config in condensed) if condensed else 0
    words = [sizes_text(table), *([f"{grouped(most)} iterations"] if most else [])]
    words += [f"width {condensed[0].width}"] if condensed else []
    return ", ".join(words)


def foot_markup(card: Card) -> str:
    """How what is shown was computed, and its cost; or what is missing."""
    item, main = card.item, card.main
    if item.experiment is None:
        text = (
            f"Not built yet: {item.missing}."
            if item.missing
            else "Run on the Race page, with DM, DC and DSA."
        )
        text = card.races[0].sentence if card.races else text
        return f'<div class="paper-foot">{html.escape(text)}</div>'
    if main is None:
        recorded = "Recorded results are hidden" if has_recorded(item.experiment.name) else "Nothing recorded"
        return f'<div class="paper-foot">{recorded}, and nothing run here yet.</div>'
    estimate, words = known_estimate(main.table), [settings_text(main)]
    if estimate is not None:
        words.append(f"{estimate.time_text} here")
    elif main.provenance is not None and main.provenance.seconds is not None:
        words.append(f"took {duration(main.provenance.seconds)}")
    return f'<div class="paper-foot">{html.escape("; ".join(words))}</div>'
