"""Texts of the Accuracy page: help, meaning of verdicts, and how protocols compare."""

import math

from app.jobs.timings import data_shape
from dmcore.config import EvaluateConfig
from dmcore.config.formatting import counted, grouped
from dmcore.config.protocols import PAPER, PAPER_SETS, QUICK, training_text
from dmcore.experiments.report.entries import compared_entries, whole_set_accuracies
from dmcore.experiments.report.notes import table_size_text, whole_set_epochs
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table

VERDICT_MEANING = (
    "Difference in points. A set counts once, by the mean of its networks: Welch's t-test between sets. "
    "Below n: how far the means of the sets lie apart, their standard deviation (divisor n − 1). The wider "
    "they spread and the fewer they are, the less certain is a difference: a large one may be less certain "
    "than a small one. "
    "Holds: so large a difference would rarely come by chance (p below 0.05, at least 3 sets on each side). "
    "Seems to hold: it holds alone, but not when all comparisons of the table are judged together (Holm's "
    "correction): among so many, one may hold by chance. "
    "Where no seed changes a set, such as one mean image of each class, there is only one, and its networks "
    "are compared."
)


def help_text(meaning: str, table: Table | None) -> str:
    """Text of the help popover, as Markdown; `meaning` says what the chosen comparison shows."""
    paragraphs = [
        meaning,
        "**A dot** is one network; **a marker** is the mean over all networks of a cell, its bar the "
        "standard deviation over all of them, as published. **Dashed**: networks trained on all real images.",
        "**Two numbers n.** Networks trained on one set are repeats of one sample: more of them tell this "
        "set's accuracy better, and nothing about another set. Other seeds make independent sets. So a "
        "verdict compares the means of independent sets, at least 3 on each side, by Welch's t-test at 5 %. "
        "Images that no seed changes are one set: the others are tested against its number.",
        f"**Protocols.** Quick: {protocol_text(QUICK)}. Paper: {protocol_text(PAPER)} on each of "
        f"{PAPER_SETS} sets.",
        "**Published numbers** are dotted lines only where data, network, width, images per class, "
        "iterations and protocol are the same; else a note says in what they differ.",
        "Nothing is trained twice: the same images, network and protocol are reused, in any table.",
    ]
    if table is not None:
        paragraphs[3:3] = [f"**This table**: {table_size_text(table)}.", test_text(table)]
    return "\n\n".join(paragraphs)


def test_text(table: Table) -> str:
    """How a table's test networks are trained and tested, as Markdown; those on all real images too."""
    text = (
        f"**Each test network** starts at random and is trained on one set: {training_text(table.protocol)}. "
        "It is tested once, after the last epoch, on all test images."
    )
    epochs = whole_set_epochs(table)
    if epochs:
        text += (
            f" Networks on all real images are trained in the same way for {epochs}, not "
            f"{grouped(table.protocol.epochs)}{steps_text(table)}."
        )
    return text


def steps_text(table: Table) -> str:
    """Steps of a network on all real images against those on the largest set: ': 360 steps, fewer than …'.

    Empty where the number of real images is not known.
    """
    data = data_shape(table.dataset)
    sizes = [cell.recipe.images_per_class for cell in table.cells if cell.recipe.method != "whole"]
    trainings = [cell.recipe.training for cell in table.cells if cell.recipe.method == "whole"]
    training = next(filter(None, trainings), None)
    if data is None or not data.train or not sizes or training is None:
        return ""
    whole = training.epochs * math.ceil(data.train / training.batch)
    few = table.protocol.epochs * math.ceil(max(sizes) * data.classes / table.protocol.batch)
    order = "more than" if whole > few else "fewer than" if whole < few else "as many as"
    return f": {grouped(whole)} steps, {order} the {grouped(few)} at {grouped(max(sizes))} per class"


def above_whole_set_notes(results: Results) -> list[str]:
    """Sentence on rows that lie above networks on all real images, which are trained for fewer epochs."""
    ceilings, table = whole_set_accuracies(results), results.table
    above = [entry for entry in compared_entries(results) if entry.mean > ceilings.get(entry.column, 100.0)]
    if not above or not (epochs := whole_set_epochs(table)):
        return []
    names = ", ".join(f"{entry.row} ({entry.column})" for entry in above)
    return [
        f"Above all real images: {names}. They are not trained alike: networks on all real images for "
        f"{epochs}, those on few images for {grouped(table.protocol.epochs)}."
    ]


def protocol_text(protocol: EvaluateConfig) -> str:
    """Format a protocol: '200 epochs, 2 networks'."""
    return f"{counted(protocol.epochs, 'epoch')}, {counted(protocol.repeats, 'network')}"
