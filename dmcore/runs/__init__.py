"""The run folder: what is written, read, resumed, evaluated, exported.

Readers take no lock and import no torch. Names are loaded when they are first used
(PEP 562), so that listing runs is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmcore.files.atomic import StorageError
    from dmcore.runs.creation import create_run, describe_data, extend_run
    from dmcore.runs.description import (
        DataDescription,
        NewerFormatError,
        RunDescription,
        RunError,
        RunResult,
        SelectionDescription,
        SetDescription,
        Status,
        StoredResult,
    )
    from dmcore.runs.evaluation import evaluate_run
    from dmcore.runs.failure import DivergedError
    from dmcore.runs.film.files import export_film
    from dmcore.runs.film.film import open_film
    from dmcore.runs.folder import RunFolder
    from dmcore.runs.formats.export import export_run
    from dmcore.runs.imports import import_run, load_condensed
    from dmcore.runs.lock import RunBusyError, set_owner_state
    from dmcore.runs.recorder import record
    from dmcore.runs.rename import rename_run
    from dmcore.runs.runs_root import (
        delete_run,
        find_runs_root,
        list_runs,
        make_run,
        open_run,
        read_runs,
        unreadable_runs,
    )
    from dmcore.runs.selection import create_selected_run
    from dmcore.runs.snapshots import Snapshot, write_snapshot

_HOME = {
    "DataDescription": "description",
    "DivergedError": "failure",
    "NewerFormatError": "description",
    "RunBusyError": "owner",
    "RunDescription": "description",
    "RunError": "description",
    "RunFolder": "folder",
    "RunResult": "description",
    "SelectionDescription": "description",
    "SetDescription": "description",
    "Snapshot": "snapshots",
    "Status": "description",
    "StorageError": "dmcore.files.atomic",
    "StoredResult": "description",
    "create_run": "creation",
    "create_selected_run": "selecting",
    "delete_run": "roots",
    "describe_data": "creation",
    "evaluate_run": "evaluation",
    "export_film": "film_files",
    "export_run": "export",
    "extend_run": "creation",
    "find_runs_root": "roots",
    "import_run": "importing",
    "list_runs": "roots",
    "load_condensed": "importing",
    "make_run": "roots",
    "open_film": "film",
    "open_run": "roots",
    "read_runs": "roots",
    "record": "recorder",
    "rename_run": "renaming",
    "set_owner_state": "owner",
    "unreadable_runs": "roots",
    "write_snapshot": "snapshots",
}

__all__ = [
    "DataDescription",
    "DivergedError",
    "NewerFormatError",
    "RunBusyError",
    "RunDescription",
    "RunError",
    "RunFolder",
    "RunResult",
    "SelectionDescription",
    "SetDescription",
    "Snapshot",
    "Status",
    "StorageError",
    "StoredResult",
    "create_run",
    "create_selected_run",
    "delete_run",
    "describe_data",
    "evaluate_run",
    "export_film",
    "export_run",
    "extend_run",
    "find_runs_root",
    "import_run",
    "list_runs",
    "load_condensed",
    "make_run",
    "open_film",
    "open_run",
    "read_runs",
    "record",
    "rename_run",
    "set_owner_state",
    "unreadable_runs",
    "write_snapshot",
]


def __getattr__(name: str) -> Any:
    """Import the module a public name lives in when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'dmcore.runs' has no attribute {name!r}")
    home = _HOME[name]
    return getattr(import_module(home if "." in home else f"dmcore.runs.{home}"), name)
