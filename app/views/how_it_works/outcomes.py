"""Verdicts of comparisons beside a difference, in the words of the tables."""

from dmcore.config.formatting import signed
from dmcore.experiments.report.comparisons import RowComparison


def remark_of(comparison: RowComparison) -> str:
    """Difference, verdict and what decides it: '+19.6, seems to hold (spread of the sets' means ± 0.2 …)'.

    Of one set that no seed changes, the networks are compared: their spread is named as such.
    """
    spreads = comparison.spreads_text
    if comparison.theirs.fixed:
        spreads = spreads.replace(" and ", ", of the networks ")
    return f"{signed(comparison.difference)}, {comparison.outcome} (spread of the sets' means {spreads})"
