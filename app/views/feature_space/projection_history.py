"""Background projection of a run's stored iterations, one after the other, for the film and the curves.

It goes on only while no job is running; what is in the disk cache is loaded even then.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.run.run_view import stored_iterations
from app.views.feature_space.projection_client import (
    ProjectionFailed,
    ProjectionPending,
    get_projection_client,
)
from app.views.feature_space.projection_requests import HISTORY, stored_key, stored_request
from app.views.feature_space.projection_values import (
    CloudChoice,
    CloudProjection,
    RunProjection,
    SetProjection,
)
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

VIEWED_SECONDS = 20.0
"""A run's history is projected further for so many seconds after a page requested it."""


def request_history(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> int:
    """Request the projection of all stored iterations while no job is running; how many are missing.

    Each starts from the positions of the iteration before, so that stars move and do not jump.
    """
    client, now = get_projection_client(), time.monotonic()
    first_view = now - _history_viewed_at.get((choice.key, run.id), -VIEWED_SECONDS) >= VIEWED_SECONDS
    _history_viewed_at[(choice.key, run.id)] = now
    if not isinstance(client.get(("cloud", choice.key)), CloudProjection):
        return len(stored_iterations(run))
    missing = _missing(choice, run)
    if missing and (first_view or not manager.busy):
        _request_next(choice, run, manager)
        missing = _missing(choice, run)
    return missing


def _missing(choice: CloudChoice, run: RunFolder) -> int:
    """Number of stored iterations that are neither projected nor failed."""
    client = get_projection_client()
    states = [client.get(stored_key(choice, run, iteration)) for iteration in stored_iterations(run)]
    return sum(not isinstance(state, RunProjection | ProjectionFailed) for state in states)


_history_viewed_at: dict[tuple[str, str], float] = {}


def _request_next(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> None:
    """Request the first missing stored iteration while somebody looks; during a job only from the disk."""
    client = get_projection_client()
    viewed_at = _history_viewed_at.get((choice.key, run.id), -VIEWED_SECONDS)
    if time.monotonic() - viewed_at > VIEWED_SECONDS:
        return
    start: Mapping[str, SetProjection] = {}
    for iteration in stored_iterations(run):
        known = client.get(stored_key(choice, run, iteration))
        if isinstance(known, ProjectionPending):
            return  # the next iteration starts from its positions
        if known is None:
            request = stored_request(choice, run, iteration, HISTORY, start)
            if not client.load_cached(request) and not manager.busy:
                client.request(replace(request, on_answer=partial(_request_next, choice, run, manager)))
                return  # the next iteration starts from its positions
            known = client.get(request.key)
        start = known.sets if isinstance(known, RunProjection) else start
