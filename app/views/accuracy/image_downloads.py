"""Downloads of the images whose accuracy is shown: those of runs, chosen or in the rows of a table."""

from collections.abc import Iterator, Sequence

from app.data.folders import find_run
from app.run.download_menu import SavedImages, show_image_downloads
from app.tables.state import TableState
from dmcore.experiments.own_sets import BEFORE_SET, offered_sets
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.experiments.results import CellResult
from dmcore.runs.folder import RunFolder


def show_set_downloads(config: OwnTableConfig, runs: Sequence[RunFolder]) -> None:
    """Button for the images of the sets that were chosen."""

    def find() -> list[SavedImages]:
        offered = offered_sets(runs, config.dataset)
        names = {f"{each.run}{BEFORE_SET}{each.set}": each for each in config.sets}
        return [
            SavedImages(offered[name].run, (each.set,), each.iteration, offered[name].label)
            for name, each in names.items()
            if name in offered
        ]

    if config.sets:
        show_image_downloads("accuracy_sets", find)


def show_table_downloads(state: TableState, column: str) -> None:
    """Button for the images that networks of a column were trained on, where a run holds them."""

    def find() -> list[SavedImages]:
        found = []
        for label, result in _stored_sets(state, column):
            try:
                run = find_run(result.run, state.runs_root)
            except (ValueError, OSError):  # deleted since, which the images above say
                continue
            found.append(SavedImages(run, (result.set,), result.iteration, label))
        return found

    if any(_stored_sets(state, column)):
        show_image_downloads("accuracy_table_images", find)


def _stored_sets(state: TableState, column: str) -> Iterator[tuple[str, CellResult]]:
    """Label and result of each set of a column whose images are in a run, learned ones first."""
    table = state.results.table
    for row in sorted(table.compared_rows, key=lambda row: row not in table.learned_rows):
        stored = [result for result in state.results.at(row, column) if result.run]
        for number, result in enumerate(stored, start=1):
            yield row if len(stored) == 1 else f"{row}, {number} of {len(stored)}", result
