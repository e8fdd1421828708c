"""Work folder of a build: an ordinary runs root, a cache, and the parts in which each entry was computed.

Everything in it is resumed: cells and networks are cached, runs have checkpoints.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from dmcore.experiments.gallery.entries import GalleryEntry
from dmcore.experiments.gallery.origin import Part, Parts
from dmcore.experiments.gallery.outcome import Outcome, WithOutcome
from dmcore.experiments.gallery.packing import make_writable
from dmcore.experiments.sets import Roots
from dmcore.files.atomic import StorageError
from dmcore.files.checked_json import read_record, write_record

LOCK_SECONDS = 1.0
STORED_EVERY_SECONDS = 10.0
"""How often the time of a part is written: so much of it a killed process loses."""


@dataclass(frozen=True)
class Progress:
    """Event: progress of computing an entry."""

    text: str
    """What is being computed."""
    fraction: float = 0.0
    """Share of that step that is done, 0 to 1."""
    trained: int = 0
    """Networks that were trained since the last event."""
    reused: int = 0
    """Networks whose results were in the cache, since the last event."""


class WorkFolder:
    """Folder in which a build computes."""

    def __init__(self, folder: Path) -> None:
        """Take or create the folder.

        Raises:
            StorageError: it cannot be written to.
        """
        self.roots = Roots(folder / "runs", folder / "cache")
        self._parts, self._lock = folder / "parts", FileLock(folder / "lock", thread_local=False)
        try:
            make_writable(self.roots.runs, self.roots.cache, self._parts)
        except OSError as refusal:
            reason = (refusal.strerror or str(refusal)).lower()
            raise StorageError(
                f"{folder} cannot be written to ({reason}): name another folder with --work"
            ) from refusal

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the folder: one build at a time computes in it and packs.

        Raises:
            ValueError: another process holds it.
        """
        try:
            self._lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as timeout:
            raise ValueError(
                f"another build is at work in {self.roots.runs.parent}: wait until it ends, or name another "
                "folder with --work"
            ) from timeout
        try:
            yield
        finally:
            self._lock.release()

    def parts(self, entry: GalleryEntry) -> tuple[Part, ...]:
        """Parts in which an entry was computed so far; none of another configuration of that name.

        Raises:
            DamagedFileError: their file is damaged.
        """
        try:
            stored = read_record(
                Parts, self._file(entry.name), "delete it: the entry's origin is unknown then"
            )
        except FileNotFoundError:
            return ()
        return stored.parts if stored.key == entry.key else ()

    def measured(
        self, entry: GalleryEntry, begun: Part, events: Generator[Progress, None, Outcome]
    ) -> Generator[Progress, None, Outcome]:
        """Pass on the events of an entry, and keep a part of its computation; none where nothing was done.

        Args:
            entry: the entry.
            begun: the part as it begins: by which code, when and where.
            events: of the computation.

        Raises:
            DamagedFileError: the file of the parts is damaged.
            StorageError: it cannot be written.
        """
        earlier, began = self.parts(entry), time.monotonic()
        is_empty = not any(file.is_file() for file in self.roots.cache.rglob("*"))
        stored_at, seen = 0.0, 0
        trained = reused = 0

        def store() -> None:
            seconds = round(time.monotonic() - began, 1)
            part = begun.model_copy(update={"seconds": seconds, "trained": trained, "reused": reused})
            write_record(self._file(entry.name), Parts(key=entry.key, parts=(*earlier, part)))

        computing = WithOutcome(events)
        with closing(events):
            try:
                for event in computing:
                    seen += 1
                    # what an empty cache has by then, this part has trained for another cell
                    trained += event.trained + (event.reused if is_empty else 0)
                    reused += 0 if is_empty else event.reused
                    if time.monotonic() - stored_at > STORED_EVERY_SECONDS:
                        stored_at = time.monotonic()
                        store()
                    yield event
            finally:
                if seen:
                    store()
        return computing.outcome

    def _file(self, name: str) -> Path:
        return self._parts / f"{name}.json"
