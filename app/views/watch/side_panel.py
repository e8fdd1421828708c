"""Side panel of the Watch page: loss, accuracy, features, the picked image, or one iteration step by step."""

import streamlit as st

from app.components.image_grid import Pick
from app.components.live_figure import show_live_figure
from app.components.states import show_empty
from app.jobs.run_view import RunView
from app.run import live
from app.run.images.inspector import show_inspector
from app.run.presenter import presenting
from app.run.stage_content import FIGURE_HEIGHT, WHAT_IS_DASHED, WHY_IT_JUMPS, live_loss, shows_noise_floor
from app.run.view_state import LOSS, open_image, opened_image
from app.views.watch.compact_map import show_compact_map
from app.views.watch.online_evaluation_view import show_online_evaluation
from app.views.watch.step_by_step import show_step_by_step
from dmcore.runs.folder import RunFolder

ACCURACY, FEATURES, IMAGE, STEPS = "accuracy", "features", "image", "step by step"
PANELS = (LOSS, ACCURACY, FEATURES, IMAGE, STEPS)


def pick_image(pick: Pick) -> None:
    """Open an image of the stage in the inspector."""
    open_image(pick)
    st.session_state["beside"] = IMAGE


def close_image() -> None:
    """Close the inspector and show the loss again."""
    open_image(None)
    st.session_state["beside"] = LOSS


def show_side_panel(run: RunFolder, view: RunView, shown: RunView, at: int | None) -> None:
    """The panel that is chosen above it.

    Args:
        run: the run on screen.
        view: its newest state.
        shown: the state looked at.
        at: its iteration; None where it is the newest.
    """
    panel = st.segmented_control(
        "Side panel",
        PANELS,
        default=LOSS,
        required=True,
        key="beside",
        bind="query-params",
        label_visibility="collapsed",
        help="The loss over time; how much networks learn from the images by now; the images as stars among "
        "the real ones; the image you click, with its history; or one iteration of the algorithm, computed "
        "again step by step.",
    )
    with st.container(key="watch_side"):
        _show_panel(panel, run, view, shown, at)


def _show_panel(panel: str, run: RunFolder, view: RunView, shown: RunView, at: int | None) -> None:
    """What is in the panel; see `show_side_panel`."""
    if panel == IMAGE:
        pick = opened_image()
        if pick is None:
            show_empty(
                "watch_image",
                "Click an image to see where it came from and which real images are nearest.",
                height=FIGURE_HEIGHT,
            )
        else:
            show_inspector(run, shown, pick, close_image, following=at is None)
    elif panel == ACCURACY:
        show_online_evaluation(run, view, at)
    elif panel == FEATURES:
        show_compact_map(run, shown, at, pick_image)
    elif panel == STEPS:
        if not run.snapshots():
            show_empty(
                "watch_steps",
                "An iteration is shown step by step once images are stored, in a moment.",
                height=FIGURE_HEIGHT,
            )
        else:
            show_step_by_step(run, at)
    else:
        show_live_figure("loss", live_loss(view, run, live.loss.address(run=run.id, at=at), at))
        if presenting():
            return
        if shows_noise_floor(view):
            st.caption(
                "Why the dots jump, and what the dashed line is", help=f"{WHY_IT_JUMPS} {WHAT_IS_DASHED}"
            )
        else:
            st.caption("Why the dots jump", help=WHY_IT_JUMPS)
