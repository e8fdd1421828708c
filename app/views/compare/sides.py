"""Runs side by side, as values: settings that differ, iterations that all have images of, losses."""

from collections.abc import Callable, Sequence

import numpy as np

from app.components.live_figure import LiveFigure
from app.components.page_links import COMPARED_RUNS
from app.plots import palette
from app.plots.loss import describe_losses, loss_figure, loss_measure
from app.run.live import RUN, RunState
from dmcore.config import MethodConfig
from dmcore.config.differences import differences, value_text
from dmcore.config.protocols import protocol_name
from dmcore.runs.description import StoredResult
from dmcore.runs.display.titles import set_line_label
from dmcore.runs.folder import RunFolder

FIGURE_HEIGHT = 380
NETWORKS = "Networks"
"""Row of the number of test networks: where only it differs, the accuracies can be compared."""
MAX_LINES = palette.SERIES
LETTERS = tuple(letter.upper() for letter in COMPARED_RUNS)
"""What the runs are called on the page, in their order."""
UNKNOWN = "–"
"""Value of a setting that a run has not, or that is not known."""


def are_different(sides: Sequence[RunState]) -> bool:
    """Whether there are several runs to compare, and none of them twice."""
    return len(sides) > 1 and len({side.run.id for side in sides}) == len(sides)


def setting_rows(runs: Sequence[RunFolder]) -> list[tuple[str, ...]] | None:
    """For each setting that differs its name and each run's value; None where fewer than two are known."""
    known = [run.config for run in runs if run.config is not None]
    if len(known) < 2:
        return None
    first, *others = known
    labels = {each.field: each.label for other in others for each in differences(first, other)}
    fields = ("dataset", "method", *type(first).model_fields)
    return [
        (labels[field], *(_value(run.config, field) for run in runs))
        for field in sorted(labels, key=fields.index)
    ]


def protocol_rows(tested: Sequence[Sequence[StoredResult]]) -> list[tuple[str, ...]]:
    """How the images of each run were tested where that differs: protocol, networks.

    None unless two of them were tested.
    """
    tests = [[result for result in results if result.kind == "condensed"] for results in tested]
    if sum(map(bool, tests)) < 2:
        return []
    facts: dict[str, Callable[[StoredResult], str]] = {
        "Protocol": lambda result: protocol_name(result.protocol),
        "Architecture": lambda result: result.network,
        NETWORKS: lambda result: str(result.n),
    }
    rows = []
    for label, fact in facts.items():
        values = [", ".join(sorted({fact(result) for result in results})) for results in tests]
        if len({value for value in values if value}) > 1:
            rows.append((label, *(value or UNKNOWN for value in values)))
    return rows


def shared_iterations(sides: Sequence[RunState]) -> list[int]:
    """Iterations that one of the runs has images of, where the others have some from then or before."""
    per_run = [side.run.snapshots() for side in sides]
    if not all(per_run):
        return []
    first, last = max(iterations[0] for iterations in per_run), min(iterations[-1] for iterations in per_run)
    return sorted(
        {iteration for iterations in per_run for iteration in iterations if first <= iteration <= last}
    )


def last_snapshot(run: RunFolder, iteration: int) -> int:
    """Last iteration up to `iteration` whose images are stored.

    Raises:
        ValueError: there is none.
    """
    before = [stored for stored in run.snapshots() if stored <= iteration]
    if not before:
        raise ValueError(f"run {run.id} has no images up to iteration {iteration}: choose a later one")
    return before[-1]


def losses_of_all(sides: Sequence[RunState]) -> LiveFigure:
    """Losses of all runs over one iteration axis; of two each with its own real-against-real noise floor."""
    curves = _curves(sides)
    iterations = np.unique(np.concatenate([np.zeros(0, np.int64), *(curve[0] for curve in curves.values())]))
    losses = {}
    for label, (at, loss) in curves.items():
        losses[label] = np.full(len(iterations), np.nan, np.float32)
        losses[label][np.searchsorted(iterations, at)] = loss
    floors = {
        f"{letter}, real against real": side.view.noise_floor
        for letter, side in zip(LETTERS, sides, strict=False)
        if len(sides) == 2 and side.view.noise_floor is not None
    }
    running = next((side for side in sides if side.view.status.in_progress), None)
    first, *others = (side.run.id for side in sides)
    return LiveFigure(
        loss_figure(iterations, losses, floor=floors, measure=losses_measure(sides), height=FIGURE_HEIGHT),
        revision=sum(side.view.iteration for side in sides),
        alt=describe_losses(iterations, losses, floors),
        height=FIGURE_HEIGHT,
        view="/".join((first, *others)),
        source=RUN.address("both", run=first, beside=",".join(others)) if running else "",
        subject=running.run.id if running else "",
    )


def losses_measure(sides: Sequence[RunState]) -> str:
    """What the losses of the runs are."""
    return loss_measure(*(side.run.config for side in sides))


def lines_each(sides: Sequence[RunState]) -> int:
    """How many sets of each run have a line: as many as there are colours."""
    names = [len(side.view.loss) for side in sides]
    return max(names) if sum(names) <= MAX_LINES else MAX_LINES // len(sides)


def _value(config: MethodConfig | None, field: str) -> str:
    return value_text(field, getattr(config, field)) if hasattr(config, field) else UNKNOWN


def _curves(sides: Sequence[RunState]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    each = lines_each(sides)
    return {
        letter if len(side.view.loss) == 1 else f"{letter}, {set_line_label(side.run, name)}": curve
        for letter, side in zip(LETTERS, sides, strict=False)
        for name, curve in list(side.view.loss.items())[:each]
    }
