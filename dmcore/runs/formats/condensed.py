"""One condensed set as a value: what is evaluated, exported and imported, wherever it was stored.

Images are what was learned: normalised, unclamped float32. Must not know about file formats.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from dmcore.data.images import Statistics
from dmcore.runs.checkpoint import DamagedCheckpointError, checkpoint_file, read_checkpoint
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import stored_iterations


@dataclass(frozen=True)
class CondensedSet:
    """The images of one set at one iteration; `label[i]` is the class of `images[i]`."""

    images: Float[Tensor, "image channel height width"]
    """Normalised by `statistics`, not clamped."""
    label: Int64[Tensor, " image"]
    class_names: tuple[str, ...]
    statistics: Statistics
    name: str = "imported"
    """Name of the set inside its run."""
    iteration: int = 0
    dataset: str = ""
    """What `load_dataset` takes; empty where nobody knows."""
    stored_as: Literal["float32", "float16", "uint8"] = "float32"
    """What the images were read from: snapshots keep 16 bits, checkpoints 32, pictures 8."""


def condensed_of(run: RunFolder, set_name: str | None = None, iteration: int | None = None) -> CondensedSet:
    """Read a set out of a run: from a checkpoint (float32) where that iteration has one, else a snapshot.

    Args:
        run: the run.
        set_name: which set; may be left open where there is only one.
        iteration: which images; the latest when left open.

    Raises:
        ValueError: no such set or iteration (names those there are), several sets and none named, or damage.
    """
    set_name = only_set(run) if set_name is None else set_name
    snapshots = run.snapshots(set_name)
    checkpoints = stored_iterations(run.checkpoint_folder)
    kept = sorted({*snapshots, *checkpoints})
    if not kept:
        raise ValueError(f"run {run.id} has no images yet: let it run first")
    iteration = kept[-1] if iteration is None else iteration
    if iteration not in kept:
        raise ValueError(
            f"run {run.id} keeps no images of iteration {iteration}: choose one of {_shortly(kept)}"
        )
    pixels, stored_as = _pixels(run, set_name, iteration)
    data = run.description.data
    return CondensedSet(
        images=pixels.flatten(0, 1),
        label=torch.arange(pixels.shape[0]).repeat_interleave(pixels.shape[1]),
        class_names=data.class_names,
        statistics=Statistics(data.mean, data.std),
        name=set_name,
        iteration=iteration,
        dataset=data.name,
        stored_as=stored_as,
    )


def only_set(run: RunFolder) -> str:
    """The name of the run's set where it has just one.

    Raises:
        ValueError: there are several.
    """
    names = run.set_names
    if len(names) != 1:
        raise ValueError(f"run {run.id} has several sets: choose one of {', '.join(names)}")
    return names[0]


def relabelled(
    label: Int64[Tensor, " image"], names: tuple[str, ...], known: tuple[str, ...], where: str, dataset: str
) -> Int64[Tensor, " image"]:
    """Labels by the order `known` of a data set's classes instead of by the order `names`.

    Raises:
        ValueError: a class that the data set has not.
    """
    strangers = [name for name in names if name not in known]
    if strangers:
        raise ValueError(
            f"{where} has the class {strangers[0]!r}, which {dataset} has not: name the right data set"
        )
    return torch.tensor([known.index(name) for name in names])[label]


def _pixels(run: RunFolder, set_name: str, iteration: int) -> tuple[Tensor, Literal["float32", "float16"]]:
    has_snapshot = iteration in run.snapshots(set_name)
    if iteration in stored_iterations(run.checkpoint_folder):
        try:
            checkpoint = read_checkpoint(checkpoint_file(run.checkpoint_folder, iteration))
            return checkpoint.state[f"{set_name}/pixels"].float(), "float32"
        except DamagedCheckpointError as damage:
            if not has_snapshot:
                others = _shortly(run.snapshots(set_name)) or "none"
                raise ValueError(f"{damage}: choose another iteration, one of {others}") from damage
    return torch.from_numpy(run.snapshot(set_name, iteration).pixels).float(), "float16"


def _shortly(iterations: list[int]) -> str:
    if len(iterations) > 8:
        return f"{', '.join(map(str, iterations[:4]))} … {', '.join(map(str, iterations[-3:]))}"
    return ", ".join(map(str, iterations))
