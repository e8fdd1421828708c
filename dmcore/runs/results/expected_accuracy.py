"""What accuracy to expect of a set after so many iterations: from recorded runs, never from a formula.

Runs are comparable where everything but iterations, real batch, replay and seed is the same; each protocol
stands by itself (section 4.1 of the paper). Sets of one seed count once, networks trained on one set are its
repeats. Reads files only, so it must not import torch.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dmcore.config import CondenseConfig, EvaluateConfig, SetSpec
from dmcore.config.formatting import grouped
from dmcore.config.protocols import protocol_name, without_repeats
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

FREE = {"iterations", "real_batch", "replay", "replay_keep", "replay_every", "seed"}
"""Fields in which recorded runs may differ from the one that is planned: each sentence says how."""
OF_SETS = {"sets", "images_per_class", "init", "image_lr", "momentum"}
"""Fields that are compared set by set."""
OF_POOL = {"pool_steps", "pool_half", "pool_networks"}
"""Fields that decide nothing where no network comes from a pool."""


@dataclass(frozen=True)
class Recorded:
    """What comparable sets reached at one iteration, by one protocol."""

    iterations: int
    mean: float
    """Percent, over the sets' means."""
    std: float
    """Percent: over the sets' means (ddof 1), or over the networks (ddof 0) where there is one set only."""
    sets: int
    """Independent sets: one for each seed."""
    networks: int
    """In all."""
    real_batches: tuple[int, ...]
    """Smallest first."""
    replayed: int
    """How many of the runs had replay."""
    runs: tuple[str, ...]
    """Their ids."""

    @property
    def sentence(self) -> str:
        """The numbers with both n, and how the runs were made."""
        each = self.networks / self.sets
        networks = f"× {each:.0f}" if each.is_integer() else f"with {self.networks}"
        only = self.networks == 1
        spread = "" if self.sets > 1 or only else ", ± over the networks"
        deviation = "" if only else f" ± {self.std:.1f}"
        sizes = " and ".join(map(str, self.real_batches))
        replay = {0: "no replay", len(self.runs): "replay"}.get(
            self.replayed, f"{self.replayed} of {len(self.runs)} runs with replay"
        )
        return (
            f"{self.mean:.1f}{deviation} % (n = {self.sets} set{'s' * (self.sets > 1)} {networks} "
            f"network{'s' * (self.networks > 1)}{spread}; real batch {sizes}, {replay}) "
            f"after {grouped(self.iterations)} iterations"
        )


@dataclass(frozen=True)
class Expectation:
    """What one protocol has recorded around the iterations that are planned."""

    iterations: int
    """That are planned."""
    protocol: EvaluateConfig
    """Its seed and number of networks are of no meaning here."""
    below: Recorded | None
    """With as many iterations, or the nearest with fewer."""
    above: Recorded | None
    """With as many iterations, or the nearest with more."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of the runs on both sides."""
        sides = (side for side in (self.below, self.above) if side is not None)
        return tuple(dict.fromkeys(run for side in sides for run in side.runs))

    @property
    def mean(self) -> float | None:
        """Percent, on a line in the logarithm of iterations; None where only one side is recorded."""
        if self.below is None or self.above is None:
            return None
        if self.below == self.above:
            return self.below.mean
        way = math.log(self.iterations / self.below.iterations)
        way /= math.log(self.above.iterations / self.below.iterations)
        return self.below.mean + way * (self.above.mean - self.below.mean)

    @property
    def sentence(self) -> str:
        """What to expect, from which numbers; without a number of its own where only one side is recorded."""
        by = f"; {protocol_name(self.protocol)}"
        if self.below is None or self.above is None:
            known = self.below or self.above
            assert known is not None
            side = "more" if self.above is None else "fewer"
            return (
                f"recorded runs say nothing of {side} than {grouped(known.iterations)} iterations: "
                f"{known.sentence}{by}"
            )
        if self.below == self.above:
            return f"{self.below.sentence}{by}"
        return f"about {self.mean:.1f} %, between {self.below.sentence} and {self.above.sentence}{by}"


@dataclass(frozen=True)
class Expected:
    """What recorded runs say of one set."""

    by_protocol: tuple[Expectation, ...]
    """Those that a number follows from first, then by independent sets; empty where no run is comparable."""
    left_out: tuple[str, ...]
    """Why a run could not be read, in sentences."""


@dataclass(frozen=True)
class _Judged:
    """One stored result with the run that it is of."""

    run: RunFolder
    config: CondenseConfig
    result: StoredResult


def expected_accuracy(root: Path, config: CondenseConfig, spec: SetSpec) -> Expected:
    """Gather what comparable runs below a runs root reached with fewer and with more iterations.

    Args:
        root: the runs root.
        config: the run that is planned.
        spec: one of its sets.
    """
    left_out: list[str] = []
    by_protocol: dict[EvaluateConfig, dict[int, list[_Judged]]] = {}
    for run in list_runs(root):
        try:
            judged = list(_comparable(run, config, spec))
        except (ValueError, OSError) as damage:  # of one small file, or the run was deleted just now
            left_out.append(str(damage))
            continue
        for one in judged:
            of_protocol = by_protocol.setdefault(without_repeats(one.result.protocol), {})
            of_protocol.setdefault(one.result.iteration, []).append(one)
    found = [_around(config.iterations, protocol, points) for protocol, points in by_protocol.items()]
    found.sort(key=_weight, reverse=True)
    return Expected(tuple(found), tuple(left_out))


def _comparable(run: RunFolder, wish: CondenseConfig, spec: SetSpec) -> Iterator[_Judged]:
    """The run's results on sets like this one; of its start none, which is no condensed set.

    Raises:
        ValueError: a result is damaged.
    """
    if run.config is None or _decisive(run.config) != _decisive(wish):
        return
    alike = {one.name for one in run.config.all_sets() if one.model_copy(update={"name": spec.name}) == spec}
    for result in run.results() if alike else ():
        own = result.kind == "condensed" and result.network == wish.network
        if own and result.set in alike and result.iteration > 0:
            yield _Judged(run, run.config, result)


def _decisive(config: CondenseConfig) -> Mapping[str, object]:
    free = FREE | OF_SETS | (set() if config.network_source.pooled else OF_POOL)
    return config.model_dump(exclude=free)


def _around(
    iterations: int, protocol: EvaluateConfig, points: Mapping[int, Sequence[_Judged]]
) -> Expectation:
    below = max((one for one in points if one <= iterations), default=None)
    above = min((one for one in points if one >= iterations), default=None)
    sides = (None if one is None else _recorded(one, points[one]) for one in (below, above))
    return Expectation(iterations, protocol, *sides)


def _recorded(iterations: int, judged: Sequence[_Judged]) -> Recorded:
    """Mean over seeds of the mean over networks; a network that was trained twice counts once."""
    by_seed: dict[int, dict[object, float]] = {}
    for one in judged:
        made = one.config.model_dump_json(include=FREE - {"iterations"})
        for repeat, accuracy in enumerate(one.result.accuracies):
            key = (made, one.result.protocol.seed, repeat)
            by_seed.setdefault(one.config.seed, {})[key] = accuracy
    means = [math.fsum(each.values()) / len(each) for each in by_seed.values()]
    every = [accuracy for each in by_seed.values() for accuracy in each.values()]
    runs = {one.run.id: one.config for one in judged}
    return Recorded(
        iterations=iterations,
        mean=float(np.mean(means)),
        std=float(np.std(means, ddof=1) if len(means) > 1 else np.std(every)),
        sets=len(means),
        networks=len(every),
        real_batches=tuple(sorted({config.real_batch for config in runs.values()})),
        replayed=sum(config.replay for config in runs.values()),
        runs=tuple(runs),
    )


def _weight(one: Expectation) -> tuple[bool, int, int]:
    sides = [side for side in (one.below, one.above) if side is not None]
    return one.mean is not None, min(side.sets for side in sides), one.protocol.epochs
