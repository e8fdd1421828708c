"""The stage: status line, the images of all sets, the loss beside them; drawn again in place at every tick.

A tick only takes the latest view and packs it (< 50 ms). Controls stay outside. It must not import torch.
"""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from app.image_grid import Lane, show_image_grid
from app.live import Curve, EvaluationProgress, Pictures
from app.live_figure import show_live_figure
from app.plots import describe_losses, loss_figure
from app.run_view import RunView, amplified, mean_change
from app.set_labels import lane_title, line_label
from app.words import BEFORE_UNIT, duration, grouped, rate
from dmcore.runs import RunFolder

STAGE_HEIGHT = 400
FIGURE_HEIGHT = 330
LAYERS = {"images": 1, "change ×4": 4, "change ×16": 16, "change ×64": 64}
LITTLE = 8.0
"""Mean change of a pixel, of 255, below which two pictures look the same."""
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


def show_status(view: RunView, judging: EvaluationProgress | None) -> None:
    """The line that says whether it runs, where it is, how fast, and how long it will take; with its bar."""
    word = "judging" if judging is not None and view.status == "running" else view.status
    said = [f":{COLOURS.get(word, 'orange')}[●] **{word}**"]
    said.append(f"iteration **{grouped(view.iteration)}** of {grouped(view.iterations)}")
    if word == "judging":
        said.append("the images are done and are being tested")
    if word in ("running", "paused", "stopping") and view.iterations_per_second:
        said.append(f"{rate(view.iterations_per_second)} iterations/s")
    if word not in ("failed", "judging") and view.images_per_second:
        said.append(f"{rate(view.images_per_second)} real images/s")
    if word == "running" and view.seconds_left is not None:
        said.append(f"{duration(view.seconds_left)} left")
    with st.container(key="watch_status", gap="xxsmall"):
        st.markdown(" \u2002 ".join(one.replace(" ", BEFORE_UNIT) for one in said))
        st.progress(min(1.0, view.iteration / max(1, view.iterations)))


def show_images(view: RunView, folder: RunFolder, start: Mapping[str, Pictures], factor: int) -> None:
    """Every set's images, or their amplified change; one sentence where changes are too small to see."""
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
        st.skeleton(height=STAGE_HEIGHT)
        return
    layer = f"change since the start, amplified ×{factor}" if layered else "images"
    show_image_grid(
        "stage",
        lanes,
        folder.class_names,
        iteration=view.iteration,
        alt=(
            f"Synthetic images of {folder.description.data.title} at iteration {view.iteration}, "
            f"{len(lanes)} sets, {len(folder.class_names)} classes: {layer}."
        ),
        max_height=STAGE_HEIGHT,
    )
    if factor > 1 and not layered:
        st.caption("The images this run started from were not kept, so the change cannot be shown.")
    elif layered:
        st.caption(f"Shown: start + {factor} · (now − start).")
    elif (
        (change := mean_change(view.pictures, start)) is not None and change < LITTLE and view.iteration >= 10
    ):
        st.caption(
            f"The images have changed by {change:.1f} of 255 on average, too little to see: "
            "choose the layer “change ×16” below."
        )


def show_loss(view: RunView, folder: RunFolder) -> None:
    """The loss of every set over the iterations, and why it jumps."""
    iterations, losses = aligned({line_label(folder, name): curve for name, curve in view.loss.items()})
    figure = loss_figure(iterations, losses, floor=view.floor, height=FIGURE_HEIGHT)
    show_live_figure(
        "loss",
        figure,
        revision=view.iteration,
        alt=describe_losses(iterations, losses, view.floor),
        height=FIGURE_HEIGHT,
        view=view.run_id,
    )
    st.caption(WHY_IT_JUMPS)


def aligned(loss: Mapping[str, Curve]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Curves of several sets on one iteration axis: they are written together, so the shortest decides."""
    if not loss:
        return np.zeros(0, np.int64), {}
    count = min(len(iterations) for iterations, _ in loss.values())
    first = next(iter(loss.values()))[0]
    return first[:count], {name: values[:count] for name, (_, values) in loss.items()}


def tick_seconds(live: bool, elsewhere: bool) -> float:
    """How often the page looks: 4 times a second at its own work, once at a terminal's, else slowly."""
    return 0.25 if live else 1.0 if elsewhere else 2.0


def live_fragment(body: Callable[[], None], seconds: float) -> None:
    """Run `body` now and every so many seconds."""
    st.fragment(run_every=seconds)(body)()
