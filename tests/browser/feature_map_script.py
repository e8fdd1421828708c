"""A small page with a feature map of made-up clouds: `?case=` picks one, and with `&moving=1` the stars move.

With `&follow=1` it names addresses that nobody serves here: the test answers them.
"""

import time

import numpy as np
import streamlit as st

from app.components.packed_frame import Pick
from app.components.star_map.component import show_feature_map
from app.components.star_map.values import FeatureMap, Panel

FASHION = [
    *["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag"],
    "Ankle <b>",
]
LONG = ["Ankle <b>boot</b> of an unusually long name", "Unterseebootskapitänsmützenfabrikantentochter"]
CASES = {
    "one": (["everything"], [0], 1, 1),
    "two": (LONG, [0, 1], 1, 3),
    "ten": (FASHION, list(range(10)), 2, 3),
    "forty": ([f"class {label}" for label in range(40)], [3, 8, 1, 30, 12], 1, 10),
    "four": (FASHION, list(range(10)), 4, 10),
    "many": (FASHION, list(range(10)), 1, 50),
}
"""Class names, coloured classes, panels, images per class."""
REAL = 2000
PANELS = [
    ("random", "Random real images"),
    ("noise", "Condensed, from noise"),
    ("real", "From real"),
    ("dsa", "DSA"),
]
ARRIVED = 40
FOLLOW = {
    "source": "/map/newest",
    "subject": "run-1",
    "film": "/map/film?network=one",
    "thumbs": "/map/thumbs",
}


def cloud(classes):
    random = np.random.default_rng(1)
    angle = np.arange(classes) * 2.4
    centres = (
        60
        * np.sqrt((np.arange(classes) + 0.5) / classes)[:, None]
        * np.stack([np.cos(angle), np.sin(angle)], 1)
    )
    label = np.sort(np.arange(REAL) % classes)
    return label, centres[label] + random.normal(0, 44 / np.sqrt(classes) / 2, (REAL, 2)), centres


def make_panel(index, names, images, centres, tick):
    random = np.random.default_rng(10 + index)
    label, image = np.repeat(np.arange(len(names)), images), np.tile(np.arange(images), len(names))
    start = random.normal(0, 25, (len(label), 2))
    goal = centres[label] + random.normal(0, 4, (len(label), 2))
    near = 1 - 0.9 ** min(tick, ARRIVED)
    wobble = 1.5 * np.stack([np.sin(tick / 3 + label), np.cos(tick / 2 + image)], 1)
    positions = start + (goal - start) * near + wobble
    rows, columns = np.mgrid[:28, :28] / 28
    wave = np.sin(
        6.3 * ((label + 1)[:, None, None] * 0.3 * rows + (image + 1)[:, None, None] * 0.4 * columns)
    )
    return Panel(
        *PANELS[index],
        positions,
        label,
        image,
        (128 + 100 * wave).astype(np.uint8)[:, None],
        start,
    )


def keep_pick(pick: Pick) -> None:
    st.session_state.picked = pick


def show() -> None:
    query = st.query_params
    case = query.get("case", "ten")
    moving = query.get("moving") == "1"
    tick = int((time.time() - st.session_state.started) / 0.8) + 1 if moving else int(query.get("at", 12))
    names, coloured, panels, images = CASES[case]
    label, real, centres = cloud(len(names))
    stars = [make_panel(index, names, images, centres, tick) for index in range(panels)]
    picked = st.session_state.get("picked")
    alt = f"{len(real)} real and {len(stars[0].label)} synthetic images at iteration {tick}"
    shown = FeatureMap(
        case,
        real,
        label,
        names,
        coloured,
        stars,
        alt,
        tick,
        (
            f"t-SNE of the features of one random network, iteration {tick}.",
            "Axes have no meaning <i>here</i>.",
        ),
        picked=picked,
        trails=int(query.get("trails", 8)),
        starts=query.get("starts") == "1",
        **(FOLLOW if query.get("follow") == "1" else {}),
    )
    show_feature_map("map", shown, keep_pick)
    st.write(f"picked {picked}")


st.set_page_config(layout="wide", page_title="feature map")
st.session_state.setdefault("started", time.time())
st.fragment(run_every=0.2 if st.query_params.get("moving") == "1" else None)(show)()
