"""Runs that are complete at once, imported or selected: a snapshot for each set and one checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from dmcore.files.atomic import StorageError
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.description import DataDescription, Origin, SelectionDescription, SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.runs_root import create_run_folder, delete_run
from dmcore.runs.snapshots import Snapshot, write_snapshot


def create_complete_run(
    root: Path,
    *,
    title: str,
    origin: Origin,
    data: DataDescription,
    sets: Sequence[CondensedSet],
    notes: Sequence[str],
    selections: Sequence[SelectionDescription | None] = (),
) -> RunFolder:
    """Create a run of finished sets with their images; deletes it again where writing fails.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    described = [
        SetDescription(
            name=condensed.name,
            images_per_class=len(condensed.images) // len(condensed.class_names),
            selection=selection,
        )
        for condensed, selection in zip(sets, selections or [None] * len(sets), strict=True)
    ]
    run = create_run_folder(
        root, title=title, origin=origin, config=None, plan=None, data=data, sets=described, notes=notes
    )
    try:
        _write_images(run, sets)
    except StorageError:
        delete_run(run)  # a partial one would be listed as a run
        raise
    return run


def _write_images(run: RunFolder, sets: Sequence[CondensedSet]) -> None:
    """Write a snapshot of each set (float16) and one checkpoint (float32)."""
    state: dict[str, Tensor] = {}
    for condensed in sets:
        pixels = condensed.images.reshape(len(condensed.class_names), -1, *condensed.images.shape[1:])
        state |= {f"{condensed.name}/pixels": pixels, f"{condensed.name}/momentum": torch.zeros_like(pixels)}
        stored = pixels.half().numpy()
        write_snapshot(run.snapshot_folder(condensed.name), Snapshot(condensed.iteration, stored, stored * 0))
    write_checkpoint(run.checkpoint_folder, Checkpoint(sets[0].iteration, state))
