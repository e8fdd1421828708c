"""Layers of the stage: the images, their amplified change since the start, and their momentum, as arrays.

Much of what condensation does is too small to see, so changes are amplified, always by a factor that is shown
and that stays the same for the whole run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.jobs.run_view import DisplayImages, RunView
from app.run.run_view import stored_iterations
from app.run.view_state import CHANGES, MOMENTUM
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.display import to_display_images
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import Snapshot

BARELY_VISIBLE = 8.0
"""Mean change of a pixel, of 255, below which two images look the same."""
REST_GREY = 127.5
STRONG_PERCENTILE = 99.5
"""Percentile of the first stored momentum that is drawn black or white."""


@dataclass(frozen=True)
class Layer:
    """Display images of one layer at one iteration."""

    name: str
    """Description of the layer, for the alternative text."""
    images: Mapping[str, DisplayImages]
    """For each set uint8 [class, image, channel, height, width]."""
    sentences: tuple[str, ...] = ()
    """Captions below the images."""


def layer_of(view: RunView, folder: RunFolder, chosen: str) -> Layer:
    """The chosen layer at this iteration; the images themselves, with a sentence, if it is not available."""
    try:
        return _layer_of(view, folder, chosen)
    except ValueError as damage:
        # damage of the start, or of the newest snapshot: the images can be shown all the same
        return Layer("images", view.images, (sentence(str(damage)),))


def _layer_of(view: RunView, folder: RunFolder, chosen: str) -> Layer:
    if chosen == MOMENTUM:
        return momentum_layer(view, folder)
    start = start_images(folder)
    if chosen in CHANGES:
        return change_layer(view, start, CHANGES[chosen])
    captions: tuple[str, ...] = ()
    change = mean_change(view.images, start) if view.iteration >= 10 else None
    if change is not None and change < BARELY_VISIBLE:
        captions = (
            f"The images have changed by {change:.1f} of 255 on average, too little to see: "
            "choose the layer “change ×16” below.",
        )
    return Layer("images", view.images, captions)


def change_layer(view: RunView, start: Mapping[str, DisplayImages], factor: int) -> Layer:
    """Amplified change, start + factor · (now − start), of every set whose start was stored."""
    images = {
        name: amplify_change(now, start[name], factor) if name in start else now
        for name, now in view.images.items()
    }
    if not start:
        caption = "The images this run started from were not stored, so the change cannot be shown."
        return Layer("images", images, (caption,))
    name = f"change since the start, amplified ×{factor}"
    return Layer(name, images, (f"Shown: start + {factor} · (now − start).",))


def momentum_layer(view: RunView, folder: RunFolder) -> Layer:
    """Momentum of the images at the newest stored iteration up to the one on screen."""
    gain = momentum_gain(folder)
    stored = [iteration for iteration in stored_iterations(folder) if 0 < iteration <= view.iteration]
    if gain is None or not stored:
        return Layer("images", view.images, ("No step has been stored yet, so there is no momentum.",))
    newest = stored[-1]
    images = dict(_read_momentum(folder.path, folder.set_names, newest, gain))
    caption = (
        f"Momentum at iteration {grouped(newest)}: grey rests, lighter grows brighter, darker grows "
        f"darker; a step of one in 255 is drawn as {gain:g}."
    )
    return Layer("momentum", images, (caption,))


def momentum_gain(folder: RunFolder) -> float | None:
    """Amplification of the momentum in this run: such that the first stored steps use the whole range.

    One round number for all sets, so that they can be compared; None before the first stored step.
    """
    first = next((iteration for iteration in stored_iterations(folder) if iteration > 0), None)
    if first is None:
        return None
    return _gain(folder.path, first, folder.set_names)


def start_images(folder: RunFolder) -> dict[str, DisplayImages]:
    """Read the images that each set started from; a set whose start was not stored is left out."""
    if folder.description.origin != "condense":  # what it calls iteration 0 was not where it started
        return {}
    stored = tuple(name for name in folder.set_names if folder.snapshots(name)[:1] == [0])
    return dict(_read_start(folder.path, stored))


def amplify_change(now: DisplayImages, start: DisplayImages, factor: int) -> DisplayImages:
    """Amplify what was learned: start + factor · (now − start), clamped to what a screen shows."""
    change = now.astype(np.int16) - start
    amplified: DisplayImages = np.clip(start + factor * change.astype(np.int32), 0, 255).astype(np.uint8)
    return amplified


def mean_change(now: Mapping[str, DisplayImages], start: Mapping[str, DisplayImages]) -> float | None:
    """Mean absolute change of a pixel since the start, of 255, of the set that changed most."""
    changes = [
        float(np.abs(pixels.astype(np.int16) - start[name]).mean())
        for name, pixels in now.items()
        if name in start and start[name].shape == pixels.shape
    ]
    return max(changes) if changes else None


def _moving(folder: RunFolder, name: str, iteration: int) -> np.ndarray | None:
    """Distance that each pixel would move by its momentum alone, in 1/255; None for an import."""
    spec = next(described.spec for described in folder.sets if described.name == name)
    if spec is None:
        return None
    snapshot: Snapshot = folder.snapshot(name, iteration)
    std = np.array(folder.description.data.std, np.float32).reshape(-1, 1, 1) * 255
    return -spec.image_lr * snapshot.momentum.astype(np.float32) * std


@lru_cache(maxsize=4)  # a live run is polled more often than it stores
def _read_momentum(
    path: Path, names: tuple[str, ...], iteration: int, gain: float
) -> tuple[tuple[str, DisplayImages], ...]:
    folder = RunFolder(path)
    steps = ((name, _moving(folder, name, iteration)) for name in names)
    return tuple(
        (name, np.clip(np.rint(REST_GREY + gain * step), 0, 255).astype(np.uint8))
        for name, step in steps
        if step is not None
    )


@lru_cache(maxsize=16)
def _gain(path: Path, iteration: int, names: tuple[str, ...]) -> float | None:
    folder = RunFolder(path)
    steps = [step for name in names if (step := _moving(folder, name, iteration)) is not None]
    strong = max((float(np.percentile(np.abs(step), STRONG_PERCENTILE)) for step in steps), default=0.0)
    return float(f"{REST_GREY / strong:.1g}") if strong > 0 else None


@lru_cache(maxsize=4)
def _read_start(path: Path, names: tuple[str, ...]) -> tuple[tuple[str, DisplayImages], ...]:
    folder = RunFolder(path)
    data = folder.description.data
    return tuple((name, to_display_images(folder.snapshot(name, 0).pixels, data)) for name in names)
