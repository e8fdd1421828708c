"""Outcomes of comparisons in plain words, for readers who have not met a test."""

from dmcore.experiments.report.comparisons import SEEMING, RowComparison

PLAIN = {
    "holds": "clear",
    "reversed": "clear",
    SEEMING["holds"]: "not certain",
    SEEMING["reversed"]: "not certain",
    "not resolved": "may be chance",
}
"""What an outcome is called beside a difference, whose sign tells the direction."""


def plain_outcome(comparison: RowComparison) -> str:
    """Whether a difference may be chance: 'clear', 'not certain', 'may be chance'."""
    return PLAIN[comparison.outcome]
