"""Folders of runs, data and caches; the named data sets before they are read; look-up of a run by id."""

import re
import time
from functools import lru_cache
from pathlib import Path

from dmcore.config.formatting import grouped, megabytes
from dmcore.data.catalogue import DataSetEntry, describe_datasets, find_data_root
from dmcore.experiments.gallery.recorded import recorded_root
from dmcore.files.cache_root import find_cache_root
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import find_runs_root, open_run

LISTING_SECONDS = 5
"""How long a listing of the named data sets is cached."""


def runs_root() -> Path:
    """Folder of the runs: `DM_RUNS`, else `./runs` if it exists, else a folder in the user's home."""
    return find_runs_root()


def data_root() -> Path:
    """Folder of the named data sets: `DM_DATA`, else the user's cache folder."""
    return find_data_root()


def cache_root() -> Path:
    """Folder of trained networks and projections: `DM_CACHE`, else the user's cache folder."""
    return find_cache_root()


def datasets() -> tuple[DataSetEntry, ...]:
    """List the named data sets and whether they are on disk, as of at most `LISTING_SECONDS` ago."""
    return _listing(data_root(), int(time.monotonic() // LISTING_SECONDS))


@lru_cache(maxsize=2)
def _listing(root: Path, _period: int) -> tuple[DataSetEntry, ...]:
    return tuple(describe_datasets(root))


def dataset_entry(name: str) -> DataSetEntry | None:
    """Catalogue entry of a named data set; None for a folder or a zip."""
    return next((entry for entry in datasets() if entry.name == name), None)


def dataset_sentence(entry: DataSetEntry) -> str:
    """Size of a data set and whether it is downloaded: what a person wants to know before they start."""
    _, height, width = entry.shape
    location = (
        "on this machine" if entry.on_disk else f"not here yet, {megabytes(entry.download_bytes)} to download"
    )
    return (
        f"{entry.title}: {grouped(entry.train_count)} training images of {height}×{width} pixels, "
        f"{entry.classes} classes; {location}."
    )


def write_time(file: Path) -> int:
    """When a file was last written, in nanoseconds; 0 where it cannot be read."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def find_run(run_id: str, root: Path) -> RunFolder:
    """Run folder with an id that came in a URL: below the runs root, else a recorded one.

    Raises:
        ValueError: no such run in either; a link never opens a folder elsewhere.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", run_id):
        raise ValueError(f"{run_id!r} is no run's id: ids are lower-case letters, digits and hyphens")
    if not (root / run_id).is_dir() and (recorded_root() / run_id).is_dir():
        root = recorded_root()
    return open_run(run_id, root)
