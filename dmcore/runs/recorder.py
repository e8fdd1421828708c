"""The one writer of a run folder: drives `condense`, writes what happens, goes on where a run was broken off.

Losses stay on the device and are fetched in batches at display rate, because a GPU must not wait for the disk
in each iteration; the check for NaN happens there too. What leads to a checkpoint is on the disk before it.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.files.atomic import StorageError, storage_trouble_named, sync, sync_folder, write_atomically
from dmcore.matching import Step, condense
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.description import RunResult, Stored
from dmcore.runs.events import IterationEvent, append_events
from dmcore.runs.failure import DivergedError, describe_failure
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import beat, owned
from dmcore.runs.noise_floor import FloorMeter
from dmcore.runs.pinned_pool import pin_pool
from dmcore.runs.resume import Resumption, check_data, resume
from dmcore.runs.snapshots import Snapshot, schedule_snapshots, stored_iterations, write_snapshot

FLUSH_SECONDS = 0.25
CHECKPOINT_SECONDS = 10.0
CHECKPOINT_SHARE = 0.02
"""Most of the time that writing checkpoints may take."""


def record(
    run: RunFolder, dataset: DataSet, *, plan: Plan | None = None, cache: Path | None = None
) -> Generator[Step, None, None]:
    """Condense into a run folder, from its newest whole checkpoint or from the start.

    Yields what `condense` yields. Closing the generator writes a checkpoint and leaves the run to be resumed;
    a run that has reached its iterations yields nothing. An exception inside an iteration, Ctrl-C too, falls
    back on the last checkpoint: to lose nothing, note the signal, let the iteration end, and close.

    Args:
        run: made by `create_run`.
        dataset: the data set it was made for.
        plan: how to compute it; left out, as the run says.
        cache: where pools of trained networks are; left open, `DM_CACHE`, else the user's cache folder.

    Raises:
        RunBusyError: another process is working on the run.
        DivergedError: a loss or an image is no longer a number (named in `error.json` too).
        StorageError: the disk is full or refuses; what was written before is intact.
        ValueError: an import, other data, or a setting that cannot be honoured.
    """
    with owned(run.path):
        run = RunFolder(run.path)  # as it is now that nobody else can change it
        config = run.config
        if config is None or run.description.plan is None:
            raise ValueError(f"run {run.id} was not condensed here: start a new run instead")
        reached = run.result()
        if reached is not None and reached.iteration >= config.iterations:
            return
        check_data(run, dataset)
        pin_pool(run, dataset, cache)
        images = len(dataset.class_names) * sum(spec.images_per_class for spec in config.all_sets())
        schedule = schedule_snapshots(config.iterations, 4 * images * int(np.prod(dataset.shape)))
        resumed = resume(run, dataset, plan, schedule)
        writer = None
        try:
            writer = _Writer(run, config, dataset, schedule, resumed, cache)
            yield from writer.steps()
        except Exception as error:
            _say_why(run, error, resumed.iteration if writer is None else writer.iteration)
            raise


class _Writer:
    """What a run in progress still has to write."""

    def __init__(
        self,
        run: RunFolder,
        config: CondenseConfig,
        dataset: DataSet,
        schedule: tuple[int, ...],
        resumed: Resumption,
        cache: Path | None,
    ) -> None:
        self._run, self._config, self._schedule = run, config, frozenset(schedule)
        self._checkpoint, self._seconds, self._plan = resumed
        self._dataset = replace(dataset, train=dataset.train.to(self._plan.torch_device))
        self.iteration = resumed.iteration
        """Updates done."""
        self._checkpointed = self.iteration if self._checkpoint else None
        self._pending: list[tuple[int, float, dict[str, Tensor], Tensor | None]] = []
        self._unsynced: list[Path] = []
        self._counted_at = self._flushed_at = self._checkpointed_at = time.perf_counter()
        self._checkpoint_took = 0.0
        self._floors = FloorMeter(self._dataset, config, self._plan, cache)
        self._cache = cache

    def steps(self) -> Iterator[Step]:
        """Drive `condense`; the time that the reader of the steps takes is not counted as worked."""
        restored = self._checkpoint
        live = condense(
            self._dataset,
            self._config,
            plan=self._plan,
            state=restored.state if restored else None,
            iteration=self.iteration,
            cache=self._cache,
        )
        for step in live:
            self._take(step)
            self._count_time()
            try:
                yield step
            except GeneratorExit:
                # Only here are all sets of one iteration; inside an update some have moved and some have not.
                self._stop(step)
                raise
            self._counted_at = time.perf_counter()

    def _count_time(self) -> None:
        now = time.perf_counter()
        self._seconds += now - self._counted_at
        self._counted_at = now

    def _take(self, step: Step) -> None:
        self.iteration = step.iteration
        if step.loss_by_class:
            measured = self._floors.measure(step)
            self._count_time()
            self._pending.append((step.iteration, self._seconds, step.loss_by_class, measured))
        done = step.iteration >= self._config.iterations
        now = time.perf_counter()
        waited = now - self._checkpointed_at
        save = waited > max(CHECKPOINT_SECONDS, self._checkpoint_took / CHECKPOINT_SHARE)
        keep = step.iteration in self._schedule or done
        if save or keep or now - self._flushed_at > FLUSH_SECONDS:
            self._flush()
        if keep:
            self._keep_images(step)
        if save or done:
            self._save(step)
        if done:
            self._finish()

    def _stop(self, step: Step) -> None:
        """Leave everything as it is now on the disk, to be resumed."""
        if step.iteration >= self._config.iterations:
            return
        self._flush()
        self._keep_images(step)
        self._save(step)

    def _finish(self) -> None:
        self._count_time()
        batch = sum(min(self._config.real_batch, len(members)) for members in self._dataset.train.by_class)
        fresh = self.iteration
        if self._config.replay:
            fresh = -(-self.iteration // self._config.replay_every)
        rate = fresh * batch / self._seconds if self._seconds else 0.0
        result = RunResult(
            iteration=self.iteration, seconds=round(self._seconds, 3), images_per_second=round(rate, 1)
        )
        _write(self._run, "result.json", result)

    def _flush(self) -> None:
        """Fetch the losses since the last time, check them, append them; move the heartbeat.

        Raises:
            DivergedError: one is no longer a number; those before it are written.
        """
        self._flushed_at = time.perf_counter()
        with storage_trouble_named(self._run.path / "owner.json"):
            beat(self._run.path)
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        names = list(pending[0][2])
        # One copy for all iterations and sets: a host synchronisation per flush, not per loss.
        stacked = torch.stack([torch.cat([loss[name] for name in names]) for _, _, loss, _ in pending])
        losses = _fetched(stacked).reshape(len(pending), len(names), -1)
        finite = np.isfinite(losses).all(axis=(1, 2))
        sound = len(pending) if finite.all() else int(finite.argmin())
        append_events(
            self._run.events_file,
            [
                IterationEvent(
                    iteration,
                    seconds,
                    dict(zip(names, loss, strict=True)),
                    None if measured is None else _fetched(measured),
                ).line()
                for (iteration, seconds, _, measured), loss in zip(pending[:sound], losses, strict=False)
            ],
        )
        if sound < len(pending):
            which, index = np.argwhere(~np.isfinite(losses[sound]))[0]
            raise self._diverged("loss", names[which], int(index), pending[sound][0])

    def _keep_images(self, step: Step) -> None:
        """Write a snapshot of every set.

        Raises:
            DivergedError: a pixel is no longer a number, or too large for float16.
        """
        for one in step.sets:
            pixels, momentum = (tensor.detach().half().cpu().numpy() for tensor in (one.pixels, one.buffer))
            sound = np.isfinite(pixels).all(axis=(1, 2, 3, 4)) & np.isfinite(momentum).all(axis=(1, 2, 3, 4))
            if not sound.all():
                raise self._diverged("image", one.name, int(sound.argmin()), step.iteration)
            folder = self._run.snapshot_folder(one.name)
            self._unsynced.append(write_snapshot(folder, Snapshot(step.iteration, pixels, momentum)))

    def _save(self, step: Step) -> None:
        """Write a checkpoint, after everything that it stands for.

        Raises:
            DivergedError: a pixel is no longer a number.
        """
        if step.iteration == self._checkpointed:
            return
        begun = time.perf_counter()
        state = step.state()
        for one in step.sets:
            sound = torch.isfinite(state[f"{one.name}/pixels"]).flatten(1).all(dim=1).numpy()
            if not sound.all():
                raise self._diverged("image", one.name, int(sound.argmin()), step.iteration)
        append_events(self._run.events_file, [], durable=True)
        for file in self._unsynced:
            sync(file)
        for folder in {file.parent for file in self._unsynced}:
            sync_folder(folder)
        self._unsynced.clear()
        write_checkpoint(self._run.checkpoint_folder, Checkpoint(step.iteration, state))
        self._checkpointed, self._checkpointed_at = step.iteration, time.perf_counter()
        self._checkpoint_took = self._checkpointed_at - begun

    def _diverged(self, what: str, name: str, index: int, iteration: int) -> DivergedError:
        kept = [one for one in stored_iterations(self._run.snapshot_folder(name)) if one < iteration]
        last = f"the images of iteration {kept[-1]} are kept" if kept else "no images were kept"
        return DivergedError(
            f"the {what} of class {self._dataset.class_names[index]!r} in set {name!r} is no longer a number "
            f"at iteration {iteration}, {last}: start anew with a lower image learning rate"
        )


def _say_why(run: RunFolder, error: Exception, iteration: int) -> None:
    """Say in `error.json` why the run stopped; on a full disk the caller's exception must do."""
    with suppress(StorageError):
        _write(run, "error.json", describe_failure(error, iteration))


def _write(run: RunFolder, name: str, content: Stored) -> None:
    write_atomically(run.path / name, content.model_dump_json(indent=1).encode())


def _fetched(values: Float[Tensor, "..."]) -> Float[np.ndarray, "..."]:
    return values.detach().to("cpu", torch.float32).numpy()
