"""Estimated run time of set-ups on this machine, measured in the background thread while it is idle.

A measurement never delays a run: it is dropped when a job comes, and repeated when that is done.
"""

import logging

from app.data.facts import dataset_entry
from app.jobs.job_queue import JobQueue
from dmcore.config import CondenseConfig
from dmcore.data.catalogue import DataSetEntry

log = logging.getLogger(__name__)

MAX_WIDTH = 1024
"""Wider networks are not timed: a mistyped width could take all memory."""
IRRELEVANT_FIELDS = {
    "iterations",
    "seed",
    "replay",
    "replay_keep",
    "replay_every",
    "image_lr",
    "momentum",
    "init",
}
"""Fields of a set-up that do not change how long the halves of an iteration take."""


class Timings:
    """Cache of the times of an iteration's two halves (real, synthetic), by what they depend on.

    Every method may be called from any thread.
    """

    def __init__(self, queue: JobQueue, device: str) -> None:
        self._queue, self._device = queue, device
        self._seconds: dict[str, tuple[float, float] | None] = {}
        self._pending: set[str] = set()

    def seconds(self, config: CondenseConfig) -> float | None:
        """Estimated seconds that condensing takes at full speed; None where it is not known (yet)."""
        key, entry = _key(config), dataset_entry(config.dataset)
        if entry is None or config.width > MAX_WIDTH:
            return None
        if key not in self._seconds and key not in self._pending:
            self._pending.add(key)
            self._queue.run_when_idle(lambda: self._measure(key, config, entry))
        halves = self._seconds.get(key)
        if halves is None:
            return None
        from dmcore.bench.timing import IterationTime  # measured: torch is loaded

        return IterationTime(*halves).seconds(config)

    def is_pending(self, config: CondenseConfig) -> bool:
        """Whether a measurement is running or waits for the thread to be idle."""
        return _key(config) in self._pending

    def _measure(self, key: str, config: CondenseConfig, entry: DataSetEntry) -> None:
        """Measure, in the background thread, and let pages look again."""
        from dmcore.bench.timing import measure_iteration

        time = None
        try:
            time = measure_iteration(
                config,
                entry.shape,
                (entry.classes, entry.train_count // entry.classes),
                flip_keeps_label=entry.flip_keeps_label,
                device=self._device,
                keep_going=lambda: not (self._queue.busy or self._queue.closed),
            )
        except (ValueError, RuntimeError, MemoryError):
            # A set-up that this machine refuses has no time; starting it shows the reason.
            log.info("no time could be measured for %s", config.dataset, exc_info=True)
            self._seconds[key] = None
        if time is not None:
            self._seconds[key] = time.real, time.synthetic
        self._pending.discard(key)
        self._queue.notify()


def _key(config: CondenseConfig) -> str:
    counts = tuple(spec.images_per_class for spec in config.all_sets())
    return f"{config.model_dump_json(exclude={*IRRELEVANT_FIELDS, 'sets', 'images_per_class'})}{counts}"
