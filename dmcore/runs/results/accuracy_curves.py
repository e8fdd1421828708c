"""Accuracy curves of a run from its stored results: one for each set, and the reference lines.

Results of the online evaluation and of `dmcore evaluate` count alike: the protocol decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dmcore.config.protocols import QUICK, is_quick, whole_set_protocol
from dmcore.runs.description import StoredResult
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
        """Number of points and lines."""
        return sum(map(len, self.by_set.values())) + len(self.random_real) + (self.all_real is not None)


def online_results(results: Iterable[StoredResult]) -> tuple[StoredResult, ...]:
    """Results by the quick protocol of the online evaluation among those of a run, in their order."""
    return tuple(result for result in results if is_quick(result.protocol, result.kind))


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
    all_real = _best_last(result for result in results if result.kind == "all_real" and _as_long(result))
    random_by_size = {sizes[result.set]: result for result in random}
    return AccuracyCurves(by_set, random_by_size, all_real[-1] if all_real else None)


def _best_last(results: Iterable[StoredResult]) -> list[StoredResult]:
    """Sort such that of two results of the same the later replaces the earlier: more networks, then newer."""
    return sorted(results, key=lambda result: (result.n, result.created))


def _as_long(result: StoredResult) -> bool:
    """Whether networks saw all real images as often as in online evaluation; their number may differ."""
    fewer = result.protocol.model_copy(update={"repeats": whole_set_protocol(QUICK).repeats})
    return is_quick(fewer, "all_real")
