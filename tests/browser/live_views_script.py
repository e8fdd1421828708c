"""A small page with the two live views and nothing behind them; `?layout=` picks what the grid shows."""

import time

import numpy as np
import streamlit as st

from app.components.image_grid import ImageGrid, Lane, Pick, show_image_grid
from app.components.live_figure import ClickedPoint, LiveFigure, show_live_figure
from app.plots.loss import describe_losses, loss_figure

CLASSES = [
    *["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag"],
    "Ankle <b>",
]
LAYOUTS = {
    "lanes": (3, 1, 8, 1),
    "ten": (1, 10, 28, 1),
    "fifty": (1, 50, 32, 3),
    "mixed": (2, 2, 32, 3),
    "one": (1, 1, 28, 1),
}
TITLES = ["from noise", "from real", "from wrong class"]


def keep_pick(pick: Pick) -> None:
    st.session_state.picked = pick


def keep_point(point: ClickedPoint) -> None:
    st.session_state.point = point


def make_lanes(layout: str, iteration: int) -> list[Lane]:
    count, images, side, channels = LAYOUTS[layout]
    rows, columns = np.mgrid[:side, :side] / side
    made = []
    for lane in range(count):
        label = np.arange(10)[:, None, None, None, None]
        image = np.arange(images)[None, :, None, None, None]
        wave = np.sin(
            6.3 * ((label + 1) * 0.3 * rows + (image % 7 + 1) * 0.4 * columns) + lane + iteration / 9
        )
        colours = np.concatenate([wave, np.roll(wave, 2, -1), -wave], 2) if channels == 3 else wave
        made.append(
            Lane(f"lane-{lane}", TITLES[lane], (80 + 40 * lane + 60 * colours).clip(40, 255).astype(np.uint8))
        )
    return made


def live() -> None:
    iteration = 1 + int((time.time() - st.session_state.started) * 20)
    layout = st.query_params.get("layout", "lanes")
    picked = st.session_state.get("picked")
    left, right = st.columns([3, 2])
    with left:
        lanes = make_lanes(layout, iteration)
        alt = f"{len(CLASSES)} classes of test images at iteration {iteration}"
        show_image_grid("grid", ImageGrid(lanes, CLASSES, iteration, alt, picked=picked), keep_pick)
        st.write(f"picked {picked}")
    with right:
        iterations = np.arange(1, iteration + 1)
        random = np.random.default_rng(0)
        losses = {
            title: ((30 * (lane + 0.2) / iterations**0.6 + 2) * random.lognormal(0, 0.25, iteration)).astype(
                np.float32
            )
            for lane, title in enumerate(TITLES)
        }
        figure = loss_figure(iterations, losses, floor=1.4)
        show_live_figure(
            "loss", LiveFigure(figure, iteration, describe_losses(iterations, losses, 1.4)), keep_point
        )
        st.write(f"point {st.session_state.get('point')}")


st.set_page_config(layout="wide", page_title="live views")
st.session_state.setdefault("started", time.time())
st.button("A primary button", type="primary")
st.fragment(run_every=0.2)(live)()
