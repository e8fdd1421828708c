"""Outcomes of comparisons in plain words, for readers who have not met a test."""

from dmcore.config.formatting import signed
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


def remark_of(comparison: RowComparison) -> str:
    """Difference, outcome and what decides it: '+19.6, not certain (spread ± 0.2 and ± 6.6)'."""
    return f"{signed(comparison.difference)}, {plain_outcome(comparison)} (spread {comparison.spreads_text})"
