"""Inspector: the panel that opens when an image of the stage is picked.

The image itself follows the run in the browser; its history is drawn by the script. The nearest real images
come a moment later, from a parallel fragment: looking for them must not delay a click.
"""

from collections.abc import Callable

import streamlit as st

from app.components.image_grid import ImageGrid, Pick, image_row, show_image_grid
from app.jobs.page_answers import get_page_answers
from app.jobs.run_view import RunView
from app.run import live
from app.run.images.details import inspected_grid, picked_image, strip_grid
from app.run.images.nearest_real import Neighbours, Space, nearest_question
from app.text.escaping import plain_text
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.display import DisplayImages
from dmcore.runs.display.files import encode_png, encode_values
from dmcore.runs.display.titles import image_title
from dmcore.runs.folder import RunFolder

SPACES: dict[Space, tuple[str, str]] = {
    "pixels": ("with the real images", "in pixels"),
    "features": ("in the features of a random network", "in the features of a random network"),
}
"""How images are compared in each space, for the spinner and for the caption."""


def show_inspector(
    run: RunFolder, view: RunView, pick: Pick, on_close: Callable[[], None], *, following: bool = True
) -> None:
    """Draw the inspector.

    Args:
        run: the run on screen.
        view: the view that the stage shows.
        pick: the image; its lane is the set's name.
        on_close: called, as a Streamlit callback, by the button Close.
        following: whether `view` is the run's newest, which the image then follows by itself.
    """
    with st.container(border=True, key="inspector"):
        with st.container(horizontal=True, vertical_alignment="center", key="inspector_head"):
            heading = st.container()
            st.button("Close", key="close_inspector", on_click=on_close, help="Close the inspector.")
        try:
            source = live.inspected.address(run=run.id, **live.picked_query(pick)) if following else ""
            grid = inspected_grid(run, view, pick, None if following else view.iteration, source)
            heading.markdown(f"**{plain_text(image_title(run, *pick))}**")
            show_image_grid("inspected", grid)
            _show_strip(run, pick)
        except ValueError as error:
            st.markdown(plain_text(sentence(str(error))))
            return
        image = picked_image(view.images, pick)
        st.fragment(parallel=True)(_show_nearest)(run, image, run.class_names[pick.label], view.iteration)
        _show_downloads(run, view, pick, image)


def _show_strip(run: RunFolder, pick: Pick) -> None:
    strip = strip_grid(run, pick)
    if strip is None:
        st.caption("Its history is not stored: there is only one iteration of it.")
        return
    st.markdown("**Through time**, by iteration")
    show_image_grid("inspected_strip", strip)


def _show_nearest(run: RunFolder, image: DisplayImages, own_class: str, iteration: int) -> None:
    """Draw both rows of real images; a sentence where the data set is not available."""
    st.markdown(f"**Nearest real images**, at iteration {grouped(iteration)}")
    for space, (compared, _) in SPACES.items():
        with st.spinner(f"Comparing {compared} …"):
            look = get_page_answers().ask(nearest_question(run, image, space), patience=None)
        if look.failure is not None:
            st.caption(plain_text(sentence(f"They cannot be looked up: {look.failure.error}")))
            return
        if look.value is not None:
            show_image_grid(f"nearest_{space}", nearest_grid(look.value, own_class, space))


def nearest_grid(neighbours: Neighbours, own_class: str, space: Space) -> ImageGrid:
    """Image grid of the nearest real images, each under its class and distance.

    The caption says what was compared, and how many are of the image's own class.

    Args:
        neighbours: the images.
        own_class: name of the class that the inspected image belongs to.
        space: where distances are measured.
    """
    _, where = SPACES[space]
    compared = (
        f"all {grouped(neighbours.total)}"
        if neighbours.among == neighbours.total
        else f"a sample of {grouped(neighbours.among)} of {grouped(neighbours.total)}"
    )
    own = sum(name == own_class for name in neighbours.class_names)
    agreement = (
        f"{own} of {len(neighbours.class_names)} are of its own class, “{own_class}”"
        if neighbours.class_names[0] == own_class
        else f"the nearest is of another class, “{neighbours.class_names[0]}” instead of “{own_class}”"
    )
    return image_row(
        neighbours.images,
        [
            f"{name} ({short_distance(distance)})"
            for name, distance in zip(neighbours.class_names, neighbours.distances, strict=True)
        ],
        alt=f"The {len(neighbours.distances)} nearest real images {where}, with their class and distance.",
        caption=(f"Nearest {where}, of {compared}, with class and distance: {agreement}.",),
        max_height=260,
        largest=80,  # five beside each other in the column of the page
    )


def short_distance(distance: float) -> str:
    """Format a distance with about three digits: 3.60, 21.1, 340."""
    decimals = 2 if distance < 10 else 1 if distance < 100 else 0
    return f"{distance:.{decimals}f}"


def _show_downloads(run: RunFolder, view: RunView, pick: Pick, image: DisplayImages) -> None:
    name = f"{run.id}-{pick.lane}-class{pick.label}-image{pick.image + 1}"
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Image (PNG)",
            lambda: encode_png(image),
            f"{name}-iteration{view.iteration}.png",
            "image/png",
            key="inspected_png",
            on_click="ignore",
            help="The image as it is shown, enlarged so that every pixel is a square.",
        )
        stored = [iteration for iteration in run.snapshots(pick.lane) if iteration <= view.iteration]
        if stored:
            st.download_button(
                "Learned values (npz)",
                lambda: encode_values(run, *pick, stored[-1]),
                f"{name}-iteration{stored[-1]}.npz",
                "application/octet-stream",
                key="inspected_values",
                on_click="ignore",
                help=f"Normalised pixels, unclamped, stored at iteration {grouped(stored[-1])}; for NumPy.",
            )
