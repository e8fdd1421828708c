"""Verdicts as a compact table: difference, both n and spreads, p, and the outcome as a mark with a word."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dmcore.config.formatting import THIN_SPACE, signed
from dmcore.experiments.report.comparisons import SEEMING, RowComparison, comparisons_note
from dmcore.experiments.verdicts import Outcome, p_number

MARKS: dict[Outcome, str] = {
    "holds": '<path d="M1 5.5l3 3 5-7" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "not resolved": (
        '<circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" stroke-width="1.5" '
        'stroke-dasharray="2 1.5"/>'
    ),
    "reversed": (
        '<path d="M1.5 1.5l7 7M8.5 1.5l-7 7" fill="none" stroke="currentColor" stroke-width="1.8"/>'
    ),
}
"""Mark of each outcome, drawn in a square of 10; what Holm's correction does not keep is drawn quiet."""
HEADINGS = ("Difference", "n, spread", "p", "Verdict")


def show_verdicts(comparisons: Sequence[RowComparison]) -> None:
    """Draw the verdicts, with the column above each group of them where there are several."""
    if comparisons:
        st.html(verdict_table(comparisons))


def verdict_table(comparisons: Sequence[RowComparison]) -> str:
    """Verdicts as an HTML table, and what many of them mean; a row's tooltip is its comparison and test."""
    columns = list(dict.fromkeys(comparison.ours.column for comparison in comparisons))
    rows = []
    for column in columns:
        if len(columns) > 1:
            rows.append(f'<tr class="group"><th scope="colgroup" colspan="5">{escape(column)}</th></tr>')
        rows += [_row(comparison) for comparison in comparisons if comparison.ours.column == column]
    head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
    ours, note = escape(comparisons[0].ours.row), escape(comparisons_note(comparisons))
    return (
        f'<p class="verdict-counts">{escape(outcome_counts(comparisons))}</p>'
        f'<table class="verdicts"><thead><tr><th scope="col">{ours} above</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>" + (f'<p class="verdict-counts">{note}</p>' if note else "")
    )


def outcome_counts(comparisons: Sequence[RowComparison]) -> str:
    """How many comparisons have which outcome: 'holds 7 · seems to hold 1 · not resolved 2 · …'."""
    outcomes = [comparison.outcome for comparison in comparisons]
    listed = [each for outcome in MARKS for each in (outcome, SEEMING.get(outcome)) if each]
    return " · ".join(
        f"{outcome} {outcomes.count(outcome)}"
        for outcome in listed
        if outcome in MARKS or outcome in outcomes
    )


def _row(comparison: RowComparison) -> str:
    verdict = comparison.verdict
    outcome = verdict.outcome
    style = outcome.replace(" ", "-") + (" not-kept" if comparison.outcome != outcome else "")
    mark = f'<svg viewBox="0 0 10 10" aria-hidden="true">{MARKS[outcome]}</svg>{comparison.outcome}'
    p_text = "–" if verdict.p is None else p_number(verdict.p).replace(" ", THIN_SPACE)
    evidence = f"{escape(comparison.counts_text)}<small>{escape(comparison.spreads_text)}</small>"
    cells = (escape(signed(comparison.difference)), evidence, escape(p_text))
    return (
        f'<tr class="{style}" title="{escape(comparison.sentence)}">'
        f'<th scope="row">{escape(comparison.theirs.row)}</th>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + f'<td><span class="outcome">{mark}</span></td></tr>'
    )
