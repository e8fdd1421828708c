"""What there is once per process, and what has to end with it.

Kept outside of the app's own modules, where neither hot reload nor the menu's “Clear cache” reaches it.
"""

import concurrent.futures.thread  # noqa: F401 - registers the end of its pools, before ours
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

Kept = TypeVar("Kept")
_PLACE = "dm_explorer_process"


def kept_in_process(name: str, make: Callable[[], Kept]) -> Kept:
    """The one thing of this name; made when it is first asked for."""
    place = _place()
    with place.setdefault("lock", threading.Lock()):
        if name not in place:
            place[name] = make()
        kept: Kept = place[name]
        return kept


def found_in_process(name: str) -> Any:
    """The thing of this name; None where nobody has made it."""
    return _place().get(name)


def released_by_process(name: str) -> Any:
    """The thing of this name, kept no longer; None when there was none."""
    return _place().pop(name, None)


def end_with_process(stop: Callable[[], None]) -> None:
    """Stop and join a thread when the process ends: one that is left inside torch aborts the process.

    `atexit` is too late: the pools of `concurrent.futures` that the library computes with are shut before it,
    by the hook that is used here. The last to register is called first, and the pools' has registered.
    """
    threading._register_atexit(stop)  # type: ignore[attr-defined]


def _place() -> dict[str, Any]:
    return sys.modules.setdefault(_PLACE, ModuleType(_PLACE)).__dict__


def run_is_computed() -> bool:
    """Whether the thread of this process is at a job, which goes first; a paused one waits."""
    manager: JobManager | None = found_in_process("manager")
    job = manager.current if manager is not None else None
    return job is not None and job.state in ("running", "stopping")
