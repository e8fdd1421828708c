"""Question for the update from a stored iteration to the next, recomputed from what the run stores."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.answers.question import Progress, Question
from app.data.dataset_cache import dataset_of
from app.data.folders import write_time
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.scene import UpdateScene, update_scene

Scenes = Mapping[str, UpdateScene]
"""Of one class, for each set by its name."""


@dataclass(frozen=True)
class UpdateQuestion(Question[Scenes]):
    """Which update, of which class; another one once the run's files have changed."""

    run: Path
    iteration: int
    label: int
    changed: tuple[int, ...]
    """Times of change of the files that the update is computed from or compared with."""
    recorded: bool
    """Whether the run has made this update."""
    after_job = False
    retry_seconds = 0.0

    def answer(self) -> Generator[Progress, None, Scenes]:
        """Recompute it, in one piece.

        Raises:
            ValueError: see `dmcore.runs.recompute.update`; or the real images are not here.
        """
        yield Progress("recomputing the iteration")
        from dmcore.runs.recompute.update import recompute_update

        run = RunFolder(self.run)
        update = recompute_update(run, dataset_of(run), self.iteration, [self.label])
        return {name: update_scene(run, update, name, self.label) for name in run.set_names}


def update_question(run: RunFolder, iteration: int, label: int) -> UpdateQuestion:
    """Question for the update of a class after a stored iteration."""
    changed = stamps(run, iteration)
    return UpdateQuestion(run.path, iteration, label, changed, run.iteration() > iteration)


def stamps(run: RunFolder, iteration: int) -> tuple[int, ...]:
    """Times of change of the files that what follows a stored iteration is computed from."""
    file = f"{iteration:07d}.safetensors"
    files = [run.path / "run.json", run.checkpoint_folder / file]
    files += [run.snapshot_folder(name) / file for name in run.set_names]
    return tuple(map(write_time, files))
