"""Content of the stage: status line, image grid of all sets, and the data of the loss chart.

The page draws these values once, and the server's live endpoints answer with newer ones. How the loss chart
looks is decided in app/plots/loss.py.
"""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from app.components.image_grid import ImageGrid, Lane
from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.jobs.run_view import RunView
from app.jobs.throttle import SLOW_ITERATIONS
from app.plots.loss import describe_losses, loss_figure, loss_measure, visible_floors
from app.run.images.layers import layer_of
from app.run.view_state import ViewState
from app.text.status import Status
from dmcore.config.formatting import grouped, rate
from dmcore.execution.cost import left_text
from dmcore.runs.curves import Curve
from dmcore.runs.display.titles import set_line_label, set_title
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress

STAGE_HEIGHT = 400
MOST_IMAGES = 5000
"""Most images on the stage at once."""
FIGURE_HEIGHT, LABEL_HEIGHT = 305, 230
"""CSS pixels of a chart beside the images at most, and those at which the names of its lines stand apart."""
SIDE = ".st-key-watch_side"
"""The panel beside the images: what is in it is in sight whole, above the timeline."""
FASTEST_POLL = 0.25
"""Polling interval for a run of this server, at the start and where there are cores to spare."""
SLOWEST_POLL = 2.0
CALM_POLL = 2.0
POLL_COST = 0.035
"""Seconds of processor time that a poll costs, nearly all of it in the browser (measured without a GPU)."""
POLL_COST_PER_BYTE = 3e-8
"""The same for each byte of images (measured from 0.3 to 15 MB)."""
POLL_SHARE = 0.055
"""Share of the machine's processor time for polling: the browser may run on the cores that the run needs."""
WHY_IT_JUMPS = (
    "Dots are single iterations; they jump because each measures with a new random network, so follow the "
    "line, a running median. Both axes are logarithmic."
)
WHAT_IS_DASHED = (
    "The dashed line is how far two batches of real images lie apart: with one image per class the loss "
    "stays above it, with more it comes near or below."
)


def status_line(view: RunView, page: str, at: int | None = None, calm: bool = False) -> LiveLine:
    """Status line of a run: status, iteration, time left and rates, the dispensable last, and a progress bar.

    Args:
        view: the run's newest view.
        page: change token of the page's script.
        at: the past iteration on screen.
        calm: polling every two seconds is enough: nothing that follows this line moves faster.
    """
    word = view.word
    parts = [status_part(word)]
    parts.append(LinePart(view.progress_text))
    if word is Status.EVALUATING:
        parts += _testing_parts(view)
    if at is not None:
        parts.append(LinePart(f"on screen: iteration {grouped(at)}", strong=True))
    if word is Status.RUNNING and view.seconds_left is not None:
        left = left_text(view.seconds_left, view.slowdown)
        parts.append(LinePart(f"{left}, tests included" if view.tests_follow else left))
    elif word is Status.RUNNING and view.live and view.iterations_per_second is not None:
        parts.append(LinePart("estimating the time left"))
    if word.in_progress and view.iterations_per_second:
        parts.append(LinePart(f"{rate(view.iterations_per_second)} iterations/s"))
    if word.in_progress and view.images_per_second:
        parts.append(LinePart(f"{rate(view.images_per_second)} real images/s"))
    done = None if word is Status.FINISHED else min(1.0, view.progress / max(1, view.iterations))
    if word is Status.EVALUATING and view.evaluation is not None:
        done = view.evaluation.fraction
    every = max(poll_seconds(view), CALM_POLL if calm else 0.0)
    return LiveLine(tuple(parts), f"{view.revision}/{page}/{at}", page, every, done)


def status_part(status: Status) -> LinePart:
    """A status with its coloured mark, the first part of a status line."""
    return LinePart(status, strong=True, mark=status.colour)


def evaluation_parts(progress: EvaluationProgress) -> list[LinePart]:
    """Progress of an evaluation, in a status line as in the run bar."""
    left = progress.seconds_left
    parts = [LinePart(f"testing what networks learn from the images: {progress.fraction:.0%}")]
    return parts + ([LinePart(left_text(left, progress.slowdown))] if left is not None else [])


def _testing_parts(view: RunView) -> list[LinePart]:
    """Progress of the test networks: of the evaluation, or the last ones of the online evaluation."""
    if view.evaluation is not None:
        return evaluation_parts(view.evaluation)
    online = view.online_evaluation is not None
    return [LinePart("testing the last images for the accuracy curve")] if online else []


def poll_seconds(view: RunView) -> float:
    """Polling interval of a browser: for a run of this server as short as is cheap, else long."""
    if view.status not in (Status.RUNNING, Status.STOPPING):
        return 1.0 if view.live else 2.0
    if not view.live:
        return 1.0
    cost = POLL_COST + POLL_COST_PER_BYTE * sum(images.nbytes for images in view.images.values())
    affordable = cost / (POLL_SHARE * (os.cpu_count() or 1))
    if view.iteration < SLOW_ITERATIONS:
        affordable = min(affordable, 2 * FASTEST_POLL)
    return min(SLOWEST_POLL, max(FASTEST_POLL, affordable))


def image_grid(view: RunView, folder: RunFolder, view_state: ViewState, source: str = "") -> ImageGrid | None:
    """Image grid of every set in the chosen layer; None before there are images.

    Args:
        view: the run at the iteration to show.
        folder: the run.
        view_state: which layer, and which of many images; the iteration is the view's.
        source: address of newer frames; empty when nothing moves.
    """
    layer = layer_of(view, folder, view_state.layer)
    sets = [described for described in folder.sets if described.name in layer.images]
    if not sets:
        return None
    room = images_per_class_shown(len(folder.class_names), [described.images_per_class for described in sets])
    lanes = []
    for described in sets:
        name, of = described.name, described.images_per_class
        first = min(view_state.first, (of - 1) // room * room)
        pixels = layer.images[name][:, first : first + room]
        signed = name in layer.signed
        lanes.append(Lane(name, set_title(folder, described), pixels, first=first, of=of, signed=signed))
    largest = max(lanes, key=lambda lane: lane.of or 0)
    sample = sample_sentence(largest) if (largest.of or 0) > room else ()
    return ImageGrid(
        lanes,
        folder.class_names,
        iteration=view.iteration,
        alt=(
            f"Synthetic images of {folder.description.data.title} at iteration {view.iteration}, "
            f"{len(lanes)} sets, {len(folder.class_names)} classes: {layer.name}."
        ),
        caption=(*sample, *layer.sentences, *last_iteration(view)),
        max_height=STAGE_HEIGHT,
        source=source,
        subject=folder.id,
    )


def images_per_class_shown(classes: int, images_per_class: Sequence[int]) -> int:
    """Number of images of each class that the stage has room for, with sets of these sizes on it."""
    room = max(images_per_class)
    while room > 1 and classes * sum(min(room, size) for size in images_per_class) > MOST_IMAGES:
        room -= 1
    return room


def sample_sentence(lane: Lane) -> tuple[str, ...]:
    """Sentence on which of a set's images are on the stage, where not all are."""
    last = lane.first + lane.pixels.shape[1]
    return (f"Shown: images {lane.first + 1} to {last} of the {grouped(lane.of or 0)} of each class.",)


def last_iteration(view: RunView) -> tuple[str, ...]:
    """Sentence on what the last iteration did, while there are more to come."""
    condensing = view.evaluation is None and view.status.in_progress
    return (view.last,) if condensing and view.last else ()


def live_loss(view: RunView, folder: RunFolder, source: str = "", at: int | None = None) -> LiveFigure:
    """Loss chart: the loss of every set over the iterations, with a marker at a past iteration on screen.

    app/plots/loss.py decides what the chart shows.
    """
    iterations, losses = align_losses(
        {set_line_label(folder, name): curve for name, curve in view.loss.items()}
    )
    return LiveFigure(
        loss_figure(
            iterations,
            losses,
            floor=view.noise_floor,
            measure=loss_measure(folder.config),
            height=LABEL_HEIGHT,
        ),
        revision=view.iteration,
        alt=describe_losses(iterations, losses, view.noise_floor),
        height=FIGURE_HEIGHT,
        within=SIDE,
        view=view.run_id,
        source=source,
        subject=folder.id,
        mark=at,
    )


def shows_noise_floor(view: RunView) -> bool:
    """Whether the loss chart of a run has a dashed line."""
    losses = [float(loss[loss > 0].min()) for _, loss in view.loss.values() if (loss > 0).any()]
    return bool(visible_floors(losses, view.noise_floor))


def align_losses(loss: Mapping[str, Curve]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Put the curves of several sets on one iteration axis: written together, so the shortest decides."""
    if not loss:
        return np.zeros(0, np.int64), {}
    count = min(len(iterations) for iterations, _ in loss.values())
    first = next(iter(loss.values()))[0]
    return first[:count], {name: values[:count] for name, (_, values) in loss.items()}
