"""Sets of images that tables made for themselves, by the table that they are in."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from app.data.folders import write_time
from dmcore.config.formatting import capitalised
from dmcore.experiments.registry import EXPERIMENTS
from dmcore.experiments.results import FOLDER, read_results_file
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.folder import RunFolder

CACHED_TABLES = 256
OTHERS = "others"


class TableSets(NamedTuple):
    """Sets of one table."""

    name: str
    """Tells the part from the others."""
    label: str
    """Which table it is."""
    runs: tuple[RunFolder, ...]


def sets_by_table(root: Path, runs: Sequence[RunFolder]) -> list[TableSets]:
    """Sort the runs that tables made by the first table whose results name them; the rest comes last.

    Args:
        root: the runs root, which has the results of the tables.
        runs: in the order that they keep in each part.
    """
    left = {run.id: run for run in runs}
    parts = []
    for file in sorted((root / FOLDER).glob("*.json")):
        label, tested = _table_of(file, write_time(file))
        of_table = tuple(run for run in runs if run.id in tested and left.pop(run.id, None) is not None)
        if of_table:
            parts.append(TableSets(file.stem, label, of_table))
    if left:
        label = "Of no stored table" if parts else "Of tables"
        parts.append(TableSets(OTHERS, label, tuple(left.values())))
    return parts


@lru_cache(maxsize=CACHED_TABLES)
def _table_of(file: Path, _written: int) -> tuple[str, frozenset[str]]:
    """Label of a stored table, and the ids of the runs that it tested; none where it is damaged."""
    try:
        results = read_results_file(file)
    except (OSError, DamagedFileError):
        return "", frozenset()
    experiment = EXPERIMENTS.get(results.table.name)
    number = results.table.name if experiment is None else experiment.label
    tested = (result.run for result in results.cell_results.values())
    return capitalised(f"{number}, {results.table.title}"), frozenset(filter(None, tested))
