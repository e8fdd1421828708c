"""Training curves of the networks of a table: test accuracy against epochs, as stored with its results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmcore.experiments.results import Results


@dataclass(frozen=True)
class TrainingCurve:
    """Test accuracy of a network while it is trained on a set."""

    row: str
    """Row of the table: which images it is trained on."""
    curve: tuple[tuple[int, float], ...]
    """(epoch from 0, percent of a fixed part of the test images after it)."""
    in_training: bool = False
    """Whether it is being trained."""


def stored_curves(results: Results, column: str) -> list[TrainingCurve]:
    """Training curves of a column so far: of each set that of its first network."""
    stored: dict[tuple[str, str], TrainingCurve] = {}
    for row in results.table.compared_rows:
        for result in results.at(row, column):
            for network in result.network_results:
                if network.curve:
                    stored[row, network.file] = TrainingCurve(row, network.curve)
    return list(stored.values())


def describe_training(curves: Sequence[TrainingCurve]) -> str:
    """Alternative text of the training curves: one sentence for readers who do not see the figure."""
    last: Mapping[str, float] = {each.row: each.curve[-1][1] for each in curves if each.curve}
    if not last:
        return "Test accuracy against training epoch: no network has been trained yet."
    accuracies = ", ".join(f"{row} {percent:.1f}" for row, percent in last.items())
    return f"Test accuracy in percent at the last epoch so far: {accuracies}."
