"""What stands beside the stage, one at a time: loss, accuracy, features, the picked image, one iteration."""

import streamlit as st

from app.components.image_grid import Pick
from app.components.live_figure import show_live_figure
from app.run.addresses import run_address
from app.run.inspector import show_inspector
from app.run.run_view import RunView, stored_iterations
from app.run.stage_content import WHY_IT_JUMPS, live_loss
from app.run.view_state import open_image, opened_image
from app.views.watch.online_evaluation_view import show_gauge
from app.views.watch.small_map import show_compact_map
from app.views.watch.step_by_step import show_slow_motion
from dmcore.runs.folder import RunFolder

LOSS, ACCURACY, FEATURES, IMAGE, STEPS = "loss", "accuracy", "features", "image", "step by step"
SIDES = (LOSS, ACCURACY, FEATURES, IMAGE, STEPS)


def pick_image(pick: Pick) -> None:
    """Open an image of the stage in the inspector."""
    open_image(pick)
    st.session_state["beside"] = IMAGE


def close_image() -> None:
    """Close the inspector; the loss stands there again."""
    open_image(None)
    st.session_state["beside"] = LOSS


def show_side_panel(run: RunFolder, view: RunView, shown: RunView, at: int | None) -> None:
    """Draw the chosen one.

    Args:
        run: the run on screen.
        view: its newest moment.
        shown: the moment looked at.
        at: its iteration; None where it is the newest.
    """
    chosen = st.segmented_control(
        "Beside the images",
        SIDES,
        default=LOSS,
        required=True,
        key="beside",
        bind="query-params",
        label_visibility="collapsed",
        help="The loss over time; how much networks learn from the images by now; the images as stars among "
        "the real ones; the image you click, with its history; or one iteration of the algorithm, computed "
        "again step by step.",
    )
    if chosen == IMAGE:
        pick = opened_image()
        if pick is None:
            st.info("Click an image to see where it came from and which real images are nearest.")
        else:
            show_inspector(run, shown, pick, close_image, following=at is None)
    elif chosen == ACCURACY:
        show_gauge(run, view, at)
    elif chosen == FEATURES:
        show_compact_map(run, shown, at, pick_image)
    elif chosen == STEPS:
        kept = stored_iterations(run)
        if not kept:
            st.info("No images are stored yet: look again in a moment.")
        else:
            show_slow_motion(run, kept[-1] if at is None else at)
    else:
        asked = {} if at is None else {"at": at}
        show_live_figure("loss", live_loss(view, run, run_address(run.id, "loss", **asked), at))
        st.caption(WHY_IT_JUMPS)
