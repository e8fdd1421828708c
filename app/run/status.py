"""Status of a run on disk, formatted for pages."""

import os
from datetime import UTC, datetime

from app.run.run_bar import status_markdown
from app.text.escaping import plain_text
from dmcore.config.formatting import duration, grouped
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import active_owner

ACTIVE = (Status.RUNNING, Status.PAUSED)
STATUS_WORDS = {Status.INTERRUPTED: "stopped"}
"""Displayed status, where it differs from the stored one."""


def status_of(run: RunFolder) -> Status | None:
    """Status of a run; None where a file that determines it is damaged or gone."""
    try:
        return run.status()
    except (ValueError, OSError):
        return None


def status_word(run: RunFolder) -> str:
    """Displayed status: 'running', 'stopped', 'imported' …; empty where it cannot be determined."""
    if run.config is None:
        return "imported"
    status = status_of(run)
    return "" if status is None else STATUS_WORDS.get(status, status.value)


def state_line(run: RunFolder, status: Status, evaluating: bool = False) -> str:
    """Status line '● running, iteration 12 of 500', with the process that computes it if not this one."""
    word = "evaluating" if evaluating else STATUS_WORDS.get(status, status.value)
    if run.config is None:
        return status_markdown("evaluating" if evaluating else "imported")
    done, total = grouped(run.iteration()), grouped(run.config.iterations)
    line = f"{status_markdown(word)}, iteration {done} of {total}"
    owner = active_owner(run.path)
    if owner is not None and owner.pid != os.getpid():
        line += f", by process {owner.pid} on {plain_text(owner.host)}"
    return line


def age_of(run: RunFolder) -> str:
    """Time since a run was created, as '3 min ago'."""
    created = datetime.fromisoformat(run.description.created)
    return f"{duration((datetime.now(UTC) - created).total_seconds())} ago"
