"""Reference sets on the map, next to a run's own: random real images, the start, or another run.

What is missing is requested, and drawn once it arrives.
"""

from app.data.folders import find_run, runs_root
from app.run.run_view import nearest_stored
from app.views.feature_space.projection_values import (
    CloudChoice,
    JointProjection,
    MetricRecord,
    SetProjection,
    StoredSet,
)
from app.views.feature_space.projections import stored_projection
from dmcore.config.formatting import grouped
from dmcore.runs.display.titles import run_titles, set_title
from dmcore.runs.folder import RunFolder

FRESH, STARTS, OTHER, ALONE = "as many random real images", "where they started", "another run", "nothing"
REFERENCES = (FRESH, STARTS, OTHER, ALONE)
MAX_PANELS = 4
"""Panels next to each other on the page, at most."""


def stored_reference_sets(run: RunFolder, reference: str, other: str, at: int | None) -> list[StoredSet]:
    """Stored sets that are the reference; none for random real images, or where there is no room.

    Args:
        run: the run on the map.
        reference: one of `REFERENCES`.
        other: id of the other run.
        at: the iteration on screen; None: the newest. The other run is shown at its nearest stored iteration.
    """
    room = MAX_PANELS - len(run.sets)
    if room < 1 or reference not in (STARTS, OTHER):
        return []
    if reference == STARTS:
        largest = max(run.sets, key=lambda item: item.images_per_class)
        return [StoredSet(run, largest.name, 0, "Where they started")] if 0 in run.snapshots() else []
    theirs = other_run(run, other)
    stored = theirs.snapshots() if theirs is not None else []
    if theirs is None or not stored:
        return []
    nearest = nearest_stored(theirs, at)
    iteration = stored[-1] if nearest is None else nearest
    title = run_titles([run, theirs])[theirs.id]
    return [
        StoredSet(
            theirs,
            item.name,
            iteration,
            f"{title}: {set_title(theirs, item)}, iteration {grouped(iteration)}",
        )
        for item in theirs.sets[:room]
    ]


def comparable_runs(run: RunFolder, runs: list[RunFolder]) -> list[RunFolder]:
    """Other runs whose images can be projected into this run's cloud: of the same real images."""
    data = run.description.data
    return [
        other
        for other in runs
        if other.id != run.id
        and data.digest  # an import's is not known
        and (other.description.data.name, other.description.data.digest) == (data.name, data.digest)
    ]


def other_run(run: RunFolder, other: str) -> RunFolder | None:
    """The run with the id `other`; None where it is gone or of other real images."""
    try:
        candidate = find_run(other, runs_root())
    except (ValueError, OSError):
        return None
    return candidate if comparable_runs(run, [candidate]) else None


def reference_metrics(choice: CloudChoice, sets: list[StoredSet]) -> dict[str, tuple[MetricRecord, ...]]:
    """Metrics of the reference sets that are projected, by their title."""
    return {
        stored.title: projection.metrics_by_set[stored.name]
        for stored in sets
        if (projection := stored_projection(choice, stored.run, stored.iteration).value) is not None
        and stored.name in projection.metrics_by_set
    }


def reference_projections(
    choice: CloudChoice, sets: list[StoredSet], joint: JointProjection | None
) -> list[tuple[StoredSet, SetProjection]]:
    """The reference sets that are projected: onto the fixed map, or onto a joint one."""
    pairs = []
    for stored in sets:
        if joint is not None:
            projected = joint.sets.get(stored.panel)
        else:
            projection = stored_projection(choice, stored.run, stored.iteration).value
            projected = None if projection is None else projection.sets.get(stored.name)
        if projected is not None:
            pairs.append((stored, projected))
    return pairs
