"""One image of a run under the glass: beside the image it started from, through time, and its numbers.

Values, not drawing: the inspector draws them, the server's live addresses answer with newer ones. It must not
import torch.
"""

from collections.abc import Mapping

import numpy as np

from app.components.image_grid import Grid, Lane, Pick
from app.jobs.live_snapshot import Pictures, pictures_of
from app.run.layers import start_pictures
from app.run.moment import RunView
from app.text.set_labels import lane_title
from dmcore.config.formatting import grouped
from dmcore.runs.description import SetDescription
from dmcore.runs.events import losses_at
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import read_image

LARGEST = 220
STRIP_IMAGES = 10


def picked_picture(pictures: Mapping[str, Pictures], pick: Pick) -> Pictures:
    """The picked image as it is shown, uint8 [channel, height, width].

    Raises:
        ValueError: there is no such set, class or image.
    """
    pixels = pictures.get(pick.lane)
    if pixels is None or not (0 <= pick.label < pixels.shape[0] and 0 <= pick.image < pixels.shape[1]):
        raise ValueError(f"there is no image {pick.image} of class {pick.label} in a set {pick.lane!r}")
    picture: Pictures = pixels[pick.label, pick.image]
    return picture


def title_of(run: RunFolder, pick: Pick) -> str:
    """Which image it is: 'Trouser, image 2 of 10, from noise'."""
    one = _set_of(run, pick)
    title = lane_title(run, one)
    said = [run.class_names[pick.label]]
    if one.images_per_class > 1:
        said.append(f"image {pick.image + 1} of {one.images_per_class}")
        title = title.removeprefix(f"{one.images_per_class} per class").removeprefix(", ")
    return ", ".join([*said, title] if title else said)


def start_of_image(run: RunFolder, pick: Pick) -> str:
    """What the image started from: 'noise', 'a real Trouser'; empty where nobody knows."""
    spec = _set_of(run, pick).spec
    if spec is None:
        return ""
    if spec.init == "noise":
        return "noise"
    names = run.class_names
    # a wrong class is the next one, see dmcore.synthetic.start_images
    return f"a real {names[(pick.label + (spec.init == 'wrong_class')) % len(names)]}"


def inspected_grid(
    run: RunFolder, view: RunView, pick: Pick, at: int | None = None, source: str = ""
) -> Grid:
    """The image beside the one it started from; how far it has come and its loss in the caption.

    Args:
        run: the run.
        view: the moment to show.
        pick: which image.
        at: the kept iteration that `view` shows; left open where it is the newest.
        source: where newer frames are found; empty: nothing moves.

    Raises:
        ValueError: there is no such image, or not yet.
    """
    picture = picked_picture(view.pictures, pick)
    start = start_pictures(run).get(pick.lane)
    shown, labels = [picture], ["Now" if at is None else f"Iteration {grouped(at)}"]
    if start is not None:
        shown.append(picked_picture({pick.lane: start}, pick))
        began = start_of_image(run, pick)
        labels.append(f"Start: {began}" if began else "Start")
    return Grid(
        [Lane("inspected", "", np.stack(shown)[:, None])],
        labels,
        iteration=view.iteration,
        alt=f"{title_of(run, pick)} at iteration {view.iteration}"
        + (", beside the image it started from." if start is not None else "."),
        caption=(_moved(view, start, pick), _loss(run, view.iteration, pick)),
        max_height=300,
        largest=LARGEST,
        source=source,
        subject=run.id,
    )


def strip_iterations(kept: list[int], count: int = STRIP_IMAGES) -> list[int]:
    """About `count` of the kept iterations, evenly in log time, with the first and the last."""
    if len(kept) <= count:
        return kept
    place = np.log1p(kept)
    wanted = np.linspace(place[0], place[-1], count)
    return sorted({kept[int(np.abs(place - one).argmin())] for one in wanted})


def strip_grid(run: RunFolder, pick: Pick) -> Grid | None:
    """The image at some of the kept iterations, each under its iteration; None with fewer than two.

    Raises:
        ValueError: there is no such set or image, or a snapshot is damaged.
    """
    iterations = strip_iterations(run.snapshots(pick.lane))
    if len(iterations) < 2:
        return None
    folder, data = run.snapshot_folder(pick.lane), run.description.data
    pixels = np.stack([read_image(folder, one, pick.label, pick.image) for one in iterations])
    return Grid(
        [Lane("strip", "", pictures_of(pixels, data)[:, None])],
        [grouped(one) for one in iterations],
        iteration=iterations[-1],
        alt=f"{title_of(run, pick)} at the iterations {', '.join(map(str, iterations))}.",
        max_height=250,
        largest=84,
    )


def _set_of(run: RunFolder, pick: Pick) -> SetDescription:
    return next(one for one in run.sets if one.name == pick.lane)


def _moved(view: RunView, start: Pictures | None, pick: Pick) -> str:
    if start is None:
        return (
            f"Iteration {grouped(view.iteration)}. The image it started from was not kept, so how far it "
            "has come is not known."
        )
    change = np.abs(view.pictures[pick.lane].astype(np.int16) - start).mean(axis=(2, 3, 4))
    return (
        f"Iteration {grouped(view.iteration)}: since the start each pixel of this image has changed by "
        f"{change[pick.label, pick.image]:.1f} of 255 on average; over the whole set, by {change.mean():.1f}."
    )


def _loss(run: RunFolder, iteration: int, pick: Pick) -> str:
    names = run.class_names
    measured = losses_at(run.events_file, pick.lane, len(names), iteration)
    if not len(measured.iteration):
        return "No loss was recorded up to here."
    loss = measured.loss[0]
    return (
        f"Loss of its class at iteration {grouped(int(measured.iteration[0]))}: {loss[pick.label]:.3g}; "
        f"mean of all {len(names)} classes: {loss.mean():.3g}."
    )
