"""The work of a race: methods condense in turns on one clock, and progress is published after each event.

Torch is imported by the thread, when the generator runs.
"""

import time
from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs.job import Events, Job, RaceProgress, Work
from dmcore.config import Method
from dmcore.config.formatting import duration, joined
from dmcore.experiments.figure4.config import NAMES, Figure4Config
from dmcore.experiments.figure4.results import FILE, RaceResults, race_folder, write_race

if TYPE_CHECKING:
    from app.jobs.work import WorkerContext
    from dmcore.data.images import DataSet
    from dmcore.experiments.figure4.race import LaneMoved, Race, RaceEvent

IMAGES_SECONDS = 1.0
"""Seconds between two publications of the lanes' images."""


@dataclass(frozen=True, kw_only=True)
class RaceWork(Work):
    """Run what is missing of a race; what was tested stays when it is stopped."""

    kind = "race"
    config: Figure4Config

    @property
    def default_title(self) -> str:
        """Title that names the methods and the data set."""
        lanes = joined([NAMES[method] for method in self.config.lanes])
        return f"Race of {lanes} on {self.config.dataset_name}, {self.config.images_per_class} per class"

    def prepare(self, runs_root: Path) -> None:
        """Write its results before there are any: the addresses of the race answer from now on.

        Raises:
            StorageError: the runs root cannot be written to.
        """
        folder = race_folder(runs_root, self.config)
        if not (folder / FILE).exists():
            write_race(folder, RaceResults(config=self.config))

    @property
    def subject(self) -> Hashable:
        """Key of the race."""
        return self.config.key

    def __call__(self, job: Job, context: "WorkerContext") -> Events:
        """The work as a generator."""
        dataset = context.open(self.config.dataset_name, job)
        from dmcore.experiments.figure4.race import Race

        race = Race(dataset, self.config, context.runs_root, context.device)
        tracker = _ProgressTracker(job, race, dataset)
        job.activity = "warming up: one event of each lane that nobody counts"
        with closing(race.events()) as events:
            for event in events:
                tracker.take(event)
                yield None


class _ProgressTracker:
    """Makes progress from events, with the time that is left: the clocks', and that of the tests so far."""

    def __init__(self, job: Job, race: "Race", dataset: "DataSet") -> None:
        self._job, self._race, self._dataset, self._config = job, race, dataset, race.results.config
        self._published = -IMAGES_SECONDS
        self._testing = False
        self._test_seconds, self._tests, self._since = 0.0, 0, 0.0

    def take(self, event: "RaceEvent") -> None:
        """Publish what an event tells."""
        from dmcore.experiments.figure4.race import LaneMoved, LaneTesting

        now = self._job.throttle.clock()
        match event:
            case LaneMoved():
                self._publish(event)
                self._testing = False
                self._job.activity = f"{self._race_text(event.seed)}, {self._left()}"
            case LaneTesting(seed, method, repeat, epoch, epochs):
                if not self._testing:
                    self._testing, self._since = True, now
                test = f"testing {NAMES[method]}, network {repeat + 1} of {self._config.repeats}"
                test = f"all clocks stand: {test}, epoch {epoch} of {epochs}"
                self._job.activity = f"{self._race_text(seed)}, {test}; {self._left()}"
            case _:
                if self._testing:
                    self._test_seconds, self._tests = self._test_seconds + now - self._since, self._tests + 1
                self._testing = False
        done, total = self._race.results.tests
        self._job.fraction_done = done / total

    def _publish(self, event: "LaneMoved") -> None:
        from dmcore.experiments.figure4.race import display_images

        now = time.monotonic()
        if now - self._published < IMAGES_SECONDS:
            return
        self._published = now
        self._job.race_progress = RaceProgress(
            event.seed,
            {lane.method: (lane.seconds, lane.progress) for lane in event.lanes},
            {lane.method: display_images(lane, self._dataset) for lane in event.lanes},
        )

    def _race_text(self, seed: int) -> str:
        return f"race {seed + 1} of {self._config.seeds}" if self._config.seeds > 1 else "the race is on"

    def _left(self) -> str:
        """'about 12 min left'; the tests' share is known once one is done."""
        results, config = self._race.results, self._config
        lanes = [(method, seed) for seed in range(config.seeds) for method in config.lanes]
        lanes = [lane for lane in lanes if not results.ended(*lane)]
        seconds = config.seconds * len(lanes) - sum(self._done_of(*lane) for lane in lanes)
        if self._tests:
            tested, total = results.tests
            seconds += (total - tested) * self._test_seconds / self._tests
            return f"about {duration(max(1.0, seconds))} left"
        return f"{duration(max(1.0, seconds))} of condensing left, and the tests"

    def _done_of(self, method: Method, seed: int) -> float:
        progress = self._job.race_progress
        if progress is not None and progress.seed == seed and method in progress.clocks:
            return min(float(self._config.seconds), progress.clocks[method][0])
        return max((point.seconds for point in self._race.results.of(method, seed)), default=0.0)
