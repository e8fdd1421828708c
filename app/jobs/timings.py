"""How long set-ups would take on this machine: asked for by pages, measured in the thread while it is idle.

A measurement never stands in a run's way: it is given up when a job comes, and taken up when that is done.
"""

import logging

from app.data.facts import dataset_entry
from app.jobs.queue import JobQueue
from dmcore.config import CondenseConfig
from dmcore.data.catalogue import DataSetEntry

log = logging.getLogger(__name__)

WIDEST = 1024
"""Wider networks are not timed unasked: a mistyped width could take all memory."""
INDIFFERENT = {"iterations", "seed", "replay", "replay_keep", "replay_every", "image_lr", "momentum", "init"}
"""Fields that change nothing about how long an iteration's halves take."""


class Timings:
    """The times of an iteration's halves, by what they depend on. Any thread may ask."""

    def __init__(self, queue: JobQueue, device: str) -> None:
        self._queue, self._device = queue, device
        self._seconds: dict[str, tuple[float, float] | None] = {}
        self._asked: set[str] = set()

    def seconds(self, config: CondenseConfig) -> float | None:
        """About how long learning takes at full pace; None where it is not known (yet)."""
        key, entry = _key(config), dataset_entry(config.dataset)
        if entry is None or config.width > WIDEST:
            return None
        if key not in self._seconds and key not in self._asked:
            self._asked.add(key)
            self._queue.do_when_idle(lambda: self._measure(key, config, entry))
        halves = self._seconds.get(key)
        if halves is None:
            return None
        from dmcore.bench.timing import IterationTime  # measured: torch is loaded

        return IterationTime(*halves).seconds(config)

    def expected(self, config: CondenseConfig) -> bool:
        """Whether a time is being measured, or will be once nothing else is at work."""
        return _key(config) in self._asked

    def _measure(self, key: str, config: CondenseConfig, entry: DataSetEntry) -> None:
        """In the thread: measure, and let pages look again."""
        from dmcore.bench.timing import measure_iteration

        time = None
        try:
            time = measure_iteration(
                config,
                entry.shape,
                (entry.classes, entry.train_count // entry.classes),
                mirrored_is_same=entry.mirrored_is_same,
                device=self._device,
                going_on=lambda: not (self._queue.busy or self._queue.closed),
            )
        except (ValueError, RuntimeError, MemoryError):
            # A set-up that this machine refuses has no time; whoever starts it is told why.
            log.info("no time could be measured for %s", config.dataset, exc_info=True)
            self._seconds[key] = None
        if time is not None:
            self._seconds[key] = time.real, time.synthetic
        self._asked.discard(key)
        self._queue.bump()


def _key(config: CondenseConfig) -> str:
    counts = tuple(one.images_per_class for one in config.all_sets())
    return f"{config.model_dump_json(exclude={*INDIFFERENT, 'sets', 'images_per_class'})}{counts}"
