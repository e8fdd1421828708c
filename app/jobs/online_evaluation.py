"""Online evaluation: test networks trained in the run's own thread between two iterations of condensation.

It changes nothing about the run: stored images are read from the run's folder, results are written there like
any evaluation's, and every random choice is its own, so the condensation is the same with it or without. It
trains an epoch here and there, whenever its share of the time allows, so images keep moving, and a pause or a
stop waits for one epoch at most. Torch is imported by the thread.
"""

import logging
import time
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.data.stored_results import stored_results
from app.jobs.job import Job
from app.jobs.run_view import OnlineEvaluationStatus
from dmcore.config.protocols import QUICK, whole_set_protocol
from dmcore.files.atomic import StorageError
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves
from dmcore.runs.results.online_evaluation_time import (
    OnlineEvaluationTime,
    read_online_evaluation_time,
    write_online_evaluation_time,
)
from dmcore.runs.results.training_schedule import EvaluationSchedule, ScheduledTraining

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.plan import Plan

SLICE_SECONDS = 0.1
"""Time that must have been saved up before test networks are trained further."""
LONGEST_SLICE = 0.25
"""Most time between two iterations, beyond the current epoch."""
RESERVE = 1.2
"""Time reserved for the round at the end, as a factor of the last round's: they differ a little."""
POLL_SECONDS = 0.5
"""Wait before looking for newer images again once there were none."""
ROUNDS_FIRST = 4
"""Points of the curve that come before the training on all real images, which takes long."""

log = logging.getLogger(__name__)


@dataclass
class _Track:
    """Queue of trainings, the first of them begun."""

    queue: deque[ScheduledTraining]
    events: Generator[object, None, None] | None = None
    seconds: float = 0.0


class OnlineEvaluation:
    """Trains the test networks of one job, in its thread, within a share of the time.

    The share is `job.evaluation_share`, which may change at any time.
    """

    def __init__(self, job: Job, run: RunFolder, dataset: "DataSet", device: str) -> None:
        self._job, self._run, self._dataset, self._device = job, run, dataset, device
        self._began = self._seen = job.throttle.clock()
        self._before = read_online_evaluation_time(run) or OnlineEvaluationTime(share=job.evaluation_share)
        self._saved = self._spent = 0.0
        self._curve, self._all_real = _Track(deque()), _Track(deque())
        fewest, real = min(map(len, dataset.train.by_class)), len(dataset.train)
        self._schedule = EvaluationSchedule(run, stored_results(run), fewest, real)
        self._rounds = 0
        self._round_seconds = self._batch_began = self._head_start = self._poll_at = 0.0
        self._plan: Plan | None = None
        self._error = "" if len(dataset.test) else "the data set has no test images"

    @property
    def spent(self) -> float:
        """Seconds that it has taken so far, of this job."""
        return self._spent

    @property
    def goes_on(self) -> bool:
        """Whether it takes its share of the time."""
        return not self._error

    def train_within_share(self, iteration: int) -> Generator[None, None, None]:
        """Train as long as the share of the time allows; yields after each epoch and each batch of a test."""
        share, now = self._job.evaluation_share, self._job.throttle.clock()
        self._saved += share * (now - self._seen)
        self._seen = now
        if not share:
            self._saved = 0.0
        if not share or self._error or self._saved - self._reserved(iteration) < SLICE_SECONDS:
            return
        spent = self._spent
        self._settle()
        while (
            self._may_train()
            and self._saved > self._reserved(iteration)
            and self._spent - spent < LONGEST_SLICE
            and self._advance(self._track())
        ):
            yield None
        self._report(final=False)
        # What was saved while there was nothing to test is not spent in one go.
        self._saved = min(self._saved, self._reserved(iteration) + max(self._round_seconds, LONGEST_SLICE))

    def finish(self) -> Generator[None, None, None]:
        """Test the last images of a run that has ended, real ones if those are missing, and further points.

        Further points of the plan as far as the share allows. Nothing where the run was too short for a
        single point within the share: a round may take minutes.
        """
        if not self._job.evaluation_share or self._error:
            return
        if not accuracy_curves(self._run, stored_results(self._run)).by_set:
            return
        self._abandon()
        self._curve = _Track(deque(self._schedule.end()))
        self._poll_at = 0.0
        self._report(final=True)
        while (self._curve.queue or self._affords_round()) and self._advance(self._curve):
            self._report(final=True)
            yield None

    def close(self) -> None:
        """Stop for good; results so far are kept."""
        self._abandon()
        if self._spent or self._job.evaluation_share:
            with suppress(StorageError):  # nothing depends on it
                write_online_evaluation_time(self._run, self._time())
        self._report(final=False)

    def _may_train(self) -> bool:
        throttle = self._job.throttle
        return not (
            throttle.paused or throttle.stopping or throttle.speed == "step" or not self._job.evaluation_share
        )

    def _affords_round(self) -> bool:
        """Whether the time saved is enough for another round, as far as is known what one takes."""
        return self._saved > self._round_seconds > 0

    def _reserved(self, iteration: int) -> float:
        """Time reserved for testing the last images, saved up in proportion to the iterations done."""
        config = self._run.config
        if config is None:
            return 0.0
        return RESERVE * self._round_seconds * min(1.0, iteration / config.iterations)

    def _track(self) -> _Track:
        """Choose what to continue: all real images have as much time as the curve, once that has begun."""
        if self._all_real.queue and self._all_real.seconds < self._curve.seconds - self._head_start:
            return self._all_real
        return self._curve

    def _advance(self, track: _Track) -> bool:
        """Compute one event; False when there is nothing to train."""
        began = time.perf_counter()
        try:
            if not track.queue and not self._refill(began):
                return False
            if track.events is None:
                track.events = self._events(track.queue[0])
            ended = next(track.events, None) is None
            self._settle()
        except Exception as error:
            # The run matters more than its online evaluation: report the reason, and let the run go on.
            log.exception("the online evaluation of run %s failed", self._run.id)
            from dmcore.runs.failure import describe_failure

            self._error = describe_failure(error, 0).sentence
            self._abandon()
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
        self._schedule.mark_done(training)
        if training.kind == "condensed" and not track.queue:
            self._rounds += 1
            self._round_seconds = track.seconds - self._batch_began
        if self._rounds == ROUNDS_FIRST and not self._all_real.queue:
            self._all_real.queue.extend(self._schedule.all_real())
            self._head_start = self._curve.seconds

    def _events(self, training: ScheduledTraining) -> Generator[object, None, None]:
        from dmcore.execution.plan import evaluation_plan
        from dmcore.runs.results.evaluation import evaluate_run

        self._plan = self._plan or evaluation_plan(self._device)
        return evaluate_run(
            self._run,
            training.set,
            self._dataset,
            whole_set_protocol(QUICK) if training.kind == "all_real" else QUICK,
            training.iteration if training.kind == "condensed" else None,
            training.kind,
            plan=self._plan,
        )

    def _refill(self, now: float) -> bool:
        """Queue the next trainings; False where there are none, which is not checked all the time."""
        if now < self._poll_at:
            return False
        batch = self._schedule.next_batch()
        self._curve.queue.extend(batch)
        self._batch_began = self._curve.seconds
        if not batch:
            self._poll_at = now + POLL_SECONDS
        return bool(batch)

    def _settle(self) -> None:
        """Wait for the GPU, so that its time is charged to whoever queued the work."""
        if self._plan is not None and self._plan.torch_device.type == "cuda":
            import torch

            torch.cuda.synchronize(self._plan.torch_device)

    def _abandon(self) -> None:
        for track in (self._curve, self._all_real):
            if track.events is not None:
                with suppress(StorageError):  # the run matters more than its online evaluation
                    track.events.close()
            track.queue.clear()
            track.events = None

    def _time(self) -> OnlineEvaluationTime:
        elapsed = self._job.throttle.clock() - self._began
        before = self._before
        return OnlineEvaluationTime(
            share=self._job.evaluation_share,
            seconds=before.seconds + self._spent,
            of_seconds=before.of_seconds + max(elapsed, self._spent),
        )

    def _report(self, final: bool) -> None:
        if self._job.snapshot_builder is not None:
            self._job.snapshot_builder.take_online_evaluation(
                OnlineEvaluationStatus(self._time(), final, self._error)
            )
