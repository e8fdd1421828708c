"""Question for the time of an iteration of a set-up on this machine, measured while no job is computed.

A measurement never delays a run: it is cancelled when a job comes, and repeated when that is done.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.answers.question import Look, Progress, Question
from app.data.facts import dataset_entry
from app.jobs.manager import get_manager, is_computing
from app.jobs.page_answers import get_page_answers
from dmcore.config import CondenseConfig
from dmcore.data.catalogue import DataSetEntry

if TYPE_CHECKING:
    from dmcore.bench.timing import IterationTime

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


@dataclass(frozen=True)
class TimeQuestion(Question["IterationTime"]):
    """Question for the times of an iteration's two halves (real, synthetic), by what they depend on."""

    key: str
    """The set-up, without what does not change them."""
    config: CondenseConfig = field(compare=False)
    entry: DataSetEntry = field(compare=False)
    priority = 3
    forget_seconds = math.inf
    retry_seconds = math.inf

    def answer(self) -> Generator[Progress, None, "IterationTime"]:
        """Measure them, again if a job came meanwhile.

        Raises:
            ValueError: this machine refuses the set-up; starting it shows the reason.
        """
        from dmcore.bench.timing import measure_iteration

        entry = self.entry
        try:
            while True:
                yield Progress("measuring")
                time = measure_iteration(
                    self.config,
                    entry.shape,
                    (entry.classes, entry.train_count // entry.classes),
                    flip_keeps_label=entry.flip_keeps_label,
                    keep_going=lambda: not is_computing(),
                )
                if time is not None:
                    return time
        except (RuntimeError, MemoryError) as error:
            raise ValueError(str(error)) from error

    def answered(self) -> None:
        """Let pages look again."""
        if (manager := get_manager.existing()) is not None:
            manager.notify()


def iteration_time(config: CondenseConfig) -> "Look[IterationTime]":
    """Look at the time of an iteration at full speed, which is measured if it is not known."""
    entry = dataset_entry(config.dataset)
    if entry is None or config.width > MAX_WIDTH:
        return Look()
    counts = tuple(spec.images_per_class for spec in config.all_sets())
    key = f"{config.model_dump_json(exclude={*IRRELEVANT_FIELDS, 'sets', 'images_per_class'})}{counts}"
    return get_page_answers().ask(TimeQuestion(key, config, entry))
