"""Content of the inspector: an image next to the one it started from, its history, its change and loss.

The inspector draws these values, and the server's live endpoints answer with newer ones.
"""

from collections.abc import Mapping

import numpy as np

from app.components.image_grid import ImageGrid, Lane, Pick
from app.jobs.run_view import RunView
from dmcore.config.formatting import grouped
from dmcore.runs.display import DisplayImages
from dmcore.runs.display.history import image_history
from dmcore.runs.display.layers import start_images
from dmcore.runs.display.titles import image_title, start_of_image
from dmcore.runs.events import losses_at
from dmcore.runs.folder import RunFolder

LARGEST = 220
STRIP_IMAGES = 10


def picked_image(images: Mapping[str, DisplayImages], pick: Pick) -> DisplayImages:
    """Select the picked image as it is shown, uint8 [channel, height, width].

    Raises:
        ValueError: there is no such set, class or image.
    """
    pixels = images.get(pick.lane)
    if pixels is None or not (0 <= pick.label < pixels.shape[0] and 0 <= pick.image < pixels.shape[1]):
        raise ValueError(f"there is no image {pick.image} of class {pick.label} in a set {pick.lane!r}")
    image: DisplayImages = pixels[pick.label, pick.image]
    return image


def inspected_grid(
    run: RunFolder, view: RunView, pick: Pick, at: int | None = None, source: str = ""
) -> ImageGrid:
    """Image grid of an image and the one it started from; its change and loss in the caption.

    Args:
        run: the run.
        view: the view to show.
        pick: the image.
        at: the stored iteration that `view` shows; None where it is the newest.
        source: address of newer frames; empty: nothing moves.

    Raises:
        ValueError: there is no such image, or not yet.
    """
    image = picked_image(view.images, pick)
    start = start_images(run).get(pick.lane)
    pixels, labels = [image], ["Now" if at is None else f"Iteration {grouped(at)}"]
    if start is not None:
        pixels.append(picked_image({pick.lane: start}, pick))
        began = start_of_image(run, pick.lane, pick.label)
        labels.append(f"Start: {began}" if began else "Start")
    return ImageGrid(
        [Lane("inspected", "", np.stack(pixels)[:, None])],
        labels,
        iteration=view.iteration,
        alt=f"{image_title(run, *pick)} at iteration {view.iteration}"
        + (", next to the image it started from." if start is not None else "."),
        caption=(_change_sentence(view, start, pick), _loss_sentence(run, view.iteration, pick)),
        max_height=170,
        largest=LARGEST,
        source=source,
        subject=run.id,
    )


def strip_grid(run: RunFolder, pick: Pick) -> ImageGrid | None:
    """Image grid of an image at some of the stored iterations; None with fewer than two.

    Raises:
        ValueError: there is no such set or image, or a snapshot is damaged.
    """
    history = image_history(run, *pick, STRIP_IMAGES)
    if history is None:
        return None
    return ImageGrid(
        [Lane("strip", "", history.images[:, None])],
        [grouped(iteration) for iteration in history.iterations],
        iteration=history.iterations[-1],
        alt=f"{image_title(run, *pick)} at the iterations {', '.join(map(str, history.iterations))}.",
        max_height=250,
        largest=84,
    )


def _change_sentence(view: RunView, start: DisplayImages | None, pick: Pick) -> str:
    if start is None:
        return (
            f"Iteration {grouped(view.iteration)}. The image it started from was not stored, so how far "
            "it has changed is not known."
        )
    change = np.abs(view.images[pick.lane].astype(np.int16) - start).mean(axis=(2, 3, 4))
    return (
        f"Iteration {grouped(view.iteration)}: since the start each pixel of this image has changed by "
        f"{change[pick.label, pick.image]:.1f} of 255 on average; over the whole set, by {change.mean():.1f}."
    )


def _loss_sentence(run: RunFolder, iteration: int, pick: Pick) -> str:
    names = run.class_names
    measured = losses_at(run.events_file, pick.lane, len(names), iteration)
    if not len(measured.iteration):
        return "No loss was recorded up to here."
    loss = measured.loss[0]
    return (
        f"Loss of its class at iteration {grouped(int(measured.iteration[0]))}: {loss[pick.label]:.3g}; "
        f"mean of all {len(names)} classes: {loss.mean():.3g}."
    )
