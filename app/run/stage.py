"""What the stage shows of a moment: its status line, the images of all sets, the loss beside them.

Values, not drawing: the page draws them once, the server's live addresses answer with newer ones. It must not
import torch.
"""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from app.components.image_grid import Grid, Lane
from app.components.live_figure import LiveFigure
from app.components.live_line import Line, Part
from app.jobs.live_snapshot import Curve
from app.jobs.throttle import SLOW_ITERATIONS
from app.plots.loss import describe_losses, loss_figure
from app.run.layers import layer_of
from app.run.moment import RunView
from app.run.view_state import Look
from app.text.set_labels import lane_title, line_label
from dmcore.config.formatting import duration, grouped, rate
from dmcore.runs.folder import RunFolder

STAGE_HEIGHT = 400
MOST_IMAGES = 5000
"""Images that stand on the stage at once."""
FIGURE_HEIGHT = 330
LOOK_FASTEST = 0.25
"""Seconds between two looks at our own work, at the start and where there are cores to spare."""
LOOK_SLOWEST = 2.0
CALM_SECONDS = 2.0
LOOK_COST = 0.035
"""Seconds of processor time that a look costs, nearly all of it in the browser (measured without a GPU)."""
LOOK_COST_PER_BYTE = 3e-8
"""The same for each byte of images (measured from 0.3 to 15 MB)."""
LOOK_SHARE = 0.055
"""Of the machine's processor time for looking: the browser may run on the cores that the run needs."""
COLOURS = {"running": "green", "judging": "green", "finished": "blue", "failed": "red", "stopped": "gray"}
WHY_IT_JUMPS = (
    "Dots are single iterations; they jump because each measures with a new random network, so follow the "
    "line, a running median. The dashed line is how far two batches of real images lie apart: with one "
    "image per class the loss stays above it, with more it comes near or below. Both axes are logarithmic."
)


def status_line(
    view: RunView, page: str, shown: int | None = None, verdict: str = "", calm: bool = False
) -> Line:
    """Whether it runs, where it is, how fast, and how long it will take; with its bar.

    Args:
        view: the run's newest moment.
        page: changes when the page's script has to run again.
        shown: the iteration looked back at.
        verdict: what its images are worth, once that was tested.
        calm: a look every two seconds is enough: nothing that follows this line moves faster.
    """
    word = view.word
    said = [Part(word, strong=True, mark=COLOURS.get(word, "orange"))]
    said.append(Part(f"iteration {grouped(view.iteration)} of {grouped(view.iterations)}"))
    if word == "judging":
        said += _testing(view)
    if word in ("running", "paused", "stopping") and view.iterations_per_second:
        said.append(Part(f"{rate(view.iterations_per_second)} iterations/s"))
    if word in ("running", "paused", "stopping") and view.images_per_second:
        said.append(Part(f"{rate(view.images_per_second)} real images/s"))
    if word == "running" and view.seconds_left is not None:
        said.append(Part(f"{duration(view.seconds_left)} left"))
    if verdict and word not in ("running", "paused", "judging"):
        said.append(Part(verdict, strong=True))
    if shown is not None:
        said.append(Part(f"on screen: iteration {grouped(shown)}", strong=True))
    done = min(1.0, view.iteration / max(1, view.iterations))
    if word == "judging" and view.judging is not None:
        done = view.judging.fraction
    every = max(look_seconds(view), CALM_SECONDS if calm else 0.0)
    return Line(tuple(said), f"{view.moment}/{page}/{shown}", page, every, done)


def _testing(view: RunView) -> list[Part]:
    """How far the test networks are."""
    if view.judging is None:
        return [Part("testing the last images for the accuracy curve")] if view.gauge is not None else []
    left = view.judging.seconds_left
    said = [Part(f"testing what networks learn from the images: {view.judging.fraction:.0%}")]
    return said + ([Part(f"{duration(left)} left")] if left is not None else [])


def look_seconds(view: RunView) -> float:
    """How often a browser asks: about our own work as often as it costs the machine little, else slowly."""
    if view.status not in ("running", "stopping"):
        return 1.0 if view.live else 2.0
    if not view.live:
        return 1.0
    cost = LOOK_COST + LOOK_COST_PER_BYTE * sum(one.nbytes for one in view.pictures.values())
    affordable = cost / (LOOK_SHARE * (os.cpu_count() or 1))
    if view.iteration < SLOW_ITERATIONS:
        affordable = min(affordable, 2 * LOOK_FASTEST)
    return min(LOOK_SLOWEST, max(LOOK_FASTEST, affordable))


def image_grid(view: RunView, folder: RunFolder, look: Look, source: str = "") -> Grid | None:
    """Every set's images in the chosen layer; None before there are any.

    Args:
        view: the moment.
        folder: the run.
        look: which layer, and which of many images; the moment is the view's.
        source: where the browser asks for newer frames; empty when nothing moves.
    """
    layer = layer_of(view, folder, look.layer)
    there = [one for one in folder.sets if one.name in layer.pictures]
    if not there:
        return None
    room = images_per_class_shown(len(folder.class_names), [one.images_per_class for one in there])
    lanes = []
    for one in there:
        pictures, of = layer.pictures[one.name], one.images_per_class
        first = min(look.first, (of - 1) // room * room)
        lanes.append(
            Lane(one.name, lane_title(folder, one), pictures[:, first : first + room], first=first, of=of)
        )
    largest = max(lanes, key=lambda lane: lane.of or 0)
    some = sample_sentence(largest) if (largest.of or 0) > room else ()
    return Grid(
        lanes,
        folder.class_names,
        iteration=view.iteration,
        alt=(
            f"Synthetic images of {folder.description.data.title} at iteration {view.iteration}, "
            f"{len(lanes)} sets, {len(folder.class_names)} classes: {layer.name}."
        ),
        caption=(*some, *layer.sentences, *last_iteration(view)),
        max_height=STAGE_HEIGHT,
        source=source,
        subject=folder.id,
    )


def images_per_class_shown(classes: int, images_per_class: Sequence[int]) -> int:
    """How many images of each class the stage has room for, with sets of these sizes on it."""
    room = max(images_per_class)
    while room > 1 and classes * sum(min(room, one) for one in images_per_class) > MOST_IMAGES:
        room -= 1
    return room


def sample_sentence(lane: Lane) -> tuple[str, ...]:
    """Which of a set's images are on the stage, where not all are."""
    last = lane.first + lane.pixels.shape[1]
    return (f"Shown: images {lane.first + 1} to {last} of the {grouped(lane.of or 0)} of each class.",)


def last_iteration(view: RunView) -> tuple[str, ...]:
    """What the last iteration did, while there are more to come."""
    at_work = view.judging is None and view.status in ("running", "paused", "stopping")
    return (f"The last iteration: {view.last}",) if at_work and view.last else ()


def live_loss(view: RunView, folder: RunFolder, source: str = "", at: int | None = None) -> LiveFigure:
    """The loss of every set over the iterations, with a mark at the iteration looked back at."""
    iterations, losses = aligned({line_label(folder, name): curve for name, curve in view.loss.items()})
    return LiveFigure(
        loss_figure(iterations, losses, floor=view.floor, height=FIGURE_HEIGHT),
        revision=view.iteration,
        alt=describe_losses(iterations, losses, view.floor),
        height=FIGURE_HEIGHT,
        view=view.run_id,
        source=source,
        subject=folder.id,
        mark=at,
    )


def aligned(loss: Mapping[str, Curve]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Curves of several sets on one iteration axis: they are written together, so the shortest decides."""
    if not loss:
        return np.zeros(0, np.int64), {}
    count = min(len(iterations) for iterations, _ in loss.values())
    first = next(iter(loss.values()))[0]
    return first[:count], {name: values[:count] for name, (_, values) in loss.items()}
