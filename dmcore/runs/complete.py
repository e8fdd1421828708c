"""Runs that are complete at once, imported or selected: a snapshot for each set and one checkpoint."""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import torch
from torch import Tensor

from dmcore.files.atomic import StorageError, fsync_folder, storage_errors_explained
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.description import DataDescription, MadeFor, Origin, SelectionDescription, SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import Snapshot, write_snapshot

UNFINISHED = ".unfinished-"
"""Prefix of the hidden folder in which a run is written; only a killed process leaves one behind."""


def create_complete_run(
    root: Path,
    *,
    title: str,
    origin: Origin,
    data: DataDescription,
    sets: Sequence[CondensedSet],
    notes: Sequence[str],
    selections: Sequence[SelectionDescription | None] = (),
    made_for: MadeFor = "",
) -> RunFolder:
    """Create a run of finished sets with their images.

    It is written in a hidden folder and moved to its place when complete, so that no failure and no kill
    leaves a part of a run.

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
    with storage_errors_explained(root / "run"):
        root.mkdir(parents=True, exist_ok=True)
        unfinished = Path(mkdtemp(dir=root, prefix=UNFINISHED))
        try:
            run = create_run_folder(
                unfinished,
                title=title,
                origin=origin,
                config=None,
                plan=None,
                data=data,
                sets=described,
                notes=notes,
                made_for=made_for,
            )
            _write_images(run, sets)
            complete = root / run.id
            os.rename(run.path, complete)  # noqa: PTH104 - atomic; the folder is new, so nothing is replaced
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    with suppress(OSError, StorageError, MemoryError):  # the run is complete, whatever becomes of the rest
        unfinished.rmdir()
        fsync_folder(root)
    return RunFolder(complete)


def _write_images(run: RunFolder, sets: Sequence[CondensedSet]) -> None:
    """Write a snapshot of each set (float16) and one checkpoint (float32)."""
    state: dict[str, Tensor] = {}
    for condensed in sets:
        pixels = condensed.images.reshape(len(condensed.class_names), -1, *condensed.images.shape[1:])
        state |= {f"{condensed.name}/pixels": pixels, f"{condensed.name}/momentum": torch.zeros_like(pixels)}
        stored = pixels.half().numpy()
        snapshot = Snapshot(condensed.iteration, stored, stored * 0)
        write_snapshot(run.snapshot_folder(condensed.name), snapshot, run.description.id)
    checkpoint = Checkpoint(sets[0].iteration, state, run.description_copy())
    write_checkpoint(run.checkpoint_folder, checkpoint)
