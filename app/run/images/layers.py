"""Layers of the stage: the images, their amplified change since the start, or their momentum, with captions.

Signed ones have one colour scale, whose range is always stated.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.jobs.run_view import RunView
from app.run.view_state import CHANGES, MOMENTUM
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.display.images import DisplayImages
from dmcore.runs.display.layers import (
    change_images,
    mean_change,
    momentum_images,
    start_images,
)
from dmcore.runs.display.signed import full_colour
from dmcore.runs.folder import RunFolder

BARELY_VISIBLE = 8.0
"""Mean change of a pixel, of 255, below which two images look the same."""


@dataclass(frozen=True)
class Layer:
    """Display images of one layer at one iteration."""

    name: str
    """Description of the layer, for the alternative text."""
    images: Mapping[str, DisplayImages]
    """For each set uint8 [class, image, channel, height, width]."""
    sentences: tuple[str, ...] = ()
    """Captions below the images."""
    signed: Collection[str] = ()
    """Sets whose images are signed: one channel, 128 is zero."""


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
    """Amplified change, factor · (now − start), of every set whose start was stored."""
    images = {
        name: change_images(now, start[name], factor) if name in start else now
        for name, now in view.images.items()
    }
    if not start:
        caption = "The images this run started from were not stored, so the change cannot be shown."
        return Layer("images", images, (caption,))
    name = f"change since the start, amplified ×{factor}"
    caption = f"Change since the start: {_scale(float(factor))} of 255."
    return Layer(name, images, (caption,), signed=start.keys())


def momentum_layer(view: RunView, folder: RunFolder) -> Layer:
    """Momentum of the images at the newest stored iteration up to the one on screen."""
    stored = [iteration for iteration in folder.snapshots() if 0 < iteration <= view.iteration]
    images, gain = momentum_images(folder, stored[-1]) if stored else ({}, None)
    if gain is None:
        return Layer("images", view.images, ("No step has been stored yet, so there is no momentum.",))
    caption = f"Momentum at iteration {grouped(stored[-1])}: {_scale(gain)} of 255 a step."
    return Layer("momentum", images, (caption,), signed=images.keys())


def _scale(factor: float) -> str:
    """The colour scale of signed images in words, with its range."""
    full = full_colour(factor)
    digits = 3 if factor == 1 else 2  # 127 of 255 is not rounded
    return f"blue darker, orange lighter, full colour at ±{float(f'{full:.{digits}g}'):g}"
