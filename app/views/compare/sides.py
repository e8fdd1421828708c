"""Two runs side by side, as values: the settings that differ, moments both have images of, their losses.

Must not draw, nor import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.components.live_figure import LiveFigure
from app.plots import palette
from app.plots.loss import describe_losses, loss_figure
from app.run.addresses import run_address
from app.run.run_view import RunView, stored_iterations
from app.text.differences import differences
from app.text.labels import label_of
from app.text.set_labels import set_line_label
from dmcore.runs.folder import RunFolder

FIGURE_HEIGHT = 380
MOST_LINES = len(palette.LIGHT)


@dataclass(frozen=True)
class Side:
    """One of the two runs, at its newest moment."""

    letter: str
    run: RunFolder
    view: RunView

    @property
    def running(self) -> bool:
        """Whether it moves, in this server or elsewhere."""
        return self.view.status in ("running", "paused", "stopping")


def two_different(sides: Sequence[Side]) -> bool:
    """Whether there are two runs to compare."""
    return len(sides) == 2 and sides[0].run.id != sides[1].run.id


def setting_rows(a: RunFolder, b: RunFolder) -> list[tuple[str, str, str]] | None:
    """For each setting that differs its name and both values; None where a set-up is not known."""
    if a.config is None or b.config is None:
        return None
    return [(label_of(one.field), one.here, one.there) for one in differences(a.config, b.config)]


def shared_iterations(sides: Sequence[Side]) -> list[int]:
    """Iterations that one of the runs keeps images of, where the others have some from then or before."""
    kept = [stored_iterations(side.run) for side in sides]
    if not all(kept):
        return []
    first, last = max(one[0] for one in kept), min(one[-1] for one in kept)
    return sorted({iteration for one in kept for iteration in one if first <= iteration <= last})


def last_snapshot(run: RunFolder, iteration: int) -> int:
    """Last iteration up to `iteration` whose images are stored.

    Raises:
        ValueError: there is none.
    """
    before = [stored for stored in stored_iterations(run) if stored <= iteration]
    if not before:
        raise ValueError(f"run {run.id} keeps no images up to iteration {iteration}: choose a later one")
    return before[-1]


def both_losses(a: Side, b: Side) -> LiveFigure:
    """The losses of both runs over one iteration axis, each with its own real-against-real floor."""
    curves = _curves(a, b)
    iterations = np.unique(np.concatenate([np.zeros(0, np.int64), *(curve[0] for curve in curves.values())]))
    losses = {}
    for label, (at, loss) in curves.items():
        losses[label] = np.full(len(iterations), np.nan, np.float32)
        losses[label][np.searchsorted(iterations, at)] = loss
    floors = {
        f"{side.letter}, real against real": side.view.floor for side in (a, b) if side.view.floor is not None
    }
    followed = next((side for side in (a, b) if side.running), None)
    return LiveFigure(
        loss_figure(iterations, losses, floor=floors, height=FIGURE_HEIGHT),
        revision=a.view.iteration + b.view.iteration,
        alt=describe_losses(iterations, losses, floors),
        height=FIGURE_HEIGHT,
        view=f"{a.run.id}/{b.run.id}",
        source=run_address(a.run.id, "both", beside=b.run.id) if followed else "",
        subject=followed.run.id if followed else "",
    )


def lines_each(a: Side, b: Side) -> int:
    """How many sets of each run have a line: there are no more colours."""
    names = [len(side.view.loss) for side in (a, b)]
    return max(names) if sum(names) <= MOST_LINES else MOST_LINES // 2


def _curves(a: Side, b: Side) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    each = lines_each(a, b)
    return {
        side.letter if len(side.view.loss) == 1 else f"{side.letter}, {set_line_label(side.run, name)}": curve
        for side in (a, b)
        for name, curve in list(side.view.loss.items())[:each]
    }
