"""What stands beside a run's sets on the map, to compare with: random real images, their start, another run.

Values. What is not there yet is wanted, and drawn once it is. Must not draw, nor import torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.data.folders import find_run, runs_root
from app.jobs.live_snapshot import DisplayImages
from app.run.run_view import images_at, nearest_stored, stored_iterations
from app.text.set_labels import run_titles
from app.views.feature_space.projection_requests import stored_projection
from app.views.feature_space.projection_values import CloudChoice, MetricRecord, ProjectedSet, RunProjection
from dmcore.config.formatting import grouped
from dmcore.runs.folder import RunFolder

FRESH, STARTS, OTHER, ALONE = "as many random real images", "where they started", "another run", "nothing"
REFERENCES = (FRESH, STARTS, OTHER, ALONE)
MAX_PANELS = 4
"""Beside one another on the page."""


@dataclass(frozen=True)
class StoredSet:
    """A set of a run at a kept iteration, as it stands beside."""

    run: RunFolder
    name: str
    iteration: int
    title: str

    @property
    def panel(self) -> str:
        """The name of its panel."""
        return f"{self.run.id}/{self.name}/{self.iteration}"

    def pictures(self) -> DisplayImages | None:
        """Its images; None where their file cannot be read."""
        try:
            return images_at(self.run, self.name, self.iteration)
        except (ValueError, OSError):
            return None

    def placement(self, choice: CloudChoice) -> object:
        """Where it stands on a still map, with its numbers: `RunProjection`, `Making` or `Failed`."""
        return stored_projection(choice, self.run, self.iteration)


def stored_reference_sets(run: RunFolder, beside: str, other: str, at: int | None) -> list[StoredSet]:
    """The sets that stand beside a run's own; none for real images, or where there is no room.

    Args:
        run: the run on the map.
        beside: one of `REFERENCES`.
        other: id of the other run.
        at: the iteration looked at; None: the newest. The other run is shown as near to it as it was kept.
    """
    room = MAX_PANELS - len(run.sets)
    if room < 1 or beside not in (STARTS, OTHER):
        return []
    if beside == STARTS:
        largest = max(run.sets, key=lambda one: one.images_per_class)
        return (
            [StoredSet(run, largest.name, 0, "Where they started")]
            if stored_iterations(run)[:1] == [0]
            else []
        )
    theirs = other_run(run, other)
    kept = stored_iterations(theirs) if theirs is not None else []
    if theirs is None or not kept:
        return []
    moment = nearest_stored(theirs, at)
    iteration = kept[-1] if moment is None else moment
    title = run_titles([run, theirs])[theirs.id]
    return [
        StoredSet(
            theirs, one.name, iteration, f"{title}: {lane_title(theirs, one)}, iteration {grouped(iteration)}"
        )
        for one in theirs.sets[:room]
    ]


def comparable_runs(run: RunFolder, runs: list[RunFolder]) -> list[RunFolder]:
    """Other runs whose images can stand in this one's cloud: of the same real images."""
    data = run.description.data
    return [
        one
        for one in runs
        if one.id != run.id
        and data.digest  # an import's is not known
        and (one.description.data.name, one.description.data.digest) == (data.name, data.digest)
    ]


def other_run(run: RunFolder, other: str) -> RunFolder | None:
    """The run that was chosen to stand beside; None where it is gone or of other images."""
    try:
        found = find_run(other, runs_root())
    except (ValueError, OSError):
        return None
    return found if comparable_runs(run, [found]) else None


def reference_metrics(choice: CloudChoice, sets: list[StoredSet]) -> dict[str, tuple[MetricRecord, ...]]:
    """The numbers of what stands beside, as far as they are there, by its title."""
    found = [(one, one.placement(choice)) for one in sets]
    return {
        one.title: placement.measures[one.name]
        for one, placement in found
        if isinstance(placement, RunProjection) and one.name in placement.measures
    }


def reference_projections(
    choice: CloudChoice, sets: list[StoredSet], joint: Mapping[str, ProjectedSet] | None
) -> list[tuple[StoredSet, ProjectedSet]]:
    """Where what stands beside is placed, as far as that is known: on the still map, or on a joint one."""
    placed = []
    for one in sets:
        found = one.placement(choice) if joint is None else None
        on_still = found.sets.get(one.name) if isinstance(found, RunProjection) else None
        place = on_still if joint is None else joint.get(one.panel)
        if place is not None:
            placed.append((one, place))
    return placed
