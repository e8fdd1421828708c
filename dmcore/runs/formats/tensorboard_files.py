"""Writer of a TensorBoard log of a set: images and curves by iteration, and points for its projector.

`tensorboard --logdir FOLDER` shows it. The package is optional.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from dmcore.config.protocols import is_quick
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.exported_folder import class_folders, write_folder
from dmcore.runs.formats.image_writers import display_images, sheet_of
from dmcore.runs.formats.projector_points import projector_points
from dmcore.runs.formats.tested_accuracies import results_until

NOT_INSTALLED = "TensorBoard's files need its package, which is not installed: pip install tensorboard"
ABOUT = (
    "`tensorboard --logdir FOLDER` shows this folder. Images are clamped to 8 bits. The points of the "
    "projector are normalised pixels, rounded to 4 digits: pixel / 255 = value * std + mean."
)
EVENT_FILE = "events.out.tfevents.0.dm-explorer"
"""TensorBoard reads files whose name has `tfevents`; the usual one names the computer."""
MOST_SHEETS = 10
"""TensorBoard keeps so many images of a tag, unless it is told otherwise."""
MOST_SHEET_BYTES = 20_000_000
"""Pixels of all sheets together; their checksums are computed byte by byte."""


def write_tensorboard(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write a log folder: sheets of all images by iteration, a row of each class, curves, projector files.

    Raises:
        ValueError: the package is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as missing:
        raise ValueError(NOT_INSTALLED) from missing

    def save(folder: Path) -> None:
        writer: Any = SummaryWriter(str(folder))
        try:
            clock = _Clock(condensed, run)
            _add_images(writer, condensed, run, clock)
            _add_curves(writer, condensed, run, clock)
            points = projector_points(condensed, run)
            writer.add_embedding(
                points.values,
                metadata=points.rows,
                metadata_header=list(points.columns),
                label_img=points.thumbnails,
                global_step=condensed.iteration,
                tag="pixels",
            )
        finally:
            writer.close()
        (events,) = folder.glob("events.out.tfevents.*")
        events.rename(folder / EVENT_FILE)

    return write_folder(stem.with_name(f"{stem.name}-tensorboard"), condensed, ABOUT, save)


class _Clock:
    """When an iteration was computed, in seconds since 1970: by the run's start and its losses."""

    def __init__(self, condensed: CondensedSet, run: RunFolder | None) -> None:
        self.losses = None if run is None else run.losses(condensed.name)
        created = None if run is None else datetime.fromisoformat(run.description.created)
        self.start = created.timestamp() if created else 0.0

    def at(self, iteration: int) -> float:
        """Time of an iteration, between those of the losses around it."""
        if self.losses is None or not len(self.losses.iteration):
            return self.start
        return self.start + float(np.interp(iteration, self.losses.iteration, self.losses.seconds))


def _add_images(writer: Any, condensed: CondensedSet, run: RunFolder | None, clock: _Clock) -> None:
    """Sheets of all images at several iterations, a row for each class; each class's images at the last."""
    classes, images = len(condensed.class_names), display_images(condensed)
    for iteration, earlier in _earlier_images(condensed, run):
        writer.add_image("images", sheet_of(earlier, classes), iteration, clock.at(iteration))
    last = condensed.iteration
    writer.add_image("images", sheet_of(images, classes), last, clock.at(last))
    for label, name in enumerate(class_folders(condensed.class_names)):
        row = images[condensed.label == label]
        if len(row):
            writer.add_image(f"class/{name}", sheet_of(row, 1), last, clock.at(last))


def _earlier_images(
    condensed: CondensedSet, run: RunFolder | None
) -> Iterator[tuple[int, UInt8[Tensor, "image channel height width"]]]:
    """Images of the set at some of the iterations before its own, evenly among those that are stored."""
    before = [] if run is None else [at for at in run.snapshots(condensed.name) if at < condensed.iteration]
    most = min(MOST_SHEETS - 1, MOST_SHEET_BYTES // condensed.images.numel() - 1, len(before))
    if run is None or most < 1:
        return
    for index in np.linspace(0, len(before) - 1, most).round().astype(int):
        try:
            pixels = torch.from_numpy(run.snapshot(condensed.name, before[index]).pixels)
        except ValueError:  # damaged: this one is left out
            continue
        yield before[index], condensed.statistics.denormalise(pixels.flatten(0, 1))


def _add_curves(writer: Any, condensed: CondensedSet, run: RunFolder | None, clock: _Clock) -> None:
    """The loss, mean over classes, and accuracies in percent, by iteration."""
    if clock.losses is not None:
        for iteration, loss, seconds in zip(*clock.losses, strict=True):
            if iteration <= condensed.iteration:
                writer.add_scalar("loss", float(loss.mean()), int(iteration), clock.start + float(seconds))
    for result in results_until(run, condensed):
        group = "accuracy_quick" if is_quick(result.protocol, result.kind) else "accuracy"
        tag = f"{group}/{result.network}/{result.kind}"
        writer.add_scalar(tag, result.mean, result.iteration, clock.at(result.iteration))
