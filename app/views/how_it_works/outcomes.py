"""Verdicts of comparisons beside a difference, in the words of the tables."""

from dmcore.config.formatting import signed
from dmcore.experiments.report.comparisons import RowComparison


def remark_of(comparison: RowComparison) -> str:
    """Difference, verdict and what decides it: '+19.6, seems to hold (sets differ by ± 0.2 and ± 6.6)'.

    Of one set that no seed changes, the networks are compared: their spread is named as such.
    """
    spreads = comparison.spreads_text
    if comparison.theirs.fixed:
        spreads = spreads.replace(" and ", ", networks by ")
    return f"{signed(comparison.difference)}, {comparison.outcome} (sets differ by {spreads})"
