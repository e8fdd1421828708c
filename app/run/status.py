"""What a run on disk is doing, in the words of the pages. Must not import torch."""

import os
from datetime import UTC, datetime

from app.run.run_bar import marked
from app.text.escaping import plain_text
from dmcore.config.formatting import duration, grouped
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import living_owner

AT_WORK = (Status.RUNNING, Status.PAUSED)
WORDS = {Status.INTERRUPTED: "stopped"}
"""What a status is called on a page, where it differs."""


def status_of(run: RunFolder) -> Status | None:
    """The run's state; None where a file that tells it is damaged or gone."""
    try:
        return run.status()
    except (ValueError, OSError):
        return None


def word_of(run: RunFolder) -> str:
    """'running', 'stopped', 'imported' …; empty where it cannot be told."""
    if run.config is None:
        return "imported"
    status = status_of(run)
    return "" if status is None else WORDS.get(status, status.value)


def state_line(run: RunFolder, status: Status, judging: bool = False) -> str:
    """'● running, iteration 12 of 500', and who is at it when it is not this server."""
    word = "judging" if judging else WORDS.get(status, status.value)
    if run.config is None:
        return marked("judging" if judging else "imported")
    done, asked = grouped(run.iteration()), grouped(run.config.iterations)
    line = f"{marked(word)}, iteration {done} of {asked}"
    owner = living_owner(run.path)
    if owner is not None and owner.pid != os.getpid():
        line += f", by process {owner.pid} on {plain_text(owner.host)}"
    return line


def age_of(run: RunFolder) -> str:
    """How long ago it was made."""
    made = datetime.fromisoformat(run.description.created)
    return f"{duration((datetime.now(UTC) - made).total_seconds())} ago"
