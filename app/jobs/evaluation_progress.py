"""Judging the sets of a run: which trainings that takes, and how far they are.

A set is worth something beside as many random real images, and beside all of them where there are few
enough to train on in passing (section 4.1; the protocol of each number is stored with it).
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.jobs.snapshot import EvaluationProgress
from dmcore.config import EvaluateConfig
from dmcore.config.protocols import for_whole
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.training.evaluate import Event

Kind = Literal["condensed", "random_real", "all_real"]
KINDS: tuple[Kind, ...] = ("condensed", "random_real", "all_real")

FEW_IMAGES = 5000
"""All real images are trained on unasked only up to this many."""
OVERHEAD_IMAGES = 60
"""What a pass costs besides its images, in images: measured on digits, ConvNet width 32."""


@dataclass(frozen=True)
class Judgement:
    """One kind of training set, judged by one protocol."""

    set: str
    kind: Kind
    images: int
    config: EvaluateConfig

    @property
    def networks(self) -> int:
        """Networks to train."""
        return len(self.config.networks) * self.config.repeats

    @property
    def epoch_cost(self) -> int:
        """What one pass costs, in images."""
        return self.images + OVERHEAD_IMAGES

    @property
    def cost(self) -> int:
        """What all its networks cost, in images; the published loop makes one pass more than asked for."""
        return self.networks * (self.config.epochs + 1) * self.epoch_cost


def judgements(
    run: RunFolder, config: EvaluateConfig, kinds: Sequence[Kind] | None = None
) -> tuple[Judgement, ...]:
    """The trainings that judge a run: each set, random real images once for each size, all real images once.

    Args:
        run: the run.
        config: the protocol; for all real images with fewer epochs and repeats.
        kinds: which of them; left out, all real images only where there are few.
    """
    data = run.description.data
    classes, real = len(data.class_names), data.train_count or 0
    if kinds is None:
        kinds = KINDS if 0 < real <= FEW_IMAGES else KINDS[:2]
    sizes = {one.name: classes * one.images_per_class for one in run.sets}
    first_of_size = {size: name for name, size in reversed(sizes.items())}
    asked = [Judgement(name, "condensed", size, config) for name, size in sizes.items()]
    asked += [Judgement(name, "random_real", size, config) for size, name in reversed(first_of_size.items())]
    asked += [Judgement(run.set_names[0], "all_real", real, for_whole(config))]
    return tuple(one for one in asked if one.kind in kinds)


def judge(
    run: RunFolder, dataset: "DataSet", asked: Sequence[Judgement], clock: Callable[[], float]
) -> Generator[EvaluationProgress, None, None]:
    """Train and test; the results are stored in the run as they come.

    Yields how far it is after each epoch and each tested network.

    Raises:
        ValueError: there is nothing to test on, or a set has no images yet.
    """
    from dmcore.runs.results.evaluation import evaluate_run

    total, before, began = sum(one.cost for one in asked), 0, clock()
    results: list[StoredResult] = []
    for one in asked:
        progress = _Progress(run, one)
        with closing(evaluate_run(run, one.set, dataset, one.config, kind=one.kind)) as events:
            for event in events:
                progress.take(event)
                done, spent = before + progress.passes * one.epoch_cost, clock() - began
                yield EvaluationProgress(
                    set=one.set,
                    kind=one.kind,
                    network=event.network.network,
                    repeat=min(progress.tested(event) + 1, one.config.repeats),
                    repeats=one.config.repeats,
                    epoch=progress.epoch,
                    epochs=one.config.epochs,
                    fraction=min(1.0, done / total),
                    seconds_left=spent * (total - done) / done if spent > 1 else None,
                    results=(*results, *progress.results()),
                )
        results += progress.results()
        before += one.cost


class _Progress:
    """How far one judgement is."""

    def __init__(self, run: RunFolder, asked: Judgement) -> None:
        self._asked = asked
        self._iteration = run.snapshots(asked.set)[-1] if asked.kind == "condensed" else 0
        self._accuracies: dict[str, list[float]] = {}
        self.epoch = self.passes = 0

    def take(self, event: "Event") -> None:
        """Count a pass, or note a tested network."""
        from dmcore.training.evaluate import EpochDone, NetworkTested

        if isinstance(event, NetworkTested):
            self._accuracies.setdefault(event.network.network, []).append(event.accuracy)
        elif isinstance(event, EpochDone):
            self.epoch = min(event.epoch + 1, self._asked.config.epochs)
            self.passes += 1

    def tested(self, event: "Event") -> int:
        """Networks of the event's architecture that are done; several may be trained side by side."""
        return len(self._accuracies.get(event.network.network, ()))

    def results(self) -> list[StoredResult]:
        """The results so far, one for each architecture that has a tested network."""
        return [
            StoredResult(
                set=self._asked.set,
                iteration=self._iteration,
                network=network,
                mean=float(np.mean(each)),
                std=float(np.std(each)),
                n=len(each),
                accuracies=tuple(each),
                protocol=self._asked.config,
                kind=self._asked.kind,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            for network, each in self._accuracies.items()
        ]
