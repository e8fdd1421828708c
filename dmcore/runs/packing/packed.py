"""`packed.json`: what a packed run holds, so that the rest is not missed."""

from pathlib import Path

from dmcore.files.checked_json import Record, read_record

FILE = "packed.json"


class Packed(Record):
    """Content of `packed.json`: a run with it has no checkpoints, and images of these iterations only."""

    snapshots: dict[str, tuple[int, ...]]
    """Iterations of the stored images, by set; none of a set that was left out."""


def read_packed(run: Path) -> Packed | None:
    """Read `packed.json` of a run folder; None where the run is not packed.

    Raises:
        DamagedFileError: it is damaged.
    """
    try:
        return read_record(Packed, run / FILE, "pack the run again, or install the program again")
    except FileNotFoundError:
        return None


def no_images_text(run: Path, run_id: str) -> str:
    """Why images of a run are missing, with the remedy: it has none yet, or its packed copy left them out."""
    if (run / FILE).exists():
        return f"the recorded copy of run {run_id} has no such images: compute it here with its configuration"
    return f"run {run_id} has no images yet: let it run first"
