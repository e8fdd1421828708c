"""What the stage shows of a moment: its status line, the images of all sets, the loss beside them.

Values, not drawing: the page draws them once, the server's live addresses answer with newer ones. It must not
import torch.
"""

import os
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from app.image_grid import Grid, Lane
from app.live import Curve, Pictures
from app.live_figure import LiveFigure
from app.live_line import Line, Part
from app.pace import SLOW_ITERATIONS
from app.plots import describe_losses, loss_figure
from app.run_view import RunView, amplified, mean_change, start_pictures
from app.set_labels import lane_title, line_label
from app.words import BEFORE_UNIT, duration, grouped, rate
from dmcore.runs import RunFolder

STAGE_HEIGHT = 400
FIGURE_HEIGHT = 330
LAYERS = {"images": 1, "change ×4": 4, "change ×16": 16, "change ×64": 64}
LITTLE = 8.0
"""Mean change of a pixel, of 255, below which two pictures look the same."""
LOOK_FASTEST = 0.25
"""Seconds between two looks at our own work, at the start and where there are cores to spare."""
LOOK_COST = 0.035
"""Seconds of processor time that a look costs, nearly all of it in the browser (measured without a GPU)."""
LOOK_SHARE = 0.04
"""Of the machine's processor time for looking: the browser may run on the cores that the run needs."""
COLOURS = {"running": "green", "judging": "green", "finished": "blue", "failed": "red", "stopped": "gray"}
WHY_IT_JUMPS = (
    "Dots are single iterations; they jump because each measures with a new random network, so follow the "
    "line, a running median. The dashed line is how far two batches of real images lie apart: with one "
    "image per class the loss stays above it, with more it comes near or below. Both axes are logarithmic."
)


def chosen_factor() -> int:
    """By how much the chosen layer amplifies changes: 1 for the images themselves."""
    return LAYERS.get(st.session_state.get("layer") or st.query_params.get("layer", "images"), 1)


def layer_control() -> None:
    """Choose what the stage shows."""
    st.segmented_control(
        "Layer of the images",
        list(LAYERS),
        default="images",
        required=True,
        key="layer",
        bind="query-params",
        help="Change ×k shows start + k · (now − start): what was learned, amplified k times.",
    )


def status_line(view: RunView, page: str) -> Line:
    """Whether it runs, where it is, how fast, and how long it will take; with its bar."""
    word = view.word
    said = [Part(word, strong=True, mark=COLOURS.get(word, "orange"))]
    said.append(Part(f"iteration {grouped(view.iteration)} of {grouped(view.iterations)}"))
    if word == "judging":
        said.append(Part("the images are done and are being tested"))
    if word in ("running", "paused", "stopping") and view.iterations_per_second:
        said.append(Part(f"{rate(view.iterations_per_second)} iterations/s"))
    if word not in ("failed", "judging") and view.images_per_second:
        said.append(Part(f"{rate(view.images_per_second)} real images/s"))
    if word == "running" and view.seconds_left is not None:
        said.append(Part(f"{duration(view.seconds_left)} left"))
    parts = tuple(replace(one, text=one.text.replace(" ", BEFORE_UNIT)) for one in said)
    done = min(1.0, view.iteration / max(1, view.iterations))
    return Line(parts, f"{view.moment}/{page}", page, look_seconds(view), done)


def look_seconds(view: RunView) -> float:
    """How often a browser asks: about our own work as often as it costs the machine little, else slowly."""
    if view.status not in ("running", "stopping"):
        return 1.0 if view.live else 2.0
    if not view.live:
        return 1.0
    affordable = LOOK_COST / (LOOK_SHARE * (os.cpu_count() or 1))
    return LOOK_FASTEST if view.iteration < SLOW_ITERATIONS else min(0.5, max(LOOK_FASTEST, affordable))


def image_grid(view: RunView, folder: RunFolder, factor: int, source: str = "") -> Grid | None:
    """Every set's images, or their amplified change; None before there are any."""
    start = start_pictures(folder)
    lanes, layered = [], False
    for one in folder.sets:
        now = view.pictures.get(one.name)
        if now is None:
            continue
        shown = now
        if factor > 1 and one.name in start:
            shown, layered = amplified(now, start[one.name], factor), True
        lanes.append(Lane(one.name, lane_title(folder, one), shown))
    if not lanes:
        return None
    layer = f"change since the start, amplified ×{factor}" if layered else "images"
    return Grid(
        lanes,
        folder.class_names,
        iteration=view.iteration,
        alt=(
            f"Synthetic images of {folder.description.data.title} at iteration {view.iteration}, "
            f"{len(lanes)} sets, {len(folder.class_names)} classes: {layer}."
        ),
        caption=captions(view, start, factor, layered),
        max_height=STAGE_HEIGHT,
        source=source,
        subject=folder.id,
    )


def captions(view: RunView, start: Mapping[str, Pictures], factor: int, layered: bool) -> tuple[str, ...]:
    """What stands below the images: what the layer shows, and what the last iteration did."""
    said = []
    if layered:
        said.append(f"Shown: start + {factor} · (now − start).")
    elif factor > 1:
        said.append("The images this run started from were not kept, so the change cannot be shown.")
    elif (
        view.iteration >= 10 and (change := mean_change(view.pictures, start)) is not None and change < LITTLE
    ):
        said.append(
            f"The images have changed by {change:.1f} of 255 on average, too little to see: "
            "choose the layer “change ×16” below."
        )
    if view.judging is None and view.status in ("running", "paused", "stopping") and view.last:
        said.append(f"The last iteration: {view.last}")
    return tuple(said)


def live_loss(view: RunView, folder: RunFolder, source: str = "") -> LiveFigure:
    """The loss of every set over the iterations."""
    iterations, losses = aligned({line_label(folder, name): curve for name, curve in view.loss.items()})
    return LiveFigure(
        loss_figure(iterations, losses, floor=view.floor, height=FIGURE_HEIGHT),
        revision=view.iteration,
        alt=describe_losses(iterations, losses, view.floor),
        height=FIGURE_HEIGHT,
        view=view.run_id,
        source=source,
        subject=folder.id,
    )


def aligned(loss: Mapping[str, Curve]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Curves of several sets on one iteration axis: they are written together, so the shortest decides."""
    if not loss:
        return np.zeros(0, np.int64), {}
    count = min(len(iterations) for iterations, _ in loss.values())
    first = next(iter(loss.values()))[0]
    return first[:count], {name: values[:count] for name, (_, values) in loss.items()}
