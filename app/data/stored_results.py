"""A run's stored evaluations, for pages that look several times a second: a file is read once as it stands.

Results of the quick protocol follow a run while it condenses (online evaluation); those of any other protocol
evaluate it, and the two never stand in one table.
"""

import threading
from pathlib import Path

from pydantic import ValidationError

from dmcore.config.protocols import is_quick
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

CACHED_RUNS = 16
Stamp = tuple[int, int, int]

_kept: dict[Path, dict[str, tuple[Stamp, StoredResult]]] = {}
_reading = threading.Lock()


def stored_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """All of them, oldest first.

    Raises:
        ValueError: one is damaged.
    """
    with _reading:
        before = _kept.pop(run.path, {})
        now: dict[str, tuple[Stamp, StoredResult]] = {}
        for file in run.path.glob("results/*.json"):
            state = file.stat()
            stamp = state.st_mtime_ns, state.st_size, state.st_ino
            known = before.get(file.name)
            if known is not None and known[0] == stamp:
                now[file.name] = known
                continue
            try:
                now[file.name] = stamp, StoredResult.model_validate_json(file.read_bytes())
            except ValidationError:
                return tuple(run.results())  # names the damage
        while len(_kept) >= CACHED_RUNS:
            del _kept[next(iter(_kept))]
        _kept[run.path] = now
    return tuple(sorted((one for _, one in now.values()), key=lambda one: one.created))


def evaluation_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Those that judge it: by any protocol but the quick one, oldest first."""
    return tuple(one for one in stored_results(run) if not is_quick(one.protocol, one.kind))


def online_results(run: RunFolder) -> tuple[StoredResult, ...]:
    """Those that follow it, oldest first."""
    return tuple(one for one in stored_results(run) if is_quick(one.protocol, one.kind))
