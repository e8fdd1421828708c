"""Accuracies of the compared runs by what was tested, for the page and for its downloads."""

from collections.abc import Mapping, Sequence

from app.views.compare.sides import UNKNOWN
from dmcore.runs.description import StoredResult
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.summary import HEADINGS


def results_by_name(run: RunFolder, results: Sequence[StoredResult]) -> Mapping[str, StoredResult]:
    """Results of a run by what was tested; of several of one name the newest."""
    by_age = sorted(results, key=lambda result: result.created)
    return {_test_name(run, result): result for result in by_age}


def accuracy_rows(
    runs: Sequence[RunFolder], results: Sequence[Sequence[StoredResult]]
) -> list[tuple[str, ...]]:
    """For each test of any of the runs its name and the accuracy of each run."""
    tests = [results_by_name(*pair) for pair in zip(runs, results, strict=True)]
    return [
        (name, *(of_run[name].text if name in of_run else UNKNOWN for of_run in tests))
        for name in dict.fromkeys(name for of_run in tests for name in of_run)
    ]


def _test_name(run: RunFolder, result: StoredResult) -> str:
    """'Condensed, 10 per class, tested with convnet'; the set where the run has several of that size."""
    described, parts = run.set_named(result.set), [HEADINGS[result.kind]]
    size = f"{described.images_per_class} per class"
    if result.kind != "all_real":
        parts.append(size)
    alike = [other for other in run.sets if other.images_per_class == described.images_per_class]
    if result.kind == "condensed" and len(alike) > 1:
        parts.append(set_title(run, described).removeprefix(size).removeprefix(", "))
    return ", ".join([*filter(None, parts), f"tested with {result.network}"])
