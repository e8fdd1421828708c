"""Accuracies on one number line: a row for each kind of training images, with the images and how many n."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.components.styles import page_style
from app.data.method_accuracies import Method, MethodAccuracy
from app.text.glossary import with_terms
from dmcore.config.formatting import grouped
from dmcore.runs.results.few_tests import binomial_error

TICKS = (0, 50, 100)
"""Percent."""
APART = 25
"""Percent points that a tick stays away from the name of guessing."""
PERCENT = "\N{NO-BREAK SPACE}%"
EXAMPLE = 70.0
"""Percent right: the example of what ± leaves out."""


@dataclass(frozen=True)
class AccuracyRow:
    """Row: the name of the images, a picture of them, the accuracy and what follows from it."""

    method: Method
    name: str
    picture: str
    """HTML, by `image_strip`."""
    accuracy: MethodAccuracy | None
    """None: no recorded result has it."""
    remark: str = ""
    """Short text at the end, such as a verdict."""
    detail: str = ""
    """The remark as a sentence; on hover."""
    missing: str = "not recorded"
    """Why there is no accuracy."""


def left_out(test_count: int | None) -> str:
    """What ± leaves out, as a sentence: with an example of so many test images, where that is known."""
    text = "It leaves out that the test images are a sample, too"
    if not test_count:
        return f"{text}."
    right = f"{EXAMPLE:.0f}{PERCENT} right of {grouped(test_count)}"
    return f"{text}: {right} is known to about ±{binomial_error(EXAMPLE, test_count):.1f} points."


def interval(test_count: int | None) -> str:
    """What ± is in the rows of results on so many test images, and what it leaves out, in sentences."""
    return (
        "± is the standard deviation (divisor n) over all networks of a row, those of all its sets together. "
        f"{left_out(test_count)}"
    )


def accuracy_rows(
    rows: Sequence[AccuracyRow],
    *,
    revealed: bool,
    guess: float | None = None,
    remarks: str = "",
    card: bool = False,
    test_count: int | None = None,
    classes: int | None = None,
) -> str:
    """HTML of the rows; they keep their places when the accuracies are revealed.

    Args:
        rows: from top to bottom.
        revealed: whether the accuracies are shown.
        guess: what a reader guessed, in percent; marked on the line.
        remarks: heading of the remarks; empty where no row has one.
        card: as on a result card: low rows, and recorded accuracies are drawn thin and named so, because
            they stand beside measured ones.
        test_count: test images, where it is known; named where they are fewer than 100.
        classes: number of classes, where it is known: what guessing gets right is marked on the line.
    """
    last = f"<th scope='col' class='remark'>{escape(remarks)}</th>" if remarks else ""
    few = test_count is not None and 0 < test_count < 100
    chance = 100 / classes if classes else None
    unit = f"Percent right of {test_count} unseen" if few else "Right of 100 unseen"
    head = (
        "<tr class='head'><th scope='col'>Trained on</th><th scope='col' class='picture'>"
        "<span class='unseen'>The images</span></th><th scope='col' class='line'>"
        f"<span class='unseen'>On a line from 0 to 100 %</span>{_ticks(guess, chance)}</th>"
        f"<th scope='col' class='value'>{unit}</th>{last}</tr>"
    )
    lines = [("guess", guess), ("chance", chance)]
    marks = "".join(f"<i class='{name}' style='left:{at:.4g}%'></i>" for name, at in lines if at is not None)
    body = "".join(_row(row, revealed, marks, has_remark=bool(remarks), card=card) for row in rows)
    return (
        f"{page_style('accuracy_rows')}<table class='dm-accuracies{' card' if card else ''}'>"
        f"<thead>{head}</thead><tbody>{body}</tbody></table>"
    )


def _ticks(guess: float | None, chance: float | None) -> str:
    if guess is not None:
        side = " before" if guess > 60 else ""
        return f"<i class='guessed{side}' style='left:{guess:g}%'>your guess {guess:g}{PERCENT}</i>"
    shown = [tick for tick in TICKS if chance is None or not tick - APART < chance < tick + APART]
    ticks = "".join(
        f"<i class='tick at-{tick}' style='left:{tick}%' aria-hidden='true'>"
        f"{tick}{PERCENT if tick == 100 else ''}</i>"
        for tick in shown
    )
    if chance is None:
        return ticks
    return f"<i class='tick' style='left:{chance:.4g}%'>guessing {chance:.0f}</i>{ticks}"


def _row(row: AccuracyRow, revealed: bool, marks: str, *, has_remark: bool, card: bool) -> str:
    accuracy = row.accuracy
    thin = card and accuracy is not None and accuracy.recorded
    if not revealed:
        value = "<span class='hidden-number'>?</span>"
    elif accuracy is None:
        value = f"– <small>{escape(row.missing)}</small>"
    else:
        counts = f"recorded, {accuracy.counts_text}" if thin else accuracy.counts_text
        value = f"<b>{escape(accuracy.text)}</b> <small>{escape(counts)}</small>"
        std = accuracy.std or 0.0
        low, high = max(0.0, accuracy.mean - std), min(100.0, accuracy.mean + std)
        marks += (
            f"<i class='spread' style='left:{low:.2f}%;width:{high - low:.2f}%'></i>"
            f"<i class='mark' style='left:{accuracy.mean:.2f}%'></i>"
        )
        if card and accuracy.over_draws is not None:
            draws = accuracy.over_draws
            value += f" <small>recorded: {escape(draws.text)}, {escape(draws.counts_text)}</small>"
            marks += f"<i class='mark draws' style='left:{draws.mean:.2f}%'></i>"
    remark = ""
    if has_remark:
        text = escape(row.remark) if revealed else ""
        detail = f" title='{escape(row.detail, quote=True)}' tabindex='0'" if revealed and row.detail else ""
        remark = f"<td class='remark'><span{detail}>{text}</span></td>"
    return (
        f"<tr class='{row.method}{' recorded' if thin else ''}'><th scope='row'>{with_terms(row.name)}</th>"
        f"<td class='picture'>{row.picture}</td>"
        f"<td class='line' aria-hidden='true'>{marks}</td><td class='value'>{value}</td>{remark}</tr>"
    )
