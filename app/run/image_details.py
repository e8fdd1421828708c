"""Content of the inspector: an image next to the one it started from, its history, its change and loss.

The inspector draws these values, and the server's live endpoints answer with newer ones.
"""

from collections.abc import Mapping

import numpy as np

from app.components.image_grid import ImageGrid, Lane, Pick
from app.jobs.run_view import DisplayImages, RunView
from app.text.set_labels import set_title
from dmcore.config.formatting import grouped
from dmcore.runs.display.images import to_display_images
from dmcore.runs.display.layers import start_images
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


def image_title(run: RunFolder, pick: Pick) -> str:
    """Title of an image: 'Trouser, image 2 of 10, from noise'."""
    described = run.set_named(pick.lane)
    title = set_title(run, described)
    parts = [run.class_names[pick.label]]
    if described.images_per_class > 1:
        parts.append(f"image {pick.image + 1} of {described.images_per_class}")
        title = title.removeprefix(f"{described.images_per_class} per class").removeprefix(", ")
    return ", ".join([*parts, title] if title else parts)


def start_of_image(run: RunFolder, pick: Pick) -> str:
    """Description of what an image started from: 'noise', 'a real Trouser'; empty where it is not known."""
    spec = run.set_named(pick.lane).spec
    if spec is None:
        return ""
    if spec.init == "noise":
        return "noise"
    names = run.class_names
    # a wrong class is the next one, see dmcore.data.synthetic.initial_images
    return f"a real {names[(pick.label + (spec.init == 'wrong_class')) % len(names)]}"


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
        began = start_of_image(run, pick)
        labels.append(f"Start: {began}" if began else "Start")
    return ImageGrid(
        [Lane("inspected", "", np.stack(pixels)[:, None])],
        labels,
        iteration=view.iteration,
        alt=f"{image_title(run, pick)} at iteration {view.iteration}"
        + (", next to the image it started from." if start is not None else "."),
        caption=(_change_sentence(view, start, pick), _loss_sentence(run, view.iteration, pick)),
        max_height=300,
        largest=LARGEST,
        source=source,
        subject=run.id,
    )


def strip_iterations(stored: list[int], count: int = STRIP_IMAGES) -> list[int]:
    """Choose about `count` of the stored iterations, evenly in log time, with the first and the last."""
    if len(stored) <= count:
        return stored
    log_time = np.log1p(stored)
    targets = np.linspace(log_time[0], log_time[-1], count)
    return sorted({stored[int(np.abs(log_time - target).argmin())] for target in targets})


def strip_grid(run: RunFolder, pick: Pick) -> ImageGrid | None:
    """Image grid of an image at some of the stored iterations; None with fewer than two.

    Raises:
        ValueError: there is no such set or image, or a snapshot is damaged.
    """
    iterations = strip_iterations(run.snapshots(pick.lane))
    if len(iterations) < 2:
        return None
    data = run.description.data
    pixels = np.stack([run.image(pick.lane, at, pick.label, pick.image) for at in iterations])
    return ImageGrid(
        [Lane("strip", "", to_display_images(pixels, data)[:, None])],
        [grouped(iteration) for iteration in iterations],
        iteration=iterations[-1],
        alt=f"{image_title(run, pick)} at the iterations {', '.join(map(str, iterations))}.",
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
