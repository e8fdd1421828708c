"""Question for the update from a stored iteration to the next, recomputed from what the run stores."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.answers.question import Progress, Question
from app.data.dataset_cache import dataset_of
from app.data.folders import write_time
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.runs.recompute import RecomputedUpdate

MAX_BYTES = 64 * 10**6
"""Of pixels in an update of all classes; above that only those of the class on screen are stored."""
ARRAYS = 6
"""Arrays of the size of the images that an update stores, in float32."""


@dataclass(frozen=True)
class UpdateQuestion(Question["RecomputedUpdate"]):
    """Which update; another one once the run's files have changed."""

    run: Path
    iteration: int
    label: int | None
    """The class whose pixels are stored; None: all."""
    changed: tuple[int, ...]
    """Times of change of the files that the update is computed from or compared with."""
    recorded: bool
    """Whether the run has made this update."""
    after_job = False
    retry_seconds = 0.0

    def answer(self) -> Generator[Progress, None, "RecomputedUpdate"]:
        """Recompute it, in one piece.

        Raises:
            ValueError: see `dmcore.runs.recompute`; or the real images are not here.
        """
        yield Progress("recomputing the iteration")
        from dmcore.runs.recompute import recompute_update

        run = RunFolder(self.run)
        return recompute_update(
            run, dataset_of(run), self.iteration, None if self.label is None else [self.label]
        )


def update_question(run: RunFolder, iteration: int, label: int) -> UpdateQuestion:
    """Question for the update after a stored iteration, with the pixels of at least one class."""
    data = run.description.data
    images = len(data.class_names) * sum(description.images_per_class for description in run.sets)
    small = ARRAYS * 4 * images * math.prod((data.channels, data.height, data.width)) <= MAX_BYTES
    file = f"{iteration:07d}.safetensors"
    files = [run.path / "run.json", run.checkpoint_folder / file]
    files += [run.snapshot_folder(name) / file for name in run.set_names]
    changed = tuple(map(write_time, files))
    return UpdateQuestion(run.path, iteration, None if small else label, changed, run.iteration() > iteration)
