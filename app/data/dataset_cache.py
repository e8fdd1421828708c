"""LRU cache of opened data sets: real images, read once and shared by the background thread and the pages.

Torch is imported with the first data set that is opened.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from app.data.folders import data_root
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.download import ReportLoading
    from dmcore.data.images import DataSet

CACHED_DATASETS = 3
"""Data sets that stay in memory."""
POLL_SECONDS = 0.2
"""Seconds between two reports of who waits until somebody else has read the same images."""

_Key: TypeAlias = tuple[str, Path, tuple[str, ...]]


class DatasetCache:
    """Data sets opened last, by name, data root and order of classes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: OrderedDict[_Key, tuple[FolderVersion, DataSet]] = OrderedDict()
        self._reading: defaultdict[tuple[str, Path], threading.Lock] = defaultdict(threading.Lock)

    def open(
        self,
        name: str,
        root: Path,
        download: bool = False,
        progress: "ReportLoading | None" = None,
        class_names: tuple[str, ...] = (),
    ) -> "DataSet":
        """Open a data set, from memory if it is there as it is on disk; see `load_dataset` for the arguments.

        Who opens one that is being read waits for it, and `progress` is called meanwhile; not for a download.

        Raises:
            ValueError: unknown, missing or damaged, with the remedy.
        """
        if download:
            return self._open((name, root, ()), True, progress)
        with self._turn(name, root, progress):
            dataset = self._open((name, root, ()), False, progress)
            if not class_names or name in CATALOGUE or dataset.class_names == class_names:
                return dataset
            return self._open((name, root, class_names), False, progress)

    @contextmanager
    def _turn(self, name: str, root: Path, progress: "ReportLoading | None") -> Iterator[None]:
        """Let one thread at a time read a data set."""
        with self._lock:
            reading = self._reading[name, root]
        while not reading.acquire(timeout=POLL_SECONDS):
            if progress is not None:
                progress("reading the images", 0, 0)  # ends the waiting of a job that was stopped
        try:
            yield
        finally:
            reading.release()

    def _open(self, key: _Key, download: bool, progress: "ReportLoading | None") -> "DataSet":
        name, root, class_names = key
        version, dataset = folder_version(name), self.known(*key)
        if dataset is None:
            from dmcore.data.load import load_dataset

            dataset = load_dataset(name, root, download, progress, class_names)
            dataset.train_digest  # noqa: B018 - hashed here: who only looks does not wait for it
        with self._lock:
            self._opened[key] = version, dataset
            self._opened.move_to_end(key)
            while len(self._opened) > CACHED_DATASETS:
                self._opened.popitem(last=False)
        return dataset

    def known(self, name: str, root: Path, class_names: tuple[str, ...] = ()) -> "DataSet | None":
        """A data set that is in memory; None for others, and where its folder has changed since."""
        with self._lock:
            version, dataset = self._opened.get((name, root, class_names), ((), None))
        return dataset if dataset is None or version == folder_version(name) else None


DATASETS = DatasetCache()
"""The cache of this process."""


def open_dataset(name: str, root: Path) -> "DataSet":
    """Load a data set that is on this machine; nothing is downloaded.

    Raises:
        ValueError: unknown, missing or damaged, with the remedy.
    """
    return DATASETS.open(name, root)


def dataset_of(run: RunFolder) -> "DataSet":
    """Load the real images that a run condenses.

    Raises:
        ValueError: they are not on this machine, or no longer the same, with the remedy.
    """
    stored = run.description.data
    if not stored.name:
        raise ValueError(f"run {run.id} does not say which real images it was condensed from")
    dataset = DATASETS.open(stored.name, data_root(), class_names=stored.class_names)
    if stored.digest is not None and dataset.train_digest != stored.digest:
        raise ValueError(f"{stored.name} has other training images now than run {run.id} was made from")
    return dataset
