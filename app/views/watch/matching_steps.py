"""A matching step of a run of DC or DSA: its scene, and what its last layer has to do with mean features."""

import streamlit as st

from app.components.html_table import html_table
from app.components.matching.component import show_matching
from dmcore.config import GradientMatchingConfig
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_scene import MatchingScene

MOST_ROWS = 4
"""Rows of the last layer that are shown: the class's own, and those of the largest weights."""
HEADINGS = (
    "Row of the last layer",
    "Prediction − truth, mean",
    "Gradient, length",
    "Weighted mean of features, length",
    "Largest difference",
    "Cosine with the plain mean",
)


def choose_matching_step(run: RunFolder) -> int:
    """The matching step of the iteration to look at, from 0; there may be no choice."""
    assert isinstance(run.config, GradientMatchingConfig)
    steps = run.config.loops.outer
    if steps == 1:
        return 0
    return st.selectbox(
        "Matching step",
        range(steps),
        format_func=lambda step: f"matching step {step + 1} of {steps}",
        key=f"watch_step_outer_{run.id}",
        label_visibility="collapsed",
        help="Between two matching steps the network is trained on the learned images. A later one takes "
        "longer to compute.",
    )


def show_matching_step(
    key: str, scene: MatchingScene, run: RunFolder, label: int, *, remote: bool, below: float
) -> None:
    """Draw the scene and, below it, the link to distribution matching.

    Args:
        key: of the scene.
        scene: of the class.
        run: the run.
        label: the class.
        remote: whether a presentation remote's keys go from phase to phase.
        below: rem that stay in sight below the scene.
    """
    assert isinstance(run.config, GradientMatchingConfig)
    show_matching(key, scene, run.config, run.class_names[label], remote=remote, below=below)
    with st.container(key="watch_step_link", gap="small"):
        _show_link(scene, run.class_names, label)


def _show_link(scene: MatchingScene, class_names: tuple[str, ...], label: int) -> None:
    """The gradient of each row of the last layer beside the weighted mean of the features (section 2.4)."""
    st.markdown("**The link to distribution matching**")
    st.markdown(
        "The last layer's gradient is made of the features that distribution matching compares. For the real "
        "images of this class: the mean gradient of row $k$ is the mean of (prediction of $k$ − truth of "
        "$k$) × features. Both sides are computed here, the gradient by automatic differentiation."
    )
    by_weight = sorted(range(len(class_names)), key=lambda each: -abs(scene.last_layer[each].weight))
    chosen = sorted(by_weight, key=lambda each: each != label)[:MOST_ROWS]
    rows = [
        (
            class_names[each],
            _signed(scene.last_layer[each].weight),
            f"{scene.last_layer[each].gradient:.5f}",
            f"{scene.last_layer[each].weighted_mean:.5f}",
            f"{scene.last_layer[each].difference:.8f}",
            _signed(scene.last_layer[each].alignment),
        )
        for each in chosen
    ]
    st.html(html_table(HEADINGS, rows))
    st.caption(
        f"Over all rows the two differ by {scene.largest_difference:.8f} at most. A row whose cosine is 1 or "
        "−1 lies on the line of the plain mean of the features, which distribution matching takes: against "
        "it where prediction − truth is negative."
    )


def _signed(number: float) -> str:
    return f"{number:+.3f}".replace("-", "−")
