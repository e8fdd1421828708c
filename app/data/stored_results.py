"""LRU cache of a run's stored evaluations, for pages that poll: a file is read again only when it changed.

Results of the quick protocol belong to the online evaluation while a run condenses; those of any other
protocol are evaluations of the run. The two are never shown in one table.
"""

import threading
from pathlib import Path

from dmcore.config.protocols import is_quick
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.stored_result import read_result
from dmcore.runs.results.summary import latest_results

CACHED_RUNS = 16
FileVersion = tuple[int, int, int]
"""Time of change, size and inode of a file."""


class ResultCache:
    """Results of the runs that were read last, by file. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[Path, dict[str, tuple[FileVersion, StoredResult | None]]] = {}

    def read(self, run: RunFolder) -> tuple[StoredResult, ...]:
        """Results of a run by any protocol, oldest first, without damaged ones (`dmcore.runs.problems`)."""
        with self._lock:
            before = self._runs.pop(run.path, {})
            now: dict[str, tuple[FileVersion, StoredResult | None]] = {}
            for file in run.result_files():
                try:
                    stat = file.stat()
                except OSError:  # deleted just now, or a loop of links
                    continue
                version = stat.st_mtime_ns, stat.st_size, stat.st_ino
                cached = before.get(file.name)
                if cached is None or cached[0] != version:
                    cached = version, _read(run, file)
                now[file.name] = cached
            while len(self._runs) >= CACHED_RUNS:
                del self._runs[next(iter(self._runs))]
            self._runs[run.path] = now
        results = (result for _, result in now.values() if result is not None)
        return tuple(sorted(results, key=lambda result: result.created))


stored_results = ResultCache().read
"""Results of a run by any protocol, by the cache of this process."""


def evaluation_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Evaluations of a run: results of every protocol but the quick one, oldest first."""
    return tuple(result for result in stored_results(run) if not is_quick(result.protocol, result.kind))


def results_at(run: RunFolder, iteration: int) -> tuple[StoredResult, ...]:
    """Newest evaluation of each set, kind and network; of condensed images those of this iteration."""
    return latest_results(evaluation_results(run), iteration)


def _read(run: RunFolder, file: Path) -> StoredResult | None:
    try:
        return read_result(file, run.description.id)
    except (FileNotFoundError, DamagedFileError):
        return None
