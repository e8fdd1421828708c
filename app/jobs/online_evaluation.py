"""How good are the images by now? Test networks, trained in the run's own thread between two iterations.

The gauge only reads: kept images come from the run's folder, results go there like any evaluation's, and
every random choice is its own, so the condensation is the same with it or without. It trains an epoch here
and there, whenever its share of the time allows, so images keep moving, and a pause or a stop waits for one
epoch at most. Torch is imported by the thread.
"""

import logging
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.jobs.job import Job
from app.jobs.online_evaluation_schedule import Order, Training
from app.jobs.snapshot import GaugeNow
from dmcore.config.protocols import QUICK, for_whole
from dmcore.files.atomic import StorageError
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.online_evaluation_time import GaugeTime, read_gauge_time, write_gauge_time

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.plan import Plan

SLICE_SECONDS = 0.1
"""Time that must have been saved up before test networks are trained on."""
LONGEST_SLICE = 0.25
"""Time that passes at most between two iterations, beyond the epoch in hand."""
RESERVE = 1.2
"""Of what the last round took, for the round at the end: they differ a little."""
LOOK_SECONDS = 0.5
"""How long not to look for newer images once there were none."""
ROUNDS_FIRST = 4
"""Points of the curve that come before the training on all real images, which takes long."""

log = logging.getLogger(__name__)


@dataclass
class _Track:
    """Trainings one after the other, the first of them begun."""

    queue: deque[Training]
    events: Iterator[Any] | None = None
    seconds: float = 0.0


class Gauge:
    """Belongs to one job and its thread; `job.gauge_share` may change at any time."""

    def __init__(self, job: Job, run: RunFolder, dataset: "DataSet", device: str) -> None:
        self._job, self._run, self._dataset, self._device = job, run, dataset, device
        self._began = self._seen = job.gate.clock()
        self._before = read_gauge_time(run) or GaugeTime(job.gauge_share)
        self._saved = self._spent = 0.0
        self._curve, self._whole = _Track(deque()), _Track(deque())
        self._order = Order(run, min(map(len, dataset.train.by_class)), len(dataset.train))
        self._rounds = 0
        self._round_seconds = self._batch_began = self._head_start = self._look_at = 0.0
        self._plan: Plan | None = None
        self._trouble = "" if len(dataset.test) else "the data set has no test images"

    def spend(self, iteration: int) -> Generator[None, None, None]:
        """Train as long as the share allows; an event after each epoch and each piece of a test."""
        share, now = self._job.gauge_share, self._job.gate.clock()
        self._saved += share * (now - self._seen)
        self._seen = now
        if not share:
            self._saved = 0.0
        if not share or self._trouble or self._saved - self._reserved(iteration) < SLICE_SECONDS:
            return
        spent = self._spent
        self._settle()
        while (
            self._may()
            and self._saved > self._reserved(iteration)
            and self._spent - spent < LONGEST_SLICE
            and self._advance(self._track())
        ):
            yield None
        self._tell(final=False)
        # What was saved while there was nothing to test is not spent in one go.
        self._saved = min(self._saved, self._reserved(iteration) + max(self._round_seconds, LONGEST_SLICE))

    def finish(self) -> Generator[None, None, None]:
        """The run has ended: its last images are tested, and real ones if those are missing."""
        if not self._job.gauge_share or self._trouble:
            return
        self._leave()
        self._curve = _Track(deque(self._order.end()))
        self._tell(final=True)
        while self._curve.queue and self._advance(self._curve):
            self._tell(final=True)
            yield None

    def close(self) -> None:
        """Leave off, for good; what was tested is kept."""
        self._leave()
        if self._spent:
            with suppress(StorageError):  # nothing depends on it
                write_gauge_time(self._run, self._time())
        self._tell(final=False)

    def _may(self) -> bool:
        gate = self._job.gate
        return not (gate.paused or gate.stopping or gate.pace == "step" or not self._job.gauge_share)

    def _reserved(self, iteration: int) -> float:
        """What the test of the last images will take, saved up in step with the run."""
        config = self._run.config
        if config is None:
            return 0.0
        return RESERVE * self._round_seconds * min(1.0, iteration / config.iterations)

    def _track(self) -> _Track:
        """What to go on with: all real images have as much time as the curve, once that has begun."""
        if self._whole.queue and self._whole.seconds < self._curve.seconds - self._head_start:
            return self._whole
        return self._curve

    def _advance(self, track: _Track) -> bool:
        """One event; False when there is nothing to train."""
        began = time.perf_counter()
        try:
            if not track.queue and not self._refill(began):
                return False
            if track.events is None:
                track.events = self._events(track.queue[0])
            ended = next(track.events, None) is None
            self._settle()
        except Exception as error:
            # The run is worth more than its gauge: say why, and let it go on.
            log.exception("the gauge of run %s failed", self._run.id)
            from dmcore.runs.failure import describe_failure

            self._trouble = describe_failure(error, 0).sentence
            self._leave()
            return False
        finally:
            took = time.perf_counter() - began
            track.seconds += took
            self._spent += took
            self._saved -= took
        if ended:
            self._end(track)
        return True

    def _end(self, track: _Track) -> None:
        training = track.queue.popleft()
        track.events = None
        self._order.take(training)
        if training.kind == "condensed" and not track.queue:
            self._rounds += 1
            self._round_seconds = track.seconds - self._batch_began
        if self._rounds == ROUNDS_FIRST and not self._whole.queue:
            self._whole.queue.extend(self._order.all_real())
            self._head_start = self._curve.seconds

    def _events(self, training: Training) -> Iterator[Any]:
        from dmcore.execution.plan import evaluation_plan
        from dmcore.runs.results.evaluation import evaluate_run

        self._plan = self._plan or evaluation_plan(self._device)
        return evaluate_run(
            self._run,
            training.set,
            self._dataset,
            for_whole(QUICK) if training.kind == "all_real" else QUICK,
            training.iteration if training.kind == "condensed" else None,
            training.kind,
            plan=self._plan,
        )

    def _refill(self, now: float) -> bool:
        """Queue what comes next; False where nothing does, which is not looked for all the time."""
        if now < self._look_at:
            return False
        batch = self._order.next()
        self._curve.queue.extend(batch)
        self._batch_began = self._curve.seconds
        if not batch:
            self._look_at = now + LOOK_SECONDS
        return bool(batch)

    def _settle(self) -> None:
        """Let a GPU finish, so that whoever asked for the work is charged with its time."""
        if self._plan is not None and self._plan.torch_device.type == "cuda":
            import torch

            torch.cuda.synchronize(self._plan.torch_device)

    def _leave(self) -> None:
        for track in (self._curve, self._whole):
            if isinstance(track.events, Generator):
                with suppress(StorageError):  # the run is worth more than its gauge
                    track.events.close()
            track.queue.clear()
            track.events = None

    def _time(self) -> GaugeTime:
        elapsed = self._job.gate.clock() - self._began
        before = self._before
        return GaugeTime(
            self._job.gauge_share, before.seconds + self._spent, before.of_seconds + max(elapsed, self._spent)
        )

    def _tell(self, final: bool) -> None:
        if self._job.view is not None:
            self._job.view.take_gauge(GaugeNow(self._time(), final, self._trouble))
