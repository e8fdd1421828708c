"""Question for a matching step of gradient matching, recomputed from what the run stores."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from app.answers.question import Progress, Question
from app.data.dataset_cache import dataset_of
from app.views.watch.update_question import stamps
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_scene import MatchingScene, matching_scene


@dataclass(frozen=True)
class MatchingQuestion(Question[tuple[MatchingScene, ...]]):
    """Which matching step after which stored iteration, for all classes; another once the files changed."""

    run: Path
    iteration: int
    outer: int
    changed: tuple[int, ...]
    """Times of change of the files that it is computed from."""
    after_job = False
    retry_seconds = 0.0

    def answer(self) -> Generator[Progress, None, tuple[MatchingScene, ...]]:
        """Recompute it, a matching step after the other.

        Raises:
            ValueError: see `dmcore.runs.recompute.matching_step`; or the real images are not here.
        """
        yield Progress("recomputing the iteration")
        from dmcore.runs.recompute.matching_step import recompute_matching_step

        run, total = RunFolder(self.run), self.outer + 2
        pieces = recompute_matching_step(run, dataset_of(run), self.iteration, self.outer)
        while True:
            try:
                done = next(pieces)
            except StopIteration as end:
                return tuple(matching_scene(run, step) for step in end.value)
            yield Progress(f"matching step {done}", done / total)


def matching_question(run: RunFolder, iteration: int, outer: int) -> MatchingQuestion:
    """Question for a matching step after a stored iteration."""
    return MatchingQuestion(run.path, iteration, outer, stamps(run, iteration))
