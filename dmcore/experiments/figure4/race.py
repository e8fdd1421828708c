"""Race of methods of condensation (figure 4): lanes take turns on one clock, tests stand outside it.

All lanes of a race have one seed, and one set of evaluation networks judges them. A lane's images depend on
its own state alone, so the turns, the tests and an interruption change no pixel.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from dmcore.condensation import condense, make_plan
from dmcore.config import MethodConfig
from dmcore.config.methods import Method
from dmcore.data.images import DataSet
from dmcore.execution.divergence import DivergedError
from dmcore.execution.machine import machine_name
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.lane import REMEDY, Lane, take_turns
from dmcore.experiments.figure4.results import (
    LOCK,
    LaneFailure,
    RacePoint,
    RaceResults,
    race_folder,
    read_race,
    write_images,
    write_race,
)
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.tensor_file import read_state, write_state
from dmcore.gradient_matching import OuterStep
from dmcore.matching import Step
from dmcore.runs.display.images import DisplayImages
from dmcore.training.evaluate import EpochDone, NetworkTested, evaluate

LOCK_SECONDS = 1.0
SAVE_SECONDS = 10.0
"""Seconds between two writings of the lanes' states, beside those when a lane is tested and at a stop."""


@dataclass(frozen=True)
class LaneMoved:
    """Event: a lane has computed one event of its condensation."""

    seed: int
    lanes: tuple[Lane, ...]
    """All lanes of the race, to be read before the next event."""


@dataclass(frozen=True)
class LaneTesting:
    """Event: an epoch of a network that tests a lane; all clocks stand."""

    seed: int
    method: Method
    repeat: int
    epoch: int
    epochs: int


@dataclass(frozen=True)
class LaneTested:
    """Event: a lane was tested at a moment, or could not go on; with all results so far."""

    results: RaceResults


RaceEvent = LaneMoved | LaneTesting | LaneTested


class Race:
    """Race of the methods of a configuration on one data set, resumed from its folder."""

    def __init__(
        self,
        dataset: DataSet,
        config: Figure4Config,
        runs_root: Path,
        device: str = "auto",
        threads: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Read what is stored of it.

        Args:
            dataset: the data set of `config`.
            config: the race.
            runs_root: its folder is below this one.
            device: `auto`, or a device as torch names it.
            threads: processor cores to use; None: all that this process may use.
            clock: seconds, which are read around each event of a lane.

        Raises:
            ValueError: the device does not work here.
            DamagedFileError: the stored results are damaged.
        """
        self._dataset, self._config, self._clock = dataset, config, clock
        self._device, self._threads = device, threads
        self._runs_root, self._folder = runs_root, race_folder(runs_root, config)
        self.plan = evaluation_plan(device, threads)
        """Of the tests; each lane has its own."""
        self.results = read_race(runs_root, config, dataset.digest)
        """Results so far."""

    def events(self) -> Generator[RaceEvent, None, None]:
        """Run what is missing, one race after the other; closing it stores where all lanes are.

        Raises:
            ValueError: another process runs this race, or a lane's settings do not fit the data or machine.
            StorageError: the disk is full or refuses.
        """
        with self._locked():
            self.results = read_race(self._runs_root, self._config, self._dataset.digest)  # as it is now
            self._describe()
            for seed in range(self._config.seeds):
                if methods := [each for each in self._config.lanes if not self.results.ended(each, seed)]:
                    yield from self._race(seed, methods)

    def starts(self) -> Generator[RaceEvent, None, None]:
        """Test every lane at its start only, which depends on no clock; not those that were tested before.

        Raises:
            ValueError: another process runs this race, or a lane's settings do not fit the data or machine.
            StorageError: the disk is full or refuses.
        """
        with self._locked():
            self._describe()
            for seed in range(self._config.seeds):
                for method in self._config.lanes:
                    if not self.results.of(method, seed):
                        yield from self._test(self._lane(method, seed), seed, 0)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._folder / LOCK, thread_local=False)
        with storage_errors_explained(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=LOCK_SECONDS)
            except Timeout as timeout:
                raise ValueError(
                    "another process runs this race: watch it there, or stop it first"
                ) from timeout
        try:
            yield
        finally:
            lock.release()

    def _describe(self) -> None:
        """Write whose results these are; the machine is named beside those that it was begun on."""
        machine = machine_name(self.plan.device, self.plan.workers * self.plan.threads)
        known = self.results.machine.split("; ") if self.results.machine else []
        self.results = self.results.model_copy(
            update={
                "data": self._dataset.digest,
                "data_title": self._dataset.title,
                "class_names": self._dataset.class_names,
                "machine": "; ".join(dict.fromkeys([*known, machine])),
            }
        )
        write_race(self._folder, self.results)

    def _race(self, seed: int, methods: list[Method]) -> Generator[RaceEvent, None, None]:
        for method in methods:
            self._warm_up(method, seed)
        lanes = tuple(self._lane(method, seed) for method in methods)
        saved = time.monotonic()
        try:
            for lane in lanes:  # at the start, and where a test was due when the race was left
                if self._reached(lane) > lane.tested:
                    yield from self._test(lane, seed, self._reached(lane))
            for lane in take_turns(lanes, float(self._config.seconds)):
                yield LaneMoved(seed, lanes)
                if lane.stopped:
                    yield self._give_up(lane, seed)
                elif self._reached(lane) > lane.tested:
                    yield from self._test(lane, seed, self._reached(lane))
                elif time.monotonic() - saved < SAVE_SECONDS:
                    continue
                self._save(lanes, seed)
                saved = time.monotonic()
        finally:
            self._save(lanes, seed)
        if all(self.results.ended(method, seed) for method in self._config.lanes):
            for method in self._config.lanes:
                self._state_file(method, seed).unlink(missing_ok=True)

    def _reached(self, lane: Lane) -> int:
        """Index of the latest moment on a lane's clock; the start is 0."""
        return sum(moment <= lane.seconds for moment in self._config.moments)

    def _planned(self, method: Method, seed: int) -> tuple[MethodConfig, Plan]:
        config = self._config.lane_config(method, seed, self._dataset.shape)
        classes = len(self._dataset.class_names)
        return config, make_plan(config, self._dataset.shape, classes, self._device, self._threads)

    def _warm_up(self, method: Method, seed: int) -> None:
        """Compute one event that nobody counts: what a first call costs belongs to no lane."""
        config, plan = self._planned(method, seed)
        with suppress(DivergedError):  # the lane says so
            for _ in islice(condense(self._dataset, config, plan=plan), 2):
                pass

    def _lane(self, method: Method, seed: int) -> Lane:
        """The lane as it was left, or at its start; that is where one belongs that was never tested."""
        config, plan = self._planned(method, seed)
        tested = max((point.moment for point in self.results.of(method, seed)), default=-1)
        stored = read_state(self._state_file(method, seed)) if tested >= 0 else None
        state, facts = stored or (None, {"iteration": 0, "seconds": 0.0})
        steps = condense(self._dataset, config, plan=plan, state=state, iteration=facts["iteration"])
        start = next(steps)
        assert isinstance(start, Step)
        lane = Lane(method, start, self._finished(steps, plan), self._clock, facts["seconds"])
        lane.tested = tested
        return lane

    def _finished(self, steps: Iterator[Step | OuterStep], plan: Plan) -> Iterator[Step | OuterStep]:
        """The events of a lane, each once the device has computed it."""
        for step in steps:
            if plan.device != "cpu":
                float(step.sets[0].pixels.flatten()[0])  # reading a number waits for the device
            yield step

    def _test(self, lane: Lane, seed: int, moment: int) -> Generator[RaceEvent, None, None]:
        """Train the evaluation networks of this race on a lane's images; all clocks stand.

        Images that are no longer finite end the lane: DM checks no gradient.
        """
        (synthetic,) = lane.event.sets
        if not bool(synthetic.pixels.isfinite().all()):
            lane.failure = f"its images hold pixels that are no longer a number: {REMEDY}"
            yield self._give_up(lane, seed)
            return
        config = self._config.lane_config(lane.method, seed, self._dataset.shape)
        network, protocol = config.network_spec(), self._config.protocol(seed)
        accuracies: list[float] = []
        for event in evaluate(
            synthetic.images, synthetic.label, self._dataset.test, [network], protocol, self.plan
        ):
            if isinstance(event, EpochDone):
                yield LaneTesting(seed, lane.method, event.repeat, event.epoch, event.epochs)
            elif isinstance(event, NetworkTested):
                accuracies.append(event.accuracy)
        lane.tested = moment
        point = RacePoint(
            seed=seed,
            method=lane.method,
            moment=moment,
            seconds=lane.seconds,
            iterations=lane.progress,
            accuracies=tuple(accuracies),
        )
        write_images(self._folder, point, display_images(lane, self._dataset))
        yield self._store(points=(*self.results.points, point))

    def _give_up(self, lane: Lane, seed: int) -> LaneTested:
        failure = LaneFailure(seed=seed, method=lane.method, sentence=lane.failure)
        return self._store(failures=(*self.results.failures, failure))

    def _store(self, **changes: object) -> LaneTested:
        self.results = self.results.model_copy(update=changes)
        write_race(self._folder, self.results)
        return LaneTested(self.results)

    def _save(self, lanes: tuple[Lane, ...], seed: int) -> None:
        for lane in lanes:
            step, seconds = lane.boundary
            facts = {"iteration": step.iteration, "seconds": seconds}
            write_state(self._state_file(lane.method, seed), step.state(), facts)

    def _state_file(self, method: Method, seed: int) -> Path:
        return self._folder / f"{method}-{seed}.safetensors"


def display_images(lane: Lane, dataset: DataSet) -> DisplayImages:
    """Images of a lane as they are now: uint8 [class, image, channel, height, width]."""
    (synthetic,) = lane.event.sets
    images: DisplayImages = dataset.train.statistics.denormalise(synthetic.pixels).cpu().numpy()
    return images
