"""Condensed set in memory: images, labels, classes and normalisation, for evaluation and export.

Images are the learned values: normalised, unclamped float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.runs.checkpoint import (
    CHECKPOINTS_KEPT,
    DamagedCheckpointError,
    checkpoint_file,
    read_checkpoint,
)
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import no_images_text
from dmcore.runs.snapshots import abbreviated, stored_iterations


@dataclass(frozen=True)
class CondensedSet:
    """Images of one set at one iteration; `label[i]` is the class of `images[i]`."""

    images: Float[Tensor, "image channel height width"]
    """Normalised by `statistics`, not clamped."""
    label: Int64[Tensor, " image"]
    class_names: tuple[str, ...]
    statistics: Statistics
    name: str = "imported"
    """Name of the set inside its run."""
    iteration: int = 0
    dataset: str = ""
    """Name for `load_dataset`; empty where unknown."""
    stored_as: Literal["float32", "float16", "uint8"] = "float32"
    """Precision of the source: snapshots have 16 bits, checkpoints 32, image files 8."""
    rounded_because: str = ""
    """Why the source is a snapshot and not a checkpoint; empty where it is none."""


def read_condensed_set(
    run: RunFolder, set_name: str | None = None, iteration: int | None = None
) -> CondensedSet:
    """Read a set of a run: from a checkpoint (float32) where that iteration has one, else a snapshot.

    Args:
        run: the run.
        set_name: which set; may be left open where there is only one.
        iteration: which images; the latest when left open.

    Raises:
        ValueError: no such set or iteration (names the existing ones), several sets and none named, damage.
    """
    set_name = single_set_name(run) if set_name is None else set_name
    iteration = settle_iteration(run, (set_name,), iteration)
    pixels, rounded_because = _pixels(run, set_name, iteration)
    data = run.description.data
    return CondensedSet(
        images=pixels.flatten(0, 1),
        label=torch.arange(pixels.shape[0]).repeat_interleave(pixels.shape[1]),
        class_names=data.class_names,
        statistics=Statistics(data.mean, data.std),
        name=set_name,
        iteration=iteration,
        dataset=data.name,
        stored_as="float16" if rounded_because else "float32",
        rounded_because=rounded_because,
    )


def settle_iteration(run: RunFolder, set_names: Sequence[str], iteration: int | None) -> int:
    """Iteration of which some set has images: the one that is given, the latest when left open.

    Args:
        run: the run.
        set_names: the sets, any of which may have them.
        iteration: which images.

    Raises:
        ValueError: no such set, or none of them has such images (names the existing ones).
    """
    snapshots = (at for name in set_names for at in run.snapshots(name))
    stored = sorted({*snapshots, *stored_iterations(run.checkpoint_folder)})
    if not stored:
        raise ValueError(no_images_text(run.path, run.id))
    if iteration is not None and iteration not in stored:
        raise ValueError(
            f"run {run.id} has no images of iteration {iteration}: choose one of {abbreviated(stored)}"
        )
    return stored[-1] if iteration is None else iteration


def single_set_name(run: RunFolder) -> str:
    """Name of the only set of a run.

    Raises:
        ValueError: there are several.
    """
    names = run.set_names
    if len(names) != 1:
        raise ValueError(f"run {run.id} has several sets: choose one of {', '.join(names)}")
    return names[0]


def relabelled(
    label: Int64[Tensor, " image"], names: tuple[str, ...], target: tuple[str, ...], owner: str, dataset: str
) -> Int64[Tensor, " image"]:
    """Map labels from the class order `names` to the class order `target` of a data set.

    Raises:
        ValueError: a class that the data set does not have.
    """
    unknown = [name for name in names if name not in target]
    if unknown:
        raise ValueError(
            f"{owner} has the class {unknown[0]!r}, which {dataset} does not have: name the right data set"
        )
    return torch.tensor([target.index(name) for name in names])[label]


def _pixels(run: RunFolder, set_name: str, iteration: int) -> tuple[Tensor, str]:
    """Pixels of a set, and why they are rounded to float16; empty where they are not."""
    has_snapshot = iteration in run.snapshots(set_name)
    because = f"only the last {CHECKPOINTS_KEPT} checkpoints have float32"
    checkpoints = stored_iterations(run.checkpoint_folder)
    if not checkpoints:
        because = "the run has no checkpoint, which would have float32"
    if iteration in checkpoints:
        try:
            checkpoint = read_checkpoint(checkpoint_file(run.checkpoint_folder, iteration), run)
            if f"{set_name}/pixels" in checkpoint.state:
                return checkpoint.state[f"{set_name}/pixels"].float(), ""
        except DamagedCheckpointError as damage:
            if not has_snapshot:
                others = abbreviated(run.snapshots(set_name))
                remedy = f"choose another iteration, one of {others}"
                raise DamagedCheckpointError(damage.file, damage.reason, remedy) from damage
            because = f"{damage.file} is damaged ({damage.reason})"
    return torch.from_numpy(run.snapshot(set_name, iteration).pixels).float(), because
