"""Pack a finished run: its records, losses and results, and the images of a few iterations.

Checkpoints and locks are left out. The copy opens like any run; it cannot be resumed.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.files.checked_json import write_record
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import FILE, Packed
from dmcore.runs.snapshots import Snapshot, write_snapshot

UNFINISHED = ".unpacked-"
"""Prefix of the folder of a run that is being packed; only a killed process leaves one behind."""
_RECORDS = ("run.json", "result.json")


def pack_run(
    run: RunFolder,
    root: Path,
    snapshots: Mapping[str, Sequence[int]],
    *,
    results: Sequence[Path] = (),
    momentum: bool = False,
    most_events: int | None = None,
) -> RunFolder:
    """Pack a run into `root`, in place of an earlier copy.

    Args:
        run: a finished run; it is only read.
        root: folder of packed runs; it exists.
        snapshots: iterations whose images are kept, by set.
        results: files of its evaluations that are kept.
        momentum: whether the momentum of the images is kept, which a step is computed again from.
        most_events: lines of losses that are kept, evenly in log time; None keeps all.

    Raises:
        DamagedFileError: a file that is kept is damaged.
        ValueError: there is no such snapshot.
        StorageError: the disk is full or refuses.
    """
    target, unfinished = root / run.id, root / f"{UNFINISHED}{run.id}"
    with storage_errors_explained(target):
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in run.set_names:
            (unfinished / "sets" / name / "snapshots").mkdir(parents=True)
        copied = [*_RECORDS, *(f"sets/{name}/set.json" for name in run.set_names)]
        if results:
            (unfinished / "results").mkdir()
            copied += [f"results/{file.name}" for file in results]
        for name in copied:
            if (run.path / name).is_file():
                write_atomically(unfinished / name, (run.path / name).read_bytes(), durable=False)
        if run.events_file.is_file():
            lines = run.events_file.read_bytes().splitlines(keepends=True)
            kept = thinned(range(1, len(lines) + 1), most_events or len(lines))
            content = b"".join(lines[number - 1] for number in kept)
            write_atomically(unfinished / run.events_file.name, content, durable=False)
        for name in run.set_names:
            folder = unfinished / "sets" / name / "snapshots"
            for iteration in snapshots.get(name, ()):
                images = run.snapshot(name, iteration)
                packed = Snapshot(iteration, images.pixels, images.momentum if momentum else None)
                write_snapshot(folder, packed, run.description.id)
        stored = {name: tuple(snapshots.get(name, ())) for name in run.set_names}
        write_record(unfinished / FILE, Packed(snapshots=stored), durable=False)
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    return RunFolder(target)


def thinned(iterations: Sequence[int], most: int) -> list[int]:
    """At most `most` of some iterations, spread evenly in log time, with the first and the last."""
    if len(iterations) <= most:
        return list(iterations)
    if most < 2:
        return [iterations[-1]]
    at = np.array(iterations)
    # early points fall on the same iteration: try more points until the number is used
    chosen = {iterations[0], iterations[-1]}
    for points in range(most, 4 * most):
        due = np.expm1(np.linspace(np.log1p(at[0]), np.log1p(at[-1]), points))
        nearest = {int(at[np.abs(at - each).argmin()]) for each in due}
        if len(nearest) > most:
            break
        chosen = nearest
    return sorted(chosen)
