"""Recorder of a run: drives `condense` and writes losses, snapshots and checkpoints; resumes a stopped run.

Losses stay on the device and are fetched in batches at display rate, because a GPU must not wait for the disk
in each iteration; the check for NaN happens there too. Events and snapshots are on disk before their
checkpoint.
"""

import math
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.condensation import condense
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.data.images import DataSet
from dmcore.execution.divergence import DivergedError
from dmcore.execution.plan import Plan
from dmcore.files.atomic import (
    StorageError,
    fsync_file,
    fsync_folder,
    storage_errors_explained,
)
from dmcore.files.checked_json import Record, write_record
from dmcore.gradient_matching import OuterStep
from dmcore.matching import Step
from dmcore.runs.checkpoint import CHECKPOINT_SECONDS, Checkpoint, write_checkpoint
from dmcore.runs.description import RunResult
from dmcore.runs.events import IterationEvent, append_events
from dmcore.runs.failure import describe_failure
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import heartbeat, lock_run
from dmcore.runs.noise_floor import NoiseFloorMeter
from dmcore.runs.pinned_pool import pin_pool
from dmcore.runs.program import note_program, program_text
from dmcore.runs.resume import ResumePoint, check_data, find_resume_point, roll_back
from dmcore.runs.snapshots import Snapshot, schedule_snapshots, stored_iterations, write_snapshot

FLUSH_SECONDS = 0.25
CHECKPOINT_SHARE = 0.02
"""Maximum share of the time for writing checkpoints."""


def record(
    run: RunFolder, dataset: DataSet, *, plan: Plan | None = None, cache: Path | None = None
) -> Generator[Step | OuterStep, None, None]:
    """Condense into a run folder, from its newest intact checkpoint or from the start.

    Yields the steps of `condense`. Closing the generator writes a checkpoint, and the run can be resumed; a
    run that has reached its iterations yields nothing. An exception inside an iteration, Ctrl-C too, falls
    back on the last checkpoint: to lose nothing, note the signal, let the iteration end, and close.
    Closing it at a matching step of gradient matching goes back to where that iteration began.

    Args:
        run: a run created by `create_run`.
        dataset: its data set.
        plan: execution plan; left out, the run's own.
        cache: where pools of trained networks are; left open, `DM_CACHE`, else the user's cache folder.

    Raises:
        RunBusyError: another process holds the lock of the run.
        DivergedError: a loss or an image is not finite (written to `error.json` too).
        StorageError: the disk is full or refuses; what was written before is intact.
        ValueError: an import, other data, or a setting that cannot be honoured.
    """
    with lock_run(run.path):
        run = RunFolder(run.path)  # read again, now that the lock is held
        config = run.config
        if config is None or run.description.plan is None:
            raise ValueError(f"run {run.id} was not condensed here: start a new run instead")
        result = run.result()
        if result is not None and result.iteration >= config.iterations:
            return
        check_data(run, dataset)
        images = len(dataset.class_names) * sum(spec.images_per_class for spec in config.all_sets())
        schedule = schedule_snapshots(config.iterations, 4 * images * int(np.prod(dataset.shape)))
        resumed = find_resume_point(run, dataset, plan, schedule)
        pin_pool(run, dataset, cache)  # the first write: what cannot be resumed stays as it is
        writer = None
        try:
            writer = _Writer(run, config, dataset, schedule, resumed, cache)
            yield from writer.steps()
        except Exception as error:
            _write_error(run, error, resumed.iteration if writer is None else writer.iteration)
            raise


class _Writer:
    """State of a run in progress that is not written yet: losses, times, next checkpoint."""

    def __init__(
        self,
        run: RunFolder,
        config: MethodConfig,
        dataset: DataSet,
        schedule: tuple[int, ...],
        resumed: ResumePoint,
        cache: Path | None,
    ) -> None:
        self._run, self._config = run, config
        self._schedule = frozenset((*schedule, *resumed.evaluated))
        self._resumed, self._seconds, self._plan = resumed, resumed.seconds, resumed.plan
        self._dataset = replace(dataset, train=dataset.train.to(self._plan.torch_device))
        self.iteration = resumed.iteration
        """Updates done."""
        self._checkpointed = self.iteration if resumed.checkpoint else None
        self._pending: list[tuple[int, float, dict[str, Tensor], Tensor | None]] = []
        self._losses = resumed.losses
        self._unsynced: list[Path] = []
        self._program = program_text()
        self._counted_at = self._flushed_at = self._checkpointed_at = time.perf_counter()
        self._checkpoint_took = 0.0
        self._noise_floor_meter = None
        if isinstance(config, CondenseConfig):
            self._noise_floor_meter = NoiseFloorMeter(self._dataset, config, self._plan, cache)
        self._cache = cache

    def steps(self) -> Iterator[Step | OuterStep]:
        """Drive `condense`; time spent by the consumer of the steps is not counted."""
        restored = self._resumed.checkpoint
        live = condense(
            self._dataset,
            self._config,
            plan=self._plan,
            state=restored.state if restored else None,
            iteration=self.iteration,
            cache=self._cache,
        )
        first = next(live)  # its memory is taken: what can fail has failed, so that files may be deleted
        roll_back(self._run, self._resumed)
        note_program(self._run, self._program, begun=self.iteration > 0)
        for step in chain((first,), live):
            if isinstance(step, Step):
                self._record(step)
            elif time.perf_counter() - self._flushed_at > FLUSH_SECONDS:
                self._flush()
            self._count_time()
            try:
                yield step
            except GeneratorExit:
                # Only here are all sets at one iteration; inside an update some have moved and some have not.
                self._stop(step if isinstance(step, Step) else step.begun)
                raise
            self._counted_at = time.perf_counter()

    def _count_time(self) -> None:
        now = time.perf_counter()
        self._seconds += now - self._counted_at
        self._counted_at = now

    def _record(self, step: Step) -> None:
        self.iteration = step.iteration
        if step.loss_by_class:
            meter = self._noise_floor_meter
            measured = None if meter is None else meter.measure(step)
            self._count_time()
            self._pending.append((step.iteration, self._seconds, step.loss_by_class, measured))
        done = step.iteration >= self._config.iterations
        now = time.perf_counter()
        since_checkpoint = now - self._checkpointed_at
        checkpoint_due = since_checkpoint > max(CHECKPOINT_SECONDS, self._checkpoint_took / CHECKPOINT_SHARE)
        snapshot_due = step.iteration in self._schedule or done
        if checkpoint_due or snapshot_due or now - self._flushed_at > FLUSH_SECONDS:
            self._flush()
        if snapshot_due:
            self._write_snapshots(step)
        if checkpoint_due or done:
            self._write_checkpoint(step)
        if done:
            self._finish()

    def _stop(self, step: Step) -> None:
        """Write everything up to this step, so that the run can be resumed."""
        if step.iteration >= self._config.iterations:
            return
        self._flush()
        self._write_snapshots(step)
        self._write_checkpoint(step)

    def _finish(self) -> None:
        self._count_time()
        batch = sum(min(self._config.real_batch, len(members)) for members in self._dataset.train.by_class)
        fresh = math.ceil(self.iteration * self._config.real_batches_per_iteration)
        rate = fresh * batch / self._seconds if self._seconds else 0.0
        result = RunResult(
            iteration=self.iteration, seconds=round(self._seconds, 3), images_per_second=round(rate, 1)
        )
        _write(self._run, "result.json", result)

    def _flush(self) -> None:
        """Fetch the pending losses, check them, append them to the events; renew the heartbeat.

        Raises:
            DivergedError: one is not finite; those before it are written.
        """
        self._flushed_at = time.perf_counter()
        with storage_errors_explained(self._run.path / "owner.json"):
            heartbeat(self._run.path)
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        names = list(pending[0][2])
        # One copy for all iterations and sets: a host synchronisation per flush, not per loss.
        stacked = torch.stack([torch.cat([loss[name] for name in names]) for _, _, loss, _ in pending])
        losses = _to_numpy(stacked).reshape(len(pending), len(names), -1)
        finite = np.isfinite(losses).all(axis=(1, 2))
        sound = len(pending) if finite.all() else int(finite.argmin())
        events = [
            IterationEvent(
                iteration,
                seconds,
                dict(zip(names, loss, strict=True)),
                None if measured is None else _to_numpy(measured),
            )
            for (iteration, seconds, _, measured), loss in zip(pending[:sound], losses, strict=False)
        ]
        append_events(self._run.events_file, [event.line() for event in events])
        for event in events:
            self._losses.add(event.iteration, event.loss)
        if sound < len(pending):
            which, index = np.argwhere(~np.isfinite(losses[sound]))[0]
            raise self._diverged("loss", names[which], int(index), pending[sound][0])

    def _write_snapshots(self, step: Step) -> None:
        """Write a snapshot of every set.

        Raises:
            DivergedError: a pixel is not finite, or too large for float16.
        """
        run_id = self._run.description.id
        for synthetic in step.sets:
            pixels, momentum = (
                tensor.detach().half().cpu().numpy()
                for tensor in (synthetic.pixels, synthetic.momentum_buffer)
            )
            sound = np.isfinite(pixels).all(axis=(1, 2, 3, 4)) & np.isfinite(momentum).all(axis=(1, 2, 3, 4))
            if not sound.all():
                raise self._diverged("image", synthetic.name, int(sound.argmin()), step.iteration)
            folder = self._run.snapshot_folder(synthetic.name)
            self._unsynced.append(write_snapshot(folder, Snapshot(step.iteration, pixels, momentum), run_id))

    def _write_checkpoint(self, step: Step) -> None:
        """Write a checkpoint, after syncing the events and snapshots before it.

        Raises:
            DivergedError: a pixel is not finite.
        """
        if step.iteration == self._checkpointed:
            return
        began = time.perf_counter()
        state = step.state()
        for synthetic in step.sets:
            sound = torch.isfinite(state[f"{synthetic.name}/pixels"]).flatten(1).all(dim=1).numpy()
            if not sound.all():
                raise self._diverged("image", synthetic.name, int(sound.argmin()), step.iteration)
        append_events(self._run.events_file, [], durable=True)
        for file in self._unsynced:
            fsync_file(file)
        for folder in {file.parent for file in self._unsynced}:
            fsync_folder(folder)
        self._unsynced.clear()
        texts = self._run.description_copy(), self._losses.hexdigest()
        checkpoint = Checkpoint(step.iteration, state, *texts)
        write_checkpoint(self._run.checkpoint_folder, checkpoint)
        self._checkpointed, self._checkpointed_at = step.iteration, time.perf_counter()
        self._checkpoint_took = self._checkpointed_at - began

    def _diverged(self, what: str, name: str, index: int, iteration: int) -> DivergedError:
        stored = [
            earlier for earlier in stored_iterations(self._run.snapshot_folder(name)) if earlier < iteration
        ]
        last = f"the images of iteration {stored[-1]} are stored" if stored else "no images were stored"
        return DivergedError(
            f"the {what} of class {self._dataset.class_names[index]!r} in set {name!r} is no longer a number "
            f"at iteration {iteration}, {last}: start a new run with a lower image learning rate"
        )


def _write_error(run: RunFolder, error: Exception, iteration: int) -> None:
    """Write `error.json`; on a full disk only the caller's exception tells."""
    with suppress(StorageError, MemoryError):
        _write(run, "error.json", describe_failure(error, iteration))


def _write(run: RunFolder, name: str, content: Record) -> None:
    write_record(run.path / name, content)


def _to_numpy(values: Float[Tensor, "..."]) -> Float[np.ndarray, "..."]:
    return values.detach().to("cpu", torch.float32).numpy()
