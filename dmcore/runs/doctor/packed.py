"""Verification of a packed run: whether it holds the images that `packed.json` lists."""

from collections.abc import Iterator

from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import checkpoint_file
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import read_packed


def packed_findings(run: RunFolder) -> Iterator[Finding]:
    """Findings on the images of a packed run that are gone, and on its `packed.json`."""
    try:
        packed = read_packed(run.path)
    except DamagedFileError as damage:
        yield Finding.of(damage)
        return
    for name, iterations in packed.snapshots.items() if packed is not None else ():
        folder = run.path / "sets" / name / "snapshots"
        stored = run.snapshots(name) if name in run.set_names else []
        for iteration in sorted({*iterations} - {*stored}):
            remedy = "its images of this iteration are gone: restore them from a copy"
            yield Finding(checkpoint_file(folder, iteration), "it is missing", remedy)
