"""A matching step of a run, recomputed to its end."""

from dmcore.data.images import DataSet
from dmcore.experiments.gallery.outcome import WithOutcome
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_step import recompute_matching_step
from dmcore.runs.recompute.matching_values import MatchingStep


def recomputed(run: RunFolder, dataset: DataSet, iteration: int, label: int, outer: int = 0) -> MatchingStep:
    """What `recompute_matching_step` returns for a class, once it has said how far it is."""
    pieces = WithOutcome(recompute_matching_step(run, dataset, iteration, outer))
    assert list(pieces) == list(range(1, outer + 2))
    return pieces.outcome[label]
