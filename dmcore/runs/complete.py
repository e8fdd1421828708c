"""Runs that are whole from the start, imported or selected: one snapshot a set, and one checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from dmcore.files.atomic import StorageError
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.description import DataDescription, Origin, SelectionDescription, SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.runs_root import delete_run, make_run
from dmcore.runs.snapshots import Snapshot, write_snapshot


def make_whole_run(
    root: Path,
    *,
    title: str,
    origin: Origin,
    data: DataDescription,
    sets: Sequence[CondensedSet],
    notes: Sequence[str],
    selections: Sequence[SelectionDescription | None] = (),
) -> RunFolder:
    """Make a run of sets that nothing will change any more, with their images, or none at all.

    Raises:
        StorageError: the runs root cannot be written to, or the disk is full.
    """
    described = [
        SetDescription(
            name=one.name,
            images_per_class=len(one.images) // len(one.class_names),
            selection=selection,
        )
        for one, selection in zip(sets, selections or [None] * len(sets), strict=True)
    ]
    run = make_run(
        root, title=title, origin=origin, config=None, plan=None, data=data, sets=described, notes=notes
    )
    try:
        _fill(run, sets)
    except StorageError:
        delete_run(run)  # half of it would look like a run
        raise
    return run


def _fill(run: RunFolder, sets: Sequence[CondensedSet]) -> None:
    """Snapshots for the pages, and one checkpoint that keeps the float32."""
    state: dict[str, Tensor] = {}
    for one in sets:
        pixels = one.images.reshape(len(one.class_names), -1, *one.images.shape[1:])
        state |= {f"{one.name}/pixels": pixels, f"{one.name}/momentum": torch.zeros_like(pixels)}
        stored = pixels.half().numpy()
        write_snapshot(run.snapshot_folder(one.name), Snapshot(one.iteration, stored, stored * 0))
    write_checkpoint(run.checkpoint_folder, Checkpoint(sets[0].iteration, state))
