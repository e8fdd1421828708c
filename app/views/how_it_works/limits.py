"""Chapter: when dataset condensation is no use, by recorded results and published numbers."""

from dataclasses import dataclass

import streamlit as st

from app.components.small_figure import SmallFigure, show_small_figures
from app.data.method_accuracies import recorded_table1
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works import limits_texts as texts
from app.views.how_it_works.chapter import Chapter, NumberScale
from app.views.how_it_works.limits_figures import curve_figure, values_figure
from app.views.how_it_works.limits_numbers import (
    Value,
    hard_data,
    other_networks,
    plain_alternatives,
    published_cost,
    published_curve,
    recorded_curve,
)
from dmcore.config.models import DEFAULT_DATASET
from dmcore.experiments.table1 import NAMES

KEY = "how_it_works_limits"


@dataclass(frozen=True)
class Case:
    """Case in which learned images are no use: title, figure and what it comes to."""

    title: str
    figure: SmallFigure
    sentence: str


def show_limits(guess: str | None) -> None:
    """Draw each case; before the guess only where the curves begin, and no values."""
    revealed = guess is not None
    if recorded_curve() is None:
        st.info(texts.MISSING)
    columns = st.columns([5, 4, 4], gap="medium")
    for index, case in enumerate(_cases(revealed=revealed)):
        column = columns[0] if index == 0 else columns[1 + (index - 1) // 2]
        with column, st.container(gap=None):
            st.markdown(f"**{case.title}**")
            show_small_figures(f"{KEY}_{index}", [case.figure])
            if revealed:
                st.caption(case.sentence)
    if revealed:
        st.markdown(texts.IS_NOT)
        st.caption(plain_text(_sources()))


def _cases(*, revealed: bool) -> list[Case]:
    """Cases of which there are numbers, the curves first."""
    recorded, published = recorded_curve(), published_curve()
    curves = [published] if recorded is None else [recorded, published]
    cases = [Case("The last percent", curve_figure(curves, revealed=revealed), texts.last_percent(published))]
    size, simpler = plain_alternatives()
    if simpler:
        cases.append(
            Case("Easy images", values_figure(simpler, revealed=revealed), texts.easy(size, simpler))
        )
    hard = hard_data()
    cases.append(Case("Hard images", values_figure(hard, revealed=revealed), texts.hard(hard)))
    cost = published_cost()
    minutes = [
        Value("learn once", cost.condensing),
        Value("train on all", cost.training_all, NAMES["whole"]),
        Value("train on few", cost.training_learned),
    ]
    figure = values_figure(minutes, revealed=revealed, unit="min")
    cases.append(Case("Training only once", figure, texts.cost(cost)))
    networks = other_networks()
    if networks is not None:
        figure = values_figure(networks.tested, revealed=revealed)
        cases.append(Case("Another network", figure, texts.others(networks)))
    return cases


def _sources() -> str:
    """Where the numbers come from: recorded results by their provenance, the others from the paper."""
    curve, networks = recorded_curve(), other_networks()
    of_curve, of_networks = (each.entry if each is not None else None for each in (curve, networks))
    tables = (recorded_table1(DEFAULT_DATASET), recorded_table1("digits"))
    entries = [each for each in (of_curve, *tables, of_networks) if each is not None]
    recorded = [f"{entry.provenance.title}: {provenance_text(entry.provenance)}." for entry in entries]
    return " ".join([*dict.fromkeys(recorded), texts.PUBLISHED])


LIMITS = Chapter(
    name="limits",
    title="When is it no use?",
    sentence="Five cases in which learned images help little, and three things that they are not.",
    question=texts.question,
    answers=NumberScale(
        label="Points that learned images are ahead", start=10, high=40, unit="points", close=1
    ),
    right=texts.right_answer,
    reveal=texts.reveal,
    misconception="Learned images are always the better choice.",
    correction="They pay where images must be few, and are used again and again.",
    explanation=texts.explanation,
    show=show_limits,
)
