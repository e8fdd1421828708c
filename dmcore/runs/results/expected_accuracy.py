"""Accuracy predicted for a planned run, interpolated between the results of comparable recorded runs.

Runs are comparable where everything but iterations, real batch, replay and seed is the same; each evaluation
protocol is treated separately (section 4.1 of the paper). Sets of one seed count once, networks trained on
one set are its repeats.
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
"""Fields in which recorded runs may differ from the planned one; each message states them."""
OF_SETS = {"sets", "images_per_class", "init", "image_lr", "momentum"}
"""Fields that are compared set by set."""
OF_POOL = {"pool_steps", "pool_half", "pool_networks"}
"""Fields without effect where no network comes from a pool."""


@dataclass(frozen=True)
class RecordedAccuracy:
    """Accuracy of comparable sets at one iteration, by one protocol."""

    iterations: int
    mean: float
    """Percent, over all networks of all sets together, as in a table."""
    std: float
    """About that mean, ddof 0, as published."""
    sets: int
    """Independent sets: one for each seed."""
    networks: int
    """Networks in total."""
    real_batches: tuple[int, ...]
    """Smallest first."""
    replayed: int
    """Number of runs with replay."""
    runs: tuple[str, ...]
    """Their ids."""

    @property
    def sentence(self) -> str:
        """Mean, deviation, numbers of sets and networks, and settings of the runs as text."""
        each = self.networks / self.sets
        networks = f"× {each:.0f}" if each.is_integer() else f"with {self.networks}"
        only = self.networks == 1
        spread = "" if only else ", ± over all networks"
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
class ExpectedAccuracy:
    """Accuracies recorded by one protocol below and above the planned iterations."""

    iterations: int
    """Planned iterations."""
    protocol: EvaluateConfig
    """Evaluation protocol; its seed and number of networks have no meaning here."""
    below: RecordedAccuracy | None
    """With as many iterations, or the nearest with fewer."""
    above: RecordedAccuracy | None
    """With as many iterations, or the nearest with more."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of the runs on both sides."""
        sides = (side for side in (self.below, self.above) if side is not None)
        return tuple(dict.fromkeys(run for side in sides for run in side.runs))

    @property
    def mean(self) -> float | None:
        """Percent, interpolated linearly in log iterations; None where only one side is recorded."""
        if self.below is None or self.above is None:
            return None
        if self.below == self.above:
            return self.below.mean
        weight = math.log(self.iterations / self.below.iterations)
        weight /= math.log(self.above.iterations / self.below.iterations)
        return self.below.mean + weight * (self.above.mean - self.below.mean)

    @property
    def sentence(self) -> str:
        """Predicted accuracy and its sources as text; no number where only one side is recorded."""
        by = f"; {protocol_name(self.protocol)}"
        if self.below is None or self.above is None:
            recorded = self.below or self.above
            assert recorded is not None
            side = "more" if self.above is None else "fewer"
            return (
                f"recorded runs say nothing of {side} than {grouped(recorded.iterations)} iterations: "
                f"{recorded.sentence}{by}"
            )
        if self.below == self.above:
            return f"{self.below.sentence}{by}"
        return f"about {self.mean:.1f} %, between {self.below.sentence} and {self.above.sentence}{by}"


@dataclass(frozen=True)
class ExpectedAccuracies:
    """Predictions for one synthetic set by protocol."""

    by_protocol: tuple[ExpectedAccuracy, ...]
    """Those with an interpolated number first, then by independent sets; empty without comparable runs."""
    left_out: tuple[str, ...]
    """Messages about runs that could not be read."""


@dataclass(frozen=True)
class _Evaluated:
    """A stored result with its run."""

    run: RunFolder
    config: CondenseConfig
    result: StoredResult


def expected_accuracy(root: Path, config: CondenseConfig, spec: SetSpec) -> ExpectedAccuracies:
    """Predict the accuracy of a set from comparable runs with fewer and with more iterations.

    Args:
        root: the runs root.
        config: the planned run.
        spec: one of its sets.
    """
    left_out: list[str] = []
    by_protocol: dict[EvaluateConfig, dict[int, list[_Evaluated]]] = {}
    for run in list_runs(root):
        names = _comparable_sets(run, config, spec)
        if not names:
            continue
        results, damaged = run.read_results()
        left_out += map(str, damaged)
        for evaluation in _comparable(run, config, names, results):
            of_protocol = by_protocol.setdefault(without_repeats(evaluation.result.protocol), {})
            of_protocol.setdefault(evaluation.result.iteration, []).append(evaluation)
    expectations = [_around(config.iterations, protocol, points) for protocol, points in by_protocol.items()]
    expectations.sort(key=_rank, reverse=True)
    return ExpectedAccuracies(tuple(expectations), tuple(left_out))


def _comparable_sets(run: RunFolder, planned: CondenseConfig, spec: SetSpec) -> set[str]:
    """Names of the sets of a run that are like `spec`; none of a run that differs from the planned one."""
    if not isinstance(run.config, CondenseConfig) or _compared_fields(run.config) != _compared_fields(
        planned
    ):
        return set()
    return {
        other.name for other in run.config.all_sets() if other.model_copy(update={"name": spec.name}) == spec
    }


def _comparable(
    run: RunFolder, planned: CondenseConfig, names: set[str], results: Sequence[StoredResult]
) -> Iterator[_Evaluated]:
    """Results of the planned network on these sets; none at iteration 0, which is no condensed set."""
    assert isinstance(run.config, CondenseConfig)
    for result in results:
        own = result.kind == "condensed" and result.network == planned.network
        if own and result.set in names and result.iteration > 0:
            yield _Evaluated(run, run.config, result)


def _compared_fields(config: CondenseConfig) -> Mapping[str, object]:
    free = FREE | OF_SETS | (set() if config.network_source.pooled else OF_POOL)
    return config.model_dump(exclude=free)


def _around(
    iterations: int, protocol: EvaluateConfig, points: Mapping[int, Sequence[_Evaluated]]
) -> ExpectedAccuracy:
    below = max((iteration for iteration in points if iteration <= iterations), default=None)
    above = min((iteration for iteration in points if iteration >= iterations), default=None)
    sides = (None if side is None else _recorded(side, points[side]) for side in (below, above))
    return ExpectedAccuracy(iterations, protocol, *sides)


def _recorded(iterations: int, evaluations: Sequence[_Evaluated]) -> RecordedAccuracy:
    """Mean and deviation over all networks of all seeds; a network trained twice counts once."""
    by_seed: dict[int, dict[object, float]] = {}
    for evaluation in evaluations:
        variation = evaluation.config.model_dump_json(include=FREE - {"iterations"})
        for repeat, accuracy in enumerate(evaluation.result.accuracies):
            key = (variation, evaluation.result.protocol.seed, repeat)
            by_seed.setdefault(evaluation.config.seed, {})[key] = accuracy
    every = [accuracy for each in by_seed.values() for accuracy in each.values()]
    runs = {evaluation.run.id: evaluation.config for evaluation in evaluations}
    return RecordedAccuracy(
        iterations=iterations,
        mean=float(np.mean(every)),
        std=float(np.std(every)),
        sets=len(by_seed),
        networks=len(every),
        real_batches=tuple(sorted({config.real_batch for config in runs.values()})),
        replayed=sum(config.replay for config in runs.values()),
        runs=tuple(runs),
    )


def _rank(expectation: ExpectedAccuracy) -> tuple[bool, int, int]:
    sides = [side for side in (expectation.below, expectation.above) if side is not None]
    return expectation.mean is not None, min(side.sets for side in sides), expectation.protocol.epochs
