"""Rows of a run's result card: its sets and what they are compared with, by images per class."""

from collections.abc import Sequence

from app.data.method_accuracies import Method, MethodAccuracy, compared_accuracies
from app.data.recorded import recorded_hidden
from app.run.accuracy_rows import AccuracyRow, accuracy_rows
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.description import SetDescription
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress, started_from_real

NAMES: dict[Method, str] = {
    "condensed": "Learned",
    "start": "Real images it started from",
    "random_real": "As many random real",
    "mean_image": "Mean image",
    "herding": "Herding",
    "all_real": "All real images",
}
MEASURED: tuple[Method, ...] = ("condensed", "random_real", "all_real")
"""What an evaluation of a run measures: these rows are shown without a number too."""


def result_rows(run: RunFolder, iteration: int, progress: EvaluationProgress | None) -> list[AccuracyRow]:
    """Rows from top to bottom: for each number of images per class its sets, then their alternatives.

    Accuracies are the run's own, else recorded ones of the same settings (`compared_accuracies`).

    Args:
        run: the run.
        iteration: of the condensed images.
        progress: of a running evaluation; the row that it measures says so.
    """
    hidden = recorded_hidden() and not is_recorded(run)
    known = {
        described.name: {
            each.method: each
            for each in compared_accuracies(run, described.name, iteration)
            if not (hidden and each.recorded)
        }
        for described in run.sets
    }
    sizes = list(dict.fromkeys(described.images_per_class for described in run.sets))
    rows = []
    for size in sizes:
        of_size = [described for described in run.sets if described.images_per_class == size]
        for described in of_size:
            of_set = known[described.name], progress, described.name
            rows.append(_row("condensed", _set_name(run, described), *of_set))
            is_own = started_from_real(described) and not is_recorded(run) and iteration
            if "start" in known[described.name] or is_own:
                name = NAMES["start"] + (f", {set_title(run, described)}" if len(run.sets) > 1 else "")
                rows.append(_row("start", name, *of_set))
        for method in ("random_real", "mean_image", "herding"):
            if method in MEASURED or method in known[of_size[0].name]:
                name = NAMES[method] + (f", {size} per class" if len(sizes) > 1 else "")
                rows.append(_row(method, name, known[of_size[0].name], progress, of_size[0].name))
    if run.sets:  # else their folders are gone
        first = run.sets[0].name
        rows.append(_row("all_real", NAMES["all_real"], known[first], progress, first))
    return rows


def result_rows_html(run: RunFolder, rows: Sequence[AccuracyRow]) -> str:
    """HTML of `result_rows`, with what guessing gets right and, where they are few, the test images."""
    data = run.description.data
    return accuracy_rows(
        rows, revealed=True, card=True, test_count=data.test_count, classes=len(data.class_names)
    )


def _set_name(run: RunFolder, described: SetDescription) -> str:
    """Name of a set's row; imported images may have been made in any way."""
    title = set_title(run, described)
    if described.spec is None:
        return title
    return f"{NAMES['condensed']}, {title}" if len(run.sets) > 1 else NAMES["condensed"]


def _row(
    method: Method,
    name: str,
    known: dict[Method, MethodAccuracy],
    progress: EvaluationProgress | None,
    set_name: str,
) -> AccuracyRow:
    measuring = (
        progress is not None
        and progress.fraction < 1
        and ("start" if progress.of_start else progress.kind) == method
        and (method == "all_real" or progress.set == set_name)
    )
    missing = "measuring …" if measuring else "not measured"
    return AccuracyRow(method, name, "", known.get(method), missing=missing)
