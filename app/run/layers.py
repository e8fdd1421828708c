"""The three layers of the stage: the images, their amplified change since the start, their momentum.

Values, not drawing. Much of what condensation does is too small to see, so changes are amplified, always by a
factor that is said and that stays the same for the whole run. Must not import torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.jobs.live_snapshot import Pictures, pictures_of
from app.run.moment import RunView, kept_iterations
from app.run.view_state import CHANGES, MOMENTUM
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import Snapshot

LITTLE = 8.0
"""Mean change of a pixel, of 255, below which two pictures look the same."""
AT_REST = 127.5
STRONG_SHARE = 99.5
"""Percentile of the first momentum that is drawn black or white."""


@dataclass(frozen=True)
class Layer:
    """What one layer shows at one moment."""

    name: str
    """Of what these are pictures."""
    pictures: Mapping[str, Pictures]
    """For each set uint8 [class, image, channel, height, width]."""
    sentences: tuple[str, ...] = ()
    """What has to be said below them."""


def layer_of(view: RunView, folder: RunFolder, chosen: str) -> Layer:
    """The chosen layer at this moment; the images themselves, with a sentence, where it cannot be had."""
    try:
        return _layer_of(view, folder, chosen)
    except (
        ValueError
    ) as damage:  # of the start, or of the newest snapshot: the images can be shown all the same
        return Layer("images", view.pictures, (sentence(str(damage)),))


def _layer_of(view: RunView, folder: RunFolder, chosen: str) -> Layer:
    if chosen == MOMENTUM:
        return momentum_layer(view, folder)
    start = start_pictures(folder)
    if chosen in CHANGES:
        return change_layer(view, start, CHANGES[chosen])
    said: tuple[str, ...] = ()
    change = mean_change(view.pictures, start) if view.iteration >= 10 else None
    if change is not None and change < LITTLE:
        said = (
            f"The images have changed by {change:.1f} of 255 on average, too little to see: "
            "choose the layer “change ×16” below.",
        )
    return Layer("images", view.pictures, said)


def change_layer(view: RunView, start: Mapping[str, Pictures], factor: int) -> Layer:
    """Start + factor · (now − start), for every set whose start was kept."""
    shown = {
        name: amplified(now, start[name], factor) if name in start else now
        for name, now in view.pictures.items()
    }
    if not start:
        said = "The images this run started from were not kept, so the change cannot be shown."
        return Layer("images", shown, (said,))
    name = f"change since the start, amplified ×{factor}"
    return Layer(name, shown, (f"Shown: start + {factor} · (now − start).",))


def momentum_layer(view: RunView, folder: RunFolder) -> Layer:
    """Where the images are moving, as of the newest stored iteration up to this moment."""
    gain = momentum_gain(folder)
    stored = [one for one in kept_iterations(folder) if 0 < one <= view.iteration]
    if gain is None or not stored:
        return Layer("images", view.pictures, ("No step has been stored yet, so there is no momentum.",))
    newest = stored[-1]
    shown = dict(_read_momentum(folder.path, folder.set_names, newest, gain))
    said = (
        f"Momentum at iteration {grouped(newest)}: grey rests, lighter grows brighter, darker grows "
        f"darker; a step of one in 255 is drawn as {gain:g}."
    )
    return Layer("momentum", shown, (said,))


def momentum_gain(folder: RunFolder) -> float | None:
    """By how much steps are amplified in this run: such that the first stored ones use the whole range.

    One round number for all sets, so that they can be compared; None before the first stored step.
    """
    first = next((one for one in kept_iterations(folder) if one > 0), None)
    if first is None:
        return None
    return _gain(folder.path, first, folder.set_names)


def start_pictures(folder: RunFolder) -> dict[str, Pictures]:
    """The images that each set started from; a set whose start was not kept is left out."""
    if folder.description.origin != "condense":  # what it calls iteration 0 was not where it started
        return {}
    kept = tuple(name for name in folder.set_names if folder.snapshots(name)[:1] == [0])
    return dict(_read_start(folder.path, kept))


def amplified(now: Pictures, start: Pictures, factor: int) -> Pictures:
    """Amplify what was learned: start + factor · (now − start), clamped to what a screen shows."""
    change = now.astype(np.int16) - start
    shown: Pictures = np.clip(start + factor * change.astype(np.int32), 0, 255).astype(np.uint8)
    return shown


def mean_change(now: Mapping[str, Pictures], start: Mapping[str, Pictures]) -> float | None:
    """Mean absolute change of a pixel since the start, of 255, of the set that changed most."""
    changes = [
        float(np.abs(pixels.astype(np.int16) - start[name]).mean())
        for name, pixels in now.items()
        if name in start and start[name].shape == pixels.shape
    ]
    return max(changes) if changes else None


def _moving(folder: RunFolder, name: str, iteration: int) -> np.ndarray | None:
    """How far each pixel would move by its momentum alone, in 1/255; None for an import."""
    spec = next(one.spec for one in folder.sets if one.name == name)
    if spec is None:
        return None
    snapshot: Snapshot = folder.snapshot(name, iteration)
    std = np.array(folder.description.data.std, np.float32).reshape(-1, 1, 1) * 255
    return -spec.image_lr * snapshot.momentum.astype(np.float32) * std


@lru_cache(maxsize=4)  # a live run is looked at more often than it stores
def _read_momentum(
    path: Path, names: tuple[str, ...], iteration: int, gain: float
) -> tuple[tuple[str, Pictures], ...]:
    folder = RunFolder(path)
    steps = ((name, _moving(folder, name, iteration)) for name in names)
    return tuple(
        (name, np.clip(np.rint(AT_REST + gain * step), 0, 255).astype(np.uint8))
        for name, step in steps
        if step is not None
    )


@lru_cache(maxsize=16)
def _gain(path: Path, iteration: int, names: tuple[str, ...]) -> float | None:
    folder = RunFolder(path)
    steps = [step for name in names if (step := _moving(folder, name, iteration)) is not None]
    strong = max((float(np.percentile(np.abs(step), STRONG_SHARE)) for step in steps), default=0.0)
    return float(f"{AT_REST / strong:.1g}") if strong > 0 else None


@lru_cache(maxsize=4)
def _read_start(path: Path, names: tuple[str, ...]) -> tuple[tuple[str, Pictures], ...]:
    folder = RunFolder(path)
    data = folder.description.data
    return tuple((name, pictures_of(folder.snapshot(name, 0).pixels, data)) for name in names)
