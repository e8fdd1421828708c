"""Accuracy curves of a run from its stored results: one for each set, and the reference lines.

Results of the online evaluation, of a run's test and of `dmcore evaluate` count alike: how the networks are
trained decides, and of two results of the same images that of more networks counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dmcore.config import EvaluateConfig
from dmcore.config.protocols import QUICK, is_quick, whole_set_protocol
from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder


@dataclass(frozen=True)
class AccuracyCurves:
    """Accuracy over iterations for each set, and references; in percent, each result with its own n."""

    by_set: dict[str, tuple[StoredResult, ...]]
    """Results of each set by iteration, sets in the run's order; sets without a result are left out."""
    random_real: dict[int, StoredResult]
    """Result of as many random real images, by images per class."""
    all_real: StoredResult | None
    """Result of the whole training set; None where nobody trained on it."""

    @property
    def count(self) -> int:
        """Number of networks that the points and lines are of."""
        points = (point for points in self.by_set.values() for point in points)
        real = (*self.random_real.values(), *([self.all_real] if self.all_real else []))
        return sum(result.n for result in (*points, *real))


def online_results(results: Iterable[StoredResult]) -> tuple[StoredResult, ...]:
    """Results of networks trained as in the online evaluation, however many, in their order."""
    return tuple(result for result in results if trained_as_online(result.protocol, result.kind))


def accuracy_curves(run: RunFolder, results: Sequence[StoredResult]) -> AccuracyCurves:
    """Make the accuracy curves of a run from the results stored so far, in any order."""
    quick = online_results(results)
    sizes = {spec.name: spec.images_per_class for spec in run.sets}
    by_set = {}
    for name in sizes:
        of_set = [result for result in quick if result.set == name and result.kind == "condensed"]
        by_iteration = {result.iteration: result for result in _best_last(of_set)}
        if by_iteration:
            by_set[name] = tuple(by_iteration[iteration] for iteration in sorted(by_iteration))
    random = _best_last(result for result in quick if result.kind == "random_real" and result.set in sizes)
    all_real = _best_last(result for result in quick if result.kind == "all_real")
    random_by_size = {sizes[result.set]: result for result in random}
    return AccuracyCurves(by_set, random_by_size, all_real[-1] if all_real else None)


def _best_last(results: Iterable[StoredResult]) -> list[StoredResult]:
    """Sort such that of two results of the same the later replaces the earlier: more networks, then newer."""
    return sorted(results, key=lambda result: (result.n, result.created))


def trained_as_online(protocol: EvaluateConfig, kind: ResultKind) -> bool:
    """Whether networks are trained as in the online evaluation; their number may differ."""
    usual = whole_set_protocol(QUICK) if kind == "all_real" else QUICK
    return is_quick(protocol.model_copy(update={"repeats": usual.repeats}), kind)
