"""The film of a run on the map: its stored moments placed one after the other, while nothing is at work.

Values only; must not draw, nor import torch.
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
from app.views.feature_space.projection_values import CloudChoice, ProjectedCloud, ProjectedSet, RunProjection
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

VIEWED_SECONDS = 20.0
"""For so many seconds after a page looked, a run's history is placed further."""


def request_history(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> int:
    """Have the stored moments placed one after the other while nothing is at work; how many lack.

    Each begins where the one before ended, so that stars move and do not jump.
    """
    placer, now = get_projection_client(), time.monotonic()
    came = now - _history_looked_at.get((choice.key, run.id), -VIEWED_SECONDS) >= VIEWED_SECONDS
    _history_looked_at[(choice.key, run.id)] = now
    if not isinstance(placer.look(("cloud", choice.key)), ProjectedCloud):
        return len(stored_iterations(run))
    found = [placer.look(stored_key(choice, run, one)) for one in stored_iterations(run)]
    lacking = [one for one in found if not isinstance(one, RunProjection | ProjectionFailed)]
    if lacking and (came or not manager.busy):
        _want_next(choice, run, manager)
        found = [placer.look(stored_key(choice, run, one)) for one in stored_iterations(run)]
    return sum(not isinstance(one, RunProjection | ProjectionFailed) for one in found)


_history_looked_at: dict[tuple[str, str], float] = {}


def _want_next(choice: CloudChoice, run: RunFolder, manager: "JobManager") -> None:
    """The first stored moment that is not placed, while somebody looks; beside a run only from the disk."""
    placer = get_projection_client()
    seen = _history_looked_at.get((choice.key, run.id), -VIEWED_SECONDS)
    if time.monotonic() - seen > VIEWED_SECONDS:
        return
    before: Mapping[str, ProjectedSet] = {}
    for iteration in stored_iterations(run):
        known = placer.look(stored_key(choice, run, iteration))
        if isinstance(known, ProjectionPending):
            return  # the next one begins where it ends
        if known is None:
            want = stored_request(choice, run, iteration, HISTORY, before)
            if not placer.recall(want) and not manager.busy:
                placer.want(replace(want, then=partial(_want_next, choice, run, manager)))
                return  # the next one begins where it ends
            known = placer.look(want.key)
        before = known.sets if isinstance(known, RunProjection) else before
