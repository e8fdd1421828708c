"""Accuracies that a run has stored of a set, for files that have room for them."""

from dmcore.config.protocols import is_quick
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet


def results_until(run: RunFolder | None, condensed: CondensedSet) -> list[StoredResult]:
    """Evaluations of the set up to its iteration, of whatever kind; of no run none.

    Of two of the same images by the same architecture, that by the longer protocol and the newer is later.
    """
    stored = [] if run is None else run.results()
    chosen = (each for each in stored if each.set == condensed.name and each.iteration <= condensed.iteration)
    return sorted(chosen, key=lambda result: not is_quick(result.protocol, result.kind))


def tested_accuracies(run: RunFolder | None, condensed: CondensedSet) -> dict[str, tuple[float, ...]]:
    """Accuracies in percent of the latest evaluation of exactly these images, by architecture.

    One by the quick protocol counts only where there is no other.
    """
    return {
        result.network: result.accuracies
        for result in results_until(run, condensed)
        if (result.iteration, result.kind) == (condensed.iteration, "condensed")
    }
