"""LRU cache of a run's stored evaluations, for pages that poll: a file is read again only when it changed.

Results of the quick protocol belong to the online evaluation while a run condenses; those of any other
protocol are evaluations of the run. The two are never shown in one table.
"""

import threading
from pathlib import Path

from pydantic import ValidationError

from dmcore.config.protocols import is_quick
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

CACHED_RUNS = 16
FileVersion = tuple[int, int, int]
"""Time of change, size and inode of a file."""

_cache: dict[Path, dict[str, tuple[FileVersion, StoredResult]]] = {}
_lock = threading.Lock()


def stored_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Results of a run by any protocol, oldest first.

    Raises:
        ValueError: a results file is damaged.
    """
    with _lock:
        before = _cache.pop(run.path, {})
        now: dict[str, tuple[FileVersion, StoredResult]] = {}
        for file in run.path.glob("results/*.json"):
            stat = file.stat()
            version = stat.st_mtime_ns, stat.st_size, stat.st_ino
            cached = before.get(file.name)
            if cached is not None and cached[0] == version:
                now[file.name] = cached
                continue
            try:
                now[file.name] = version, StoredResult.model_validate_json(file.read_bytes())
            except ValidationError:
                return tuple(run.results())  # names the damage
        while len(_cache) >= CACHED_RUNS:
            del _cache[next(iter(_cache))]
        _cache[run.path] = now
    return tuple(sorted((result for _, result in now.values()), key=lambda result: result.created))


def evaluation_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Evaluations of a run: results of every protocol but the quick one, oldest first."""
    return tuple(result for result in stored_results(run) if not is_quick(result.protocol, result.kind))


def online_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Online evaluations of a run (quick protocol), oldest first."""
    return tuple(result for result in stored_results(run) if is_quick(result.protocol, result.kind))
