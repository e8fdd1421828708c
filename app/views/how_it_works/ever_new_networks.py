"""Chapter: why a new network is drawn at each step (the paper's θ ~ P), seen on points of a plane."""

import streamlit as st

from app.components.formula import term
from app.components.page_links import DISTRIBUTION_PAGE, open_page
from app.components.plane.component import show_planes
from app.components.plane.state import PARAMETERS, PlaneState
from app.views.how_it_works.address import recalled, remember
from app.views.how_it_works.chapter import NEAR, REVERSED, Chapter
from app.views.how_it_works.formula_box import show_formula_box
from app.views.how_it_works.networks_on_images import (
    fixed_network_on_images,
    trained_networks_on_images,
)

FORMULA_BOX = "plane_formula"
FIXED, SEVERAL, NEW, ALIKE = "fixed", "several", "new", "alike"
PLANES = {FIXED: ("1",), SEVERAL: ("4", "16"), NEW: ("new",)}
"""Planes that an answer names, by their networks."""


def show_ever_new_networks(guess: str | None) -> None:
    """Draw the planes and, once there is a guess, what real images say."""
    show_planes(
        "how_it_works_planes",
        PlaneState.of_query(recalled(PARAMETERS)),
        lambda state: remember(state.as_query()),
        revealed=guess is not None,
        guessed=PLANES.get(guess or "", ()),
    )
    if guess is not None:
        _show_images()
    show_formula_box(FORMULA_BOX, FORMULA, IN_WORDS)


def _show_images() -> None:
    """What was measured on real images, with the way to all of it."""
    measured = [text for text in (fixed_network_on_images(), trained_networks_on_images()) if text]
    with st.container(
        key="how_it_works_on_images", horizontal=True, vertical_alignment="center", gap="small"
    ):
        if measured:
            st.html("".join(f"<p>{text}</p>" for text in measured))
        if st.button("All of it: Random or trained? →", key="how_it_works_images", type="tertiary"):
            open_page(DISTRIBUTION_PAGE)


FORMULA = (
    "What is made small, for one network after the other: Σ<sub>j</sub> ( mean of "
    + term("feature", "<i>φ<sub>j</sub></i>", "φⱼ: feature j, a number that the network makes of a point")
    + term("star", "(<i>s</i>)", "s: a star, what is learned")
    + " − mean of "
    + term("feature", "<i>φ<sub>j</sub></i>", "φⱼ: feature j, a number that the network makes of a point")
    + term("cloud", "(<i>x</i>)", "x: a dot, a real image")
    + " )<sup>2</sup>"
)
IN_WORDS = (
    "For each feature: its mean over the stars minus its mean over the dots, squared; all summed. It is "
    "equation 6 of the paper for one class, without augmentation."
)
EXPLANATION = r"""
A network here is one layer of random features, $\phi_j(x) = \max(0,\, w_j \cdot x + b_j)$, with directions
$w_j$ of length 1 and $b_j$ uniform in ±1.5. It is never trained. Each step takes one network and moves the
stars $s$ down the gradient of

$$
\sum_j \Big(\tfrac{1}{|S|}\sum_{s \in S} \phi_j(s) - \tfrac{1}{|X|}\sum_{x \in X} \phi_j(x)\Big)^2
$$

where $x$ are the points of the cloud: equation 6 of the paper and its Algorithm 1 for one class, without
augmentation, and with the whole cloud in place of a mini-batch of it. The
learning rate is 1 with momentum 0.5, scaled so that each star is pulled as strongly whatever the number of
stars and features; after step 2 000 it falls, to 0 at step 3 000. All planes share cloud, start and their
first networks: only the number of networks differs.

On the ring, with 12 stars and 8 features, the mean distance from a point to its nearest star is 0.62 with one
network, 0.33 with four, 0.23 with sixteen and 0.20 with a new one at each step, on average over 20 draws of
the networks; a single draw can end otherwise.
"""

EVER_NEW_NETWORKS = Chapter(
    name="ever-new-networks",
    title="Why a new network each time?",
    short="New networks",
    sentence="Each dot stands for a real image, each star for a learned one. A random network measures both "
    "in every step, and the stars move until both measure the same.",
    question="When do the stars spread most evenly over the dots, on average over many trials?",
    answers={
        FIXED: "With one fixed network",
        SEVERAL: "With four or sixteen",
        NEW: "With a new one at each step",
        ALIKE: "It makes no difference",
    },
    right=NEW,
    wrong={(SEVERAL, NEW): NEAR, (FIXED, NEW): REVERSED},
    reveal="It spreads them best on average. One network does not notice some gaps between the stars. "
    "The next one does.",
    misconception="One good network is enough.",
    correction="Not for these dots. Sixteen different networks, all untrained, come close on average.",
    explanation=EXPLANATION,
    show=show_ever_new_networks,
    parameters=(*PARAMETERS, FORMULA_BOX),
)
