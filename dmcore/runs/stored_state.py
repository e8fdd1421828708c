"""State of a run at a stored iteration: pixels and momentum of all sets, to continue computing from.

From a checkpoint (float32) where that iteration has one, else from the snapshots of every set (float16).
"""

from typing import Literal

import torch
from torch import Tensor

from dmcore.runs.checkpoint import DamagedCheckpointError, checkpoint_file, read_checkpoint
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import no_images_text
from dmcore.runs.snapshots import stored_iterations

StoredAs = Literal["float32", "float16"]


def stored_states(run: RunFolder) -> list[int]:
    """Iterations whose state is stored, in order."""
    return sorted({*run.snapshots(), *stored_iterations(run.checkpoint_folder)})


def read_state(run: RunFolder, iteration: int) -> tuple[dict[str, Tensor], StoredAs]:
    """Read the state of all sets at an iteration, in the form of `Step.state()`, and its precision.

    Raises:
        ValueError: that iteration is not stored (names the nearest), or its files are damaged.
    """
    try:
        checkpoint = read_checkpoint(checkpoint_file(run.checkpoint_folder, iteration), run)
        return dict(checkpoint.state), "float32"
    except (FileNotFoundError, DamagedCheckpointError):
        pass  # a checkpoint is deleted after two newer ones; the snapshots of that iteration stay
    if iteration not in run.snapshots():
        raise ValueError(_not_stored(run, iteration))
    state = {}
    for name in run.set_names:
        snapshot = run.snapshot(name, iteration)
        if snapshot.momentum is None:
            raise ValueError(
                f"run {run.id} is packed, without the momentum of its images: nothing can be computed from "
                "them as the run did; run it again to have it"
            )
        state[f"{name}/pixels"] = torch.from_numpy(snapshot.pixels)
        state[f"{name}/momentum"] = torch.from_numpy(snapshot.momentum)
    return state, "float16"


def _not_stored(run: RunFolder, iteration: int) -> str:
    others = [stored for stored in stored_states(run) if stored != iteration]
    if not others:
        return no_images_text(run.path, run.id)
    around = [other for other in others if other < iteration][-1:] + [
        other for other in others if other > iteration
    ][:1]
    nearest = " and ".join(map(str, around))
    return f"run {run.id} has not stored all images of iteration {iteration}: choose the nearest, {nearest}"
