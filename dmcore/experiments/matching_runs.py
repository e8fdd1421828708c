"""Match runs on disk to the condensation of a table's recipe: the one rule, and the search by it.

Running a table and the pages that show its runs ask the same question, so they ask it here.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dmcore.config import MethodConfig
from dmcore.runs.description import Origin
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


@dataclass(frozen=True)
class PlannedRun:
    """Run that a job will compute: its configuration, and the data if they are fixed already."""

    config: MethodConfig
    data_digest: str = ""
    """`train_digest` of the run that is resumed; empty for a new run, which reads the data as they are."""


def is_requested_run(
    requested: MethodConfig, candidate: RunFolder | PlannedRun, data_digest: str = ""
) -> bool:
    """Whether a run, or a planned one, is the condensation that a table's recipe asks for.

    Every field of the configuration must be equal: width and iterations too, which no title contains.

    Args:
        requested: `condense` of the recipe.
        candidate: a run on disk, or one that a job will compute.
        data_digest: `train_digest` of the table's data set; empty if unknown. A run of other training images
            does not match.
    """
    if candidate.config != requested:
        return False
    if isinstance(candidate, PlannedRun):
        return not (data_digest and candidate.data_digest) or candidate.data_digest == data_digest
    description = candidate.description
    return description.origin == "condense" and (not data_digest or description.data.digest == data_digest)


def find_condensed(
    config: MethodConfig, data_digest: str, root: Path, fits: Callable[[RunFolder], bool] = bool
) -> RunFolder | None:
    """Find the run of this configuration and these data with the most iterations; None if none fits."""
    matching = [
        run
        for run in intact_runs(root, "condense", data_digest)
        if is_requested_run(config, run, data_digest) and fits(run)
    ]
    return max(matching, key=lambda run: run.iteration(), default=None)


def intact_runs(root: Path, origin: Origin, data_digest: str) -> list[RunFolder]:
    """List the runs of these data; one with a damaged file, or deleted just now, is left out."""
    runs = []
    for run in list_runs(root):
        if (run.description.origin, run.description.data.digest) == (origin, data_digest):
            with suppress(ValueError, OSError):
                run.sets  # noqa: B018 - reads and caches the files, or raises
                runs.append(run)
    return runs
