"""One table or figure in full: published numbers, ours beside them, why they differ, and what it costs."""

import html
from collections.abc import Iterable

import streamlit as st

from app.tables.texts import test_text
from app.text.escaping import plain_text
from app.views.paper.anatomy import SAME, Anatomy, anatomy_of
from app.views.paper.cards import Card, show_figures, show_open
from app.views.paper.cost import cost_here, recorded_text
from app.views.paper.evidence import Evidence
from app.views.paper.number_tables import SELECTION_NOTE, evidence_table, published_tables
from app.views.paper.table_address import config_of, table_address
from dmcore.config.formatting import capitalised

NO_ANATOMY = "Seconds depend on the machine: compare methods with each other, not with a published time."
"""Of an item that is measured in seconds."""


def show_item(card: Card) -> None:
    """Draw an item: figure and anatomy beside each other, all numbers below."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.caption(f"Published: {card.item.data}")
        show_figures("paper_figures", card)
        show_open(card)
        _show_costs(card)
    with right:
        _show_anatomies(card)
    st.html("<h2 class='paper-heading'>All numbers, test accuracy in percent</h2>")
    tables = [evidence_table(each).markup for each in _evidence(card)]
    tables += [table.markup for table in published_tables(card.item.name)]
    st.html(f'<div class="paper-tables">{"".join(tables)}</div>')
    if card.item.coverage:
        st.caption(plain_text(card.item.coverage))
    if card.item.name == "table1":
        st.caption(SELECTION_NOTE)
    if card.main is not None:
        with st.expander("How the test networks are trained here"):
            st.markdown(test_text(card.main.table))


def _evidence(card: Card) -> list[Evidence]:
    return [*([card.yours] if card.yours else []), *card.recorded]


def _show_anatomies(card: Card) -> None:
    item = card.item
    if item.experiment is None and not item.missing:
        of = {True: "Yours", False: "Recorded"}
        told = "".join(f"<p>{of[race.yours]}: {html.escape(race.sentence)}</p>" for race in card.races)
        st.html(f"{told}<h2 class='paper-heading'>Another machine</h2><p>{html.escape(NO_ANATOMY)}</p>")
        return
    if item.experiment is None:
        st.html(f"<h2 class='paper-heading'>Not built yet</h2><p>Missing: {html.escape(item.missing)}.</p>")
        return
    anatomies = [anatomy for each in _evidence(card) if (anatomy := anatomy_of(each)) is not None]
    if not anatomies:
        st.html(
            "<h2 class='paper-heading'>Why do they differ?</h2><p>Nothing ran here yet: run it first.</p>"
        )
        return
    st.html(f"<h2 class='paper-heading'>Why do they differ?</h2>{_markup(anatomies[0])}")
    for other in anatomies[1:]:
        summary = f"<summary>{html.escape(other.gap)}</summary>"
        st.html(f"<details class='paper-anatomy'>{summary}{_gaps(other.others)}{_parts(other)}</details>")


def _markup(anatomy: Anatomy) -> str:
    return f"{_gaps([anatomy.gap, *anatomy.others])}{_parts(anatomy)}"


def _gaps(texts: Iterable[str]) -> str:
    return "".join(f"<p class='paper-gap'>{html.escape(each)}</p>" for each in texts)


def _parts(anatomy: Anatomy) -> str:
    if not anatomy.parts:
        return f"<p>{SAME}</p>"
    rows = "".join(
        f"<li><b>{html.escape(part.difference)}</b> {html.escape(part.direction)}"
        + (f" <span>{html.escape(part.size)}</span></li>" if part.size else "</li>")
        for part in anatomy.parts
    )
    note = f"<p class='paper-note'>{html.escape(anatomy.unmeasured)}</p>" if anatomy.unmeasured else ""
    return f"<ul class='paper-parts'>{rows}</ul>{note}"


def _show_costs(card: Card) -> None:
    main, lines = card.main, []
    if main is not None:
        if text := cost_here(main.table):
            lines.append(text)
        lines += [recorded_text(each) for each in card.recorded]
        config = config_of(main.table)
        if config is None:
            lines.append("Its settings fit no form here: the link opens the usual ones.")
        elif missing := table_address(config).missing:
            lines.append(
                f"The page has no field for {', '.join(missing)}, and takes the usual value. "
                f"With exactly these settings, in a terminal: {config.command_line}"
            )
    lines.append(card.item.gpu_time)
    st.html(
        "<div class='paper-costs'>"
        + "".join(f"<p>{html.escape(capitalised(each))}</p>" for each in lines)
        + "</div>"
    )
