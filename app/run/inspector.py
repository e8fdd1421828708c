"""The inspector: the panel that opens when an image of the stage is picked.

The image itself follows the run in the browser; its history is drawn by the script. The nearest real images
come a moment later, beside the script: looking for them must not hold a click up. Must not import torch.
"""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from app.components.image_grid import Grid, Lane, Pick, show_image_grid
from app.jobs.live_snapshot import Pictures
from app.run.addresses import inspected_address
from app.run.image_details import inspected_grid, picked_picture, strip_grid, title_of
from app.run.moment import RunView
from app.run.nearest_real import Neighbours, nearest_by_features, nearest_by_pixels
from app.text.escaping import plain_text
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.folder import RunFolder

PNG_SIDE = 560
"""About how many pixels wide a downloaded picture is."""


def show_inspector(
    run: RunFolder, view: RunView, pick: Pick, on_close: Callable[[], None], *, following: bool = True
) -> None:
    """Draw the panel.

    Args:
        run: the run on screen.
        view: the moment that the stage shows.
        pick: the image; its lane is the set's name.
        on_close: called, as a Streamlit callback, by the button Close.
        following: whether `view` is the run's newest moment, which the picture then follows by itself.
    """
    with st.container(border=True, key="inspector"):
        with st.container(horizontal=True, vertical_alignment="center", key="inspector_head"):
            heading = st.container()
            st.button("Close", key="close_inspector", on_click=on_close, help="Close the inspector.")
        try:
            source = inspected_address(run.id, pick.lane, pick.label, pick.image) if following else ""
            grid = inspected_grid(run, view, pick, None if following else view.iteration, source)
            heading.markdown(f"**{plain_text(title_of(run, pick))}**")
            show_image_grid("inspected", grid)
            _show_strip(run, pick)
        except ValueError as trouble:
            st.markdown(plain_text(sentence(str(trouble))))
            return
        picture = picked_picture(view.pictures, pick)
        st.fragment(parallel=True)(_show_nearest)(run, picture, run.class_names[pick.label], view.iteration)
        _show_downloads(run, view, pick, picture)


def _show_strip(run: RunFolder, pick: Pick) -> None:
    strip = strip_grid(run, pick)
    if strip is None:
        st.caption("Its history is not kept: there is one moment of it only.")
        return
    st.markdown("**Through time**, by iteration")
    show_image_grid("inspected_strip", strip)


def _show_nearest(run: RunFolder, picture: Pictures, own_class: str, iteration: int) -> None:
    """Both rows of real images; a sentence where the data set is not here."""
    st.markdown(f"**Nearest real images**, at iteration {grouped(iteration)}")
    try:
        with st.spinner("Comparing with the real images …"):
            by_pixels = nearest_by_pixels(run, picture)
        show_image_grid("nearest_pixels", nearest_grid(by_pixels, own_class, "pixels"))
        with st.spinner("Comparing in the features of a random network …"):
            by_features = nearest_by_features(run, picture)
        show_image_grid("nearest_features", nearest_grid(by_features, own_class, "features"))
    except (ValueError, OSError, RuntimeError, MemoryError) as trouble:
        st.caption(plain_text(sentence(f"They cannot be looked up: {trouble}")))


def nearest_grid(found: Neighbours, own_class: str, space: str) -> Grid:
    """The nearest real images, each under its class and distance; the caption says how they were found.

    Args:
        found: the images.
        own_class: name of the class that the inspected image belongs to.
        space: `pixels` or `features`.
    """
    where = {"pixels": "in pixels", "features": "in the features of a random network"}[space]
    compared = (
        f"all {grouped(found.total)}"
        if found.among == found.total
        else f"a sample of {grouped(found.among)} of {grouped(found.total)}"
    )
    own = sum(name == own_class for name in found.class_names)
    verdict = (
        f"{own} of {len(found.class_names)} are of its own class, “{own_class}”"
        if found.class_names[0] == own_class
        else f"the nearest is of another class, “{found.class_names[0]}” instead of “{own_class}”"
    )
    return Grid(
        [Lane("nearest", "", found.pictures[:, None])],
        [f"{name} ({shortly(far)})" for name, far in zip(found.class_names, found.distances, strict=True)],
        iteration=0,
        alt=f"The {len(found.distances)} nearest real images {where}, with their class and distance.",
        caption=(f"Nearest {where}, of {compared}, with class and distance: {verdict}.",),
        max_height=260,
        largest=80,  # five beside each other in the column of the page
    )


def shortly(distance: float) -> str:
    """A distance with about three digits, alike in a row: 3.60, 21.1, 340."""
    decimals = 2 if distance < 10 else 1 if distance < 100 else 0
    return f"{distance:.{decimals}f}"


def _show_downloads(run: RunFolder, view: RunView, pick: Pick, picture: Pictures) -> None:
    name = f"{run.id}-{pick.lane}-class{pick.label}-image{pick.image + 1}"
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Picture (PNG)",
            lambda: png_of(picture),
            f"{name}-iteration{view.iteration}.png",
            "image/png",
            key="inspected_png",
            on_click="ignore",
            help="The image as it is shown, enlarged so that every pixel is a square.",
        )
        kept = [one for one in run.snapshots(pick.lane) if one <= view.iteration]
        if kept:
            st.download_button(
                "Learned values (npz)",
                lambda: values_of(run, pick, kept[-1]),
                f"{name}-iteration{kept[-1]}.npz",
                "application/octet-stream",
                key="inspected_values",
                on_click="ignore",
                help=f"Normalised pixels, unclamped, as kept at iteration {grouped(kept[-1])}; for NumPy.",
            )


def png_of(picture: Pictures) -> bytes:
    """A picture [channel, height, width] as a PNG, every pixel a square of the same size."""
    from PIL import Image

    factor = max(1, PNG_SIDE // max(picture.shape[1:]))
    large = picture.repeat(factor, axis=1).repeat(factor, axis=2)
    image = Image.fromarray(large[0] if len(large) == 1 else np.ascontiguousarray(large.transpose(1, 2, 0)))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def values_of(run: RunFolder, pick: Pick, iteration: int) -> bytes:
    """What was learned, as npz: `pixels` float32 [channel, height, width], and how to make a picture of it.

    Raises:
        ValueError: nothing is kept of that iteration, or its file is damaged.
    """
    from dmcore.runs.formats.condensed import condensed_of

    condensed = condensed_of(run, pick.lane, iteration)
    data = run.description.data
    number = int((condensed.label < pick.label).sum()) + pick.image
    stream = io.BytesIO()
    np.savez(
        stream,
        pixels=condensed.images[number].numpy(),
        mean=np.array(data.mean, np.float32),
        std=np.array(data.std, np.float32),
        stored_as=condensed.stored_as,
        run=run.id,
        set=pick.lane,
        class_name=run.class_names[pick.label],
        iteration=iteration,
    )
    return stream.getvalue()
