"""Status of a run on disk, formatted for pages."""

import os
from datetime import UTC, datetime

from app.text.escaping import plain_text
from app.text.status import Status
from dmcore.config.formatting import duration, grouped
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import active_owner


def status_of(run: RunFolder) -> Status | None:
    """Displayed status of a run; None where a file that determines it is damaged or gone."""
    try:
        return _status_of(run)
    except (ValueError, OSError):
        return None


def state_line(run: RunFolder, evaluating: bool = False) -> str:
    """Status line '● running, iteration 12 of 500', with the process that computes it if not this one.

    Raises:
        ValueError: a file that determines it is damaged.
        OSError: it is gone.
    """
    line = (Status.EVALUATING if evaluating else _status_of(run)).markdown
    if run.config is None:
        return line
    line += f", iteration {grouped(run.iteration())} of {grouped(run.config.iterations)}"
    owner = active_owner(run.path)
    if owner is not None and owner.pid != os.getpid():
        line += f", by process {owner.pid} on {plain_text(owner.host)}"
    return line


def age_of(run: RunFolder) -> str:
    """Time since a run was created, as '3 min ago'."""
    created = datetime.fromisoformat(run.description.created)
    return f"{duration((datetime.now(UTC) - created).total_seconds())} ago"


def _status_of(run: RunFolder) -> Status:
    if run.config is None:
        return Status.SELECTED if run.description.origin == "select" else Status.IMPORTED
    return Status.of(run.status())
