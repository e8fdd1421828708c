"""Summary sentence of a run's accuracy: condensed images against as many random real images."""

from collections.abc import Sequence

from app.data.stored_results import evaluation_results
from app.jobs.run_view import RunView
from app.run.result_card import latest_results
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder


def accuracy_summary_at(run: RunFolder, view: RunView) -> str:
    """Summary of a run's accuracy at the iteration on screen."""
    return accuracy_summary(run, latest_results(evaluation_results(run), view.iteration))


def accuracy_summary(run: RunFolder, results: Sequence[StoredResult]) -> str:
    """Format the accuracies as '88 to 89 % right against 68 % with as many random real images'.

    Empty until both were tested. It compares the smallest sets, where the difference is largest; the results
    are of one iteration of the run.
    """
    smallest = min((spec.images_per_class for spec in run.sets), default=0)
    names = {spec.name for spec in run.sets if spec.images_per_class == smallest}
    network = next((result.network for result in results if result.kind == "condensed"), "")
    of_network = [result for result in results if result.network == network and result.set in names]
    condensed = [result.mean for result in of_network if result.kind == "condensed"]
    fewest = min((result.n for result in of_network if result.n < result.protocol.repeats), default=None)
    stopped = "" if fewest is None else f" (stopped: n = {fewest})"
    real = [result.mean for result in of_network if result.kind == "random_real"]
    if not real or len(condensed) < len(names):
        return ""
    low, high = f"{min(condensed):.0f}", f"{max(condensed):.0f}"
    reached = low if low == high else f"{low} to {high}"
    return f"{reached} % right against {real[-1]:.0f} % with as many random real images{stopped}"
