"""The accuracy curve of a run, from its stored results: one line for each set, and what it is held against.

Whoever stored them, this run's gauge or `dmcore evaluate`: the protocol decides. Must not import torch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.data.stored_results import stored_results
from dmcore.config.protocols import QUICK, for_whole, is_quick
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder


@dataclass(frozen=True)
class Curves:
    """All accuracies in percent, each result with its own n."""

    by_set: dict[str, tuple[StoredResult, ...]]
    """By set, in the run's order: by iteration; sets without a result are left out."""
    random_real: dict[int, StoredResult]
    """As many random real images, by images per class."""
    all_real: StoredResult | None
    """The whole training set; None where nobody trained on it."""

    @property
    def count(self) -> int:
        """Points and lines in all."""
        return sum(map(len, self.by_set.values())) + len(self.random_real) + (self.all_real is not None)


def curves_of(run: RunFolder) -> Curves:
    """What is stored by now.

    Raises:
        ValueError: a result is damaged.
    """
    results = stored_results(run)
    quick = [one for one in results if is_quick(one.protocol, one.kind)]
    sizes = {one.name: one.images_per_class for one in run.sets}
    by_set = {}
    for name in sizes:
        at = {}
        for one in _fullest_last(one for one in quick if one.set == name and one.kind == "condensed"):
            at[one.iteration] = one
        if at:
            by_set[name] = tuple(at[iteration] for iteration in sorted(at))
    random = _fullest_last(one for one in quick if one.kind == "random_real" and one.set in sizes)
    whole = _fullest_last(one for one in results if one.kind == "all_real" and _as_long(one))
    return Curves(by_set, {sizes[one.set]: one for one in random}, whole[-1] if whole else None)


def _fullest_last(results: Iterable[StoredResult]) -> list[StoredResult]:
    """Of two that tell the same, the one of more networks counts, then the newer."""
    return sorted(results, key=lambda one: (one.n, one.created))


def _as_long(result: StoredResult) -> bool:
    """Whether networks saw all real images as often as the gauge's; how many networks is said beside."""
    fewer = result.protocol.model_copy(update={"repeats": for_whole(QUICK).repeats})
    return is_quick(fewer, "all_real")
