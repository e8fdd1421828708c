"""The state of a run at an iteration it keeps: all sets' pixels and momentum, to go on computing from.

From a checkpoint (float32) where that iteration has one, else from the snapshots of every set (float16).
"""

from typing import Literal

import torch
from torch import Tensor

from dmcore.runs.checkpoint import DamagedCheckpointError, checkpoint_file, read_checkpoint
from dmcore.runs.folder import RunFolder
from dmcore.runs.snapshots import stored_iterations

StoredAs = Literal["float32", "float16"]


def states_kept(run: RunFolder) -> list[int]:
    """Iterations whose state is kept, in order."""
    snapshots = [set(run.snapshots(name)) for name in run.set_names]
    return sorted(set.intersection(*snapshots) | set(stored_iterations(run.checkpoint_folder)))


def read_state(run: RunFolder, iteration: int) -> tuple[dict[str, Tensor], StoredAs]:
    """All sets at an iteration, as `Step.state()` gives them, and how exactly they were kept.

    Raises:
        ValueError: that iteration is not kept (names the nearest), or its files are damaged.
    """
    try:
        checkpoint = read_checkpoint(checkpoint_file(run.checkpoint_folder, iteration))
        return dict(checkpoint.state), "float32"
    except (FileNotFoundError, DamagedCheckpointError):
        pass  # a checkpoint goes when two newer ones are there; the snapshots of that iteration stay
    if not all(iteration in run.snapshots(name) for name in run.set_names):
        raise ValueError(_not_kept(run, iteration))
    state = {}
    for name in run.set_names:
        snapshot = run.snapshot(name, iteration)
        state[f"{name}/pixels"] = torch.from_numpy(snapshot.pixels)
        state[f"{name}/momentum"] = torch.from_numpy(snapshot.momentum)
    return state, "float16"


def _not_kept(run: RunFolder, iteration: int) -> str:
    others = [one for one in states_kept(run) if one != iteration]
    if not others:
        return f"run {run.id} keeps no images yet: let it run first"
    around = [one for one in others if one < iteration][-1:] + [one for one in others if one > iteration][:1]
    nearest = " and ".join(map(str, around))
    return (
        f"run {run.id} keeps no whole images of iteration {iteration}: take the nearest it keeps, {nearest}"
    )
