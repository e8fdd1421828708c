"""Two runs side by side, as values: settings that differ, iterations that both have images of, losses."""

from collections.abc import Callable, Sequence

import numpy as np

from app.components.live_figure import LiveFigure
from app.plots import palette
from app.plots.loss import describe_losses, loss_figure, loss_measure
from app.run.live import RUN, RunState
from dmcore.config.differences import differences
from dmcore.config.protocols import protocol_name
from dmcore.runs.description import StoredResult
from dmcore.runs.display.titles import set_line_label
from dmcore.runs.folder import RunFolder

FIGURE_HEIGHT = 380
NETWORKS = "Networks"
"""Row of the number of test networks: where only it differs, the accuracies can be compared."""
MAX_LINES = palette.SERIES


def two_different(sides: Sequence[RunState]) -> bool:
    """Whether there are two runs to compare."""
    return len(sides) == 2 and sides[0].run.id != sides[1].run.id


def setting_rows(a: RunFolder, b: RunFolder) -> list[tuple[str, str, str]] | None:
    """For each setting that differs its name and both values; None where a set-up is not known."""
    if a.config is None or b.config is None:
        return None
    return [
        (difference.label, difference.value, difference.other)
        for difference in differences(a.config, b.config)
    ]


def protocol_rows(a: Sequence[StoredResult], b: Sequence[StoredResult]) -> list[tuple[str, str, str]]:
    """How the images of each were tested where that differs: protocol, networks; none unless both were."""
    tests = [[result for result in results if result.kind == "condensed"] for results in (a, b)]
    if not all(tests):
        return []
    facts: dict[str, Callable[[StoredResult], str]] = {
        "Protocol": lambda result: protocol_name(result.protocol),
        "Architecture": lambda result: result.network,
        NETWORKS: lambda result: str(result.n),
    }
    rows = []
    for label, fact in facts.items():
        ours, theirs = (", ".join(sorted({fact(result) for result in results})) for results in tests)
        if ours != theirs:
            rows.append((label, ours, theirs))
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


def both_losses(a: RunState, b: RunState) -> LiveFigure:
    """Losses of both runs over one iteration axis, each with its own real-against-real noise floor."""
    curves = _curves(a, b)
    iterations = np.unique(np.concatenate([np.zeros(0, np.int64), *(curve[0] for curve in curves.values())]))
    losses = {}
    for label, (at, loss) in curves.items():
        losses[label] = np.full(len(iterations), np.nan, np.float32)
        losses[label][np.searchsorted(iterations, at)] = loss
    floors = {
        f"{letter}, real against real": side.view.noise_floor
        for letter, side in (("A", a), ("B", b))
        if side.view.noise_floor is not None
    }
    running = next((side for side in (a, b) if side.view.status.in_progress), None)
    return LiveFigure(
        loss_figure(iterations, losses, floor=floors, measure=losses_measure(a, b), height=FIGURE_HEIGHT),
        revision=a.view.iteration + b.view.iteration,
        alt=describe_losses(iterations, losses, floors),
        height=FIGURE_HEIGHT,
        view=f"{a.run.id}/{b.run.id}",
        source=RUN.address("both", run=a.run.id, beside=b.run.id) if running else "",
        subject=running.run.id if running else "",
    )


def losses_measure(a: RunState, b: RunState) -> str:
    """What the losses of both runs are."""
    return loss_measure(a.run.config, b.run.config)


def lines_each(a: RunState, b: RunState) -> int:
    """How many sets of each run have a line: as many as there are colours."""
    names = [len(side.view.loss) for side in (a, b)]
    return max(names) if sum(names) <= MAX_LINES else MAX_LINES // 2


def _curves(a: RunState, b: RunState) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    each = lines_each(a, b)
    return {
        letter if len(side.view.loss) == 1 else f"{letter}, {set_line_label(side.run, name)}": curve
        for letter, side in (("A", a), ("B", b))
        for name, curve in list(side.view.loss.items())[:each]
    }
