"""Questions for the projections of a run's sets: at a stored iteration, and while it is in progress.

A projection holds the coordinates of every set's images on the map at one iteration, with their metrics.
"""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from app.answers.question import DEFAULT_BYTES, OutdatedError, Progress
from app.jobs.manager import get_manager
from app.jobs.run_view import RunView
from app.views.feature_space.map_questions import (
    Cloud,
    OnMapQuestion,
    first_images,
    get_projections,
)
from app.views.feature_space.projection_values import (
    CloudChoice,
    RunMetrics,
    RunProjection,
    parse_sets,
)
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.files.messages import Array, Message
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.map_file import stored_name

MIN_PROJECTION_SECONDS, MAX_PROJECTION_SECONDS = 1.9, 5.0
"""Seconds between two projections of a run in progress: pages poll every two."""
MIN_METRICS_SECONDS, MAX_METRICS_SECONDS = 15.0, 60.0
"""Seconds between two measurements of a run in progress: measuring costs three times what projecting does."""
TIME_SHARE = 0.05
"""Fraction of the time that projecting may take during a run, and measuring once more."""
MOST_LIVE = 500
"""Projections of a run in progress that are kept for the curves."""


@dataclass(frozen=True)
class Stored(OnMapQuestion[RunProjection]):
    """Question for the projection of a run's stored iteration.

    Stars start where they were at the iteration before, so that they move and do not jump.
    """

    do = "place"
    run: RunFolder
    iteration: int

    def message(self) -> Message:
        """Request for the projection, with metrics."""
        pixels = {name: self.run.snapshot(name, self.iteration).pixels for name in self.run.set_names}
        known = known_projections(self.choice, self.run)
        earlier = [projection for projection in known if projection.iteration < self.iteration]
        arrays = first_images(pixels) | _start(earlier)
        return self.request(arrays, sets=list(pixels), measure=True)

    def parse(self, answer: Message) -> RunProjection:
        """The projection."""
        self.check_map(answer)
        return _parse_projection(answer, self.iteration, None)

    def depends(self) -> tuple[object, ...]:
        """The run, the iteration and the change tokens of its files."""
        stamps = self.run.snapshot_stamps(self.iteration)
        return ("stored", self.map_id, str(self.run.path), self.iteration, *stamps)

    def recorded(self) -> Message | None:
        """That of a recorded run."""
        return self.recorded_as(stored_name(self.iteration), self.run) if is_recorded(self.run) else None


@dataclass(frozen=True)
class LiveHistory(OnMapQuestion[tuple[RunProjection, ...]]):
    """Key of the projections of a run in progress, the newest last: `Live` adds to them, nobody asks."""

    run: RunFolder

    def size(self, answer: tuple[RunProjection, ...]) -> int:
        """Approximate size in bytes: they are too many to be counted at every new one."""
        return DEFAULT_BYTES * len(answer)


@dataclass(frozen=True)
class Live(OnMapQuestion[RunProjection]):
    """Question for the newest projection of a run in progress, asked again when the next is due."""

    do = "place"
    run: RunFolder

    @property
    def history(self) -> tuple[RunProjection, ...]:
        """The projections so far, the newest last; a failure of the next one does not touch them."""
        return get_projections().look(self._history_key).value or ()

    @property
    def _history_key(self) -> LiveHistory:
        return LiveHistory(self.choice, self.map_key, self.run)

    def message(self) -> Message:
        """Request for the projection of the newest images, with metrics where they are due."""
        snapshot, history = snapshot_in_progress(self.run), self.history
        if snapshot is None:
            raise OutdatedError
        measure = not history or _metrics_are_due(history[-1], snapshot)
        sets, iteration = list(snapshot.pixels), snapshot.iteration
        arrays = first_images(snapshot.pixels) | _start(history)
        return self.request(arrays, sets=sets, measure=measure, iteration=iteration)

    def parse(self, answer: Message) -> RunProjection:
        """The projection, with the metrics of the one before where none were measured."""
        self.check_map(answer)
        before = None if "measures" in answer.header else self.history[-1].metrics
        return _parse_projection(answer, answer.header["iteration"], before)

    def answer(self) -> Generator[Progress, None, RunProjection]:
        """Ask the projection worker, and add the projection to the history; raises as `MapQuestion` does."""
        projection = yield from super().answer()
        get_projections().put(self._history_key, (*self.history, projection)[-MOST_LIVE:])
        return projection


def is_due(newest: RunProjection, snapshot: RunView) -> bool:
    """Whether the newest projection of a run in progress is to be followed by another."""
    limits = MIN_PROJECTION_SECONDS, MAX_PROJECTION_SECONDS
    return _is_due(newest, snapshot.iteration, *limits) or _metrics_are_due(newest, snapshot)


def snapshot_in_progress(run: RunFolder) -> RunView | None:
    """Newest state of a run that this process condenses; None where it does not, or before any images."""
    job = get_manager().current
    snapshot = job.snapshot if job is not None and job.run_id == run.id and job.active else None
    return snapshot if snapshot is not None and snapshot.pixels else None


def _metrics_are_due(known: RunProjection, snapshot: RunView) -> bool:
    return _is_due(known.metrics, snapshot.iteration, MIN_METRICS_SECONDS, MAX_METRICS_SECONDS)


def _is_due(made: RunProjection | RunMetrics, iteration: int, least: float, most: float) -> bool:
    """Whether a run at this iteration is to be projected or measured again."""
    wait = min(max(least, made.seconds / TIME_SHARE), most)
    return made.iteration != iteration and time.time() - (made.created_at - made.seconds) >= wait


def known_projections(choice: CloudChoice, run: RunFolder) -> list[RunProjection]:
    """All projections in memory, by iteration: of stored iterations, and live ones."""
    answers = get_projections()
    cloud = answers.look(Cloud(choice)).value
    if cloud is None:
        return []
    live = Live(choice, cloud.map_key, run).history
    stored = [
        answers.look(Stored(choice, cloud.map_key, run, iteration)).value for iteration in run.snapshots()
    ]
    by_iteration = {known.iteration: known for known in (*live, *stored) if known is not None}
    return [by_iteration[iteration] for iteration in sorted(by_iteration)]


def _start(earlier: Sequence[RunProjection]) -> dict[str, Array]:
    """Coordinates that stars start from: those of the latest projection, if there is one."""
    sets = earlier[-1].sets if earlier else {}
    return {f"{name}/start": projected.positions for name, projected in sets.items()}


def _parse_projection(answer: Message, iteration: int, metrics: RunMetrics | None) -> RunProjection:
    """`metrics`: those of an earlier iteration; None: those in the answer."""
    header, now = answer.header, time.time()
    if metrics is None:
        by_set = {name: tuple(records) for name, records in header["measures"].items()}
        metrics = RunMetrics(iteration, by_set, now, header["measuring"])
    return RunProjection(iteration, parse_sets(answer), metrics, now, header["seconds"])
