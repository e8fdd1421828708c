"""Chapter: when dataset condensation is no use. Questions one after the other, each with a figure."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st

from app.components.small_figure import SmallFigure, show_small_figures
from app.data.method_accuracies import recorded_table1
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from app.views.how_it_works.chapter import PART_PARAMETER, Chapter, NumberScale, Text, nearest
from app.views.how_it_works.limits import easy, networks, texts
from app.views.how_it_works.limits.figures import cost_figure, curve_figure, values_figure
from app.views.how_it_works.limits.numbers import (
    HARD_SIZE,
    Value,
    hard_data,
    published_cost,
    published_curve,
    recorded_curve,
)
from dmcore.config.formatting import capitalised
from dmcore.experiments.gallery.recorded import RecordedEntry

WIDEST = 420
"""CSS pixels of a figure, at most: its letters are then hardly larger than those of the text."""
PERCENT = NumberScale(label="Percent of the accuracy after all real images", start=70)
NETWORKS = {"1": "Only one", "5": "About 5", "50": "About 50", "500": "About 500"}


class Drawn(NamedTuple):
    """A figure with where its numbers are from."""

    figure: SmallFigure | None = None
    entry: RecordedEntry | None = None
    """What its numbers were recorded in; without it they are published."""
    note: str = ""
    """What else is to be known of them, as plain text."""


def show_limit(draw: Callable[[bool], Drawn] | None, guess: str | None) -> None:
    """Draw the figure of a part, and where its numbers are from."""
    if draw is None:
        if guess is not None:
            st.markdown(texts.IS_NOT)
        return
    figure, entry, note = draw(guess is not None)
    if figure is None:
        st.info(texts.MISSING)
        return
    show_small_figures("how_it_works_limits", [figure], WIDEST)
    if guess is not None:
        recorded = "" if entry is None else _recorded_text(entry)
        st.caption(f"{plain_text(note)} {plain_text(recorded) or texts.PUBLISHED}".lstrip())


def _recorded_text(entry: RecordedEntry) -> str:
    facts = provenance_text(entry.provenance)
    return f"{entry.provenance.title}: {facts[:1].lower()}{facts[1:]}."


def many_figure(revealed: bool) -> Drawn:
    """Recorded accuracies by images per class."""
    curve = recorded_curve()
    if curve is None:
        return Drawn()
    return Drawn(curve_figure(curve, revealed=revealed), curve.entry, texts.many_note())


def last_figure(revealed: bool) -> Drawn:
    """Published accuracies by images per class."""
    return Drawn(curve_figure(published_curve(), revealed=revealed))


def easy_figure(revealed: bool) -> Drawn:
    """Recorded accuracies of the simple ways on digits."""
    _, values = easy.plain_alternatives()
    return Drawn(
        _values("Digits: test accuracy", values, revealed, 0), recorded_table1("digits"), easy.note()
    )


def hard_figure(revealed: bool) -> Drawn:
    """Published shares of the full accuracy, of easy and of hard data."""
    heading = f"{HARD_SIZE} per class: share of the accuracy after all real images"
    return Drawn(_values(heading, hard_data(), revealed, 1))


def once_figure(revealed: bool) -> Drawn:
    """Published minutes, by the number of networks."""
    return Drawn(cost_figure(published_cost(), revealed=revealed))


def other_figure(revealed: bool) -> Drawn:
    """Recorded accuracies of one network after images that were learned with others."""
    other = networks.other_networks()
    if other is None:
        return Drawn()
    heading = f"{capitalised(other.data)}: accuracy of a {other.tested} after images learned with"
    return Drawn(_values(heading, other.learned, revealed, 1), other.entry, networks.note())


def _values(heading: str, values: list[Value], revealed: bool, known: int) -> SmallFigure | None:
    return values_figure(heading, values, shown=len(values) if revealed else known) if values else None


def _part(
    part: str,
    part_title: str,
    question: Text,
    answers: Mapping[str, str] | NumberScale,
    right: Text,
    reveal: Text,
    misconception: str,
    correction: str,
    draw: Callable[[bool], Drawn] | None,
    parts: tuple[Chapter, ...] = (),
    explanation: Text = texts.curve_explanation,
    truth: Text = "",
    amounts: Sequence[str] = (),
) -> Chapter:
    return Chapter(
        name="limits",
        title="When is it no use?",
        short="Limits",
        sentence="Learned images do not always help. Each question here is on one of their limits.",
        question=question,
        answers=answers,
        right=right,
        reveal=reveal,
        misconception=misconception,
        correction=correction,
        explanation=explanation,
        show=partial(show_limit, draw),
        parameters=(PART_PARAMETER,),
        truth=truth,
        amounts=amounts,
        part=part,
        part_title=part_title,
        parts=parts,
    )


LAST = _part(
    "last",
    "The last percent",
    texts.last_question,
    PERCENT,
    texts.last_right,
    texts.last_reveal,
    "A few more images, and the gap is closed.",
    "If you need the last percent, train on all real images.",
    last_figure,
)
EASY = _part(
    "easy",
    "Easy images",
    easy.question,
    {name: f"{label[0].upper()}{label[1:]}" for name, label in easy.SIMPLER.items()},
    easy.right,
    easy.reveal,
    "It always pays to learn the images.",
    "On easy data try the simplest way first.",
    easy_figure,
    explanation=easy.EXPLANATION,
    truth=easy.truth,
)
HARD = _part(
    "hard",
    "Hard images",
    texts.hard_question,
    PERCENT,
    lambda: f"{hard_data()[-1].number:.0f}",
    texts.hard_reveal,
    "What works on digits works on photographs.",
    "Look at results on data that are as hard as yours.",
    hard_figure,
    explanation=texts.hard_explanation,
)
ONCE = _part(
    "once",
    "Training only once",
    lambda: texts.once_question(published_cost()),
    NETWORKS,
    lambda: nearest(published_cost().networks, NETWORKS),
    texts.once_reveal,
    "Fewer images always save time.",
    "Learning them takes time, too. It pays if you train many networks.",
    once_figure,
    explanation=texts.once_explanation,
    truth=lambda: texts.once_truth(published_cost()),
    amounts=tuple(NETWORKS),
)
OTHER = _part(
    "other",
    "Another network",
    networks.question,
    NumberScale(label="Of 100 test images right", start=85, unit="of 100"),
    networks.right,
    networks.reveal,
    "Learned images fit any network.",
    "They may fit one far better than another: test them with the one you use.",
    other_figure,
    explanation=networks.EXPLANATION,
)
PRIVACY = _part(
    "privacy",
    "Privacy",
    "A hospital learns images from the scans of its patients. May it publish them as anonymous?",
    {"yes": "Yes: none of them is real", "few": "Yes, if they are few", "no": "No"},
    "no",
    "Whether learned images hide the real ones is disputed.",
    "A learned image shows nobody.",
    "It is made from real images. Treat it as you treat those.",
    None,
    explanation=texts.PRIVACY,
    truth="it should not",
)
LIMITS = _part(
    "",
    "Many images",
    texts.many_question,
    NumberScale(label="More of 100 right", start=10, high=40, unit="of 100", close=1),
    texts.many_right,
    texts.many_reveal,
    "Learned images are always the better choice.",
    "They are where images must be few, and are used again and again.",
    many_figure,
    (LAST, EASY, HARD, ONCE, OTHER, PRIVACY),
)
