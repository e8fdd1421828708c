"""Texts of the Accuracy page: help, meaning of verdicts, and how protocols compare."""

from dmcore.config import EvaluateConfig
from dmcore.config.formatting import counted
from dmcore.config.protocols import PAPER, QUICK
from dmcore.experiments.report.notes import table_size_text
from dmcore.experiments.table import Table

VERDICT_MEANING = (
    "Difference in points. A set counts once, by the mean of its networks: Welch's t-test between sets. "
    "Holds: so large a difference would rarely come by chance (p below 0.05, at least 3 sets on each side). "
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
        f"**Protocols.** Quick: {protocol_text(QUICK)}. Paper: {protocol_text(PAPER)} on each of 5 sets.",
        "**Published numbers** are dotted lines only where data, network, width, images per class, "
        "iterations and protocol are the same; else a note says in what they differ.",
        "Nothing is trained twice: the same images, network and protocol are reused, in any table.",
    ]
    if table is not None:
        paragraphs.insert(3, f"**This table**: {table_size_text(table)}.")
    return "\n\n".join(paragraphs)


def protocol_text(protocol: EvaluateConfig) -> str:
    """Format a protocol: '200 epochs, 2 networks'."""
    return f"{counted(protocol.epochs, 'epoch')}, {counted(protocol.repeats, 'network')}"
