"""Benchmark of accuracy with the fast path and with replay.

By hand: `python tests/benchmarks/measure_less_work.py WHAT --data-root DIR`.

same: the fast path against the plain plan at equal iterations. replay: numbers of real sides and how often
one is fresh, at equal iterations. batch: real images per class at equal time, without and with replay (the
time that `--iterations` take with 64 and without replay; steps are timed in turns). Fashion-MNIST, 10 per
class, width 32. A row is the mean and deviation over independent sets (seeds), each tested by several
networks.
"""

import argparse
import time
from itertools import islice
from statistics import mean, median, stdev

from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.execution.plan import Plan, make_plan
from dmcore.matching import condense
from dmcore.training.evaluate import NetworkTested, evaluate

TIMED_TURNS, TIMED_STEPS = 6, 16
GRID = ((32, 4), (32, 8), (32, 16), (8, 8), (128, 8))
BATCHES = (32, 64, 128, 256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("same", "replay", "batch"))
    parser.add_argument("--data-root", help="where Fashion-MNIST is")
    parser.add_argument("--iterations", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--networks", type=int, default=5)
    options = parser.parse_args()
    data = load_dataset("fashion_mnist", options.data_root)
    base = CondenseConfig(
        dataset="fashion_mnist", width=32, real_batch=64, images_per_class=10, iterations=options.iterations
    )
    judge = Judge(data, options.seeds, options.networks)
    if options.what == "same":
        plan = make_plan(base, data.shape, len(data.class_names))
        judge("quick plan", base, plan)
        judge("plain plan", base, plan.model_copy(update={"quick": 0}))
    elif options.what == "replay":
        judge("a fresh side each time", base)
        for keep, every in GRID:
            changes = {"replay": True, "replay_keep": keep, "replay_every": every}
            judge(f"keep {keep}, fresh every {every}", base.model_copy(update=changes))
    else:
        wishes = [
            base.model_copy(update={"real_batch": batch, "replay": replay})
            for replay in (False, True)
            for batch in BATCHES
        ]
        seconds = timed_in_turns(data, wishes)
        budget = seconds[wishes.index(base)] * options.iterations
        for wish, each in zip(wishes, seconds, strict=True):
            reached = max(1, int(budget / each))
            name = f"{wish.real_batch} real{', replay' if wish.replay else ''}, {reached} iterations"
            judge(f"{name} (x {each / seconds[1]:.2f})", wish.model_copy(update={"iterations": reached}))


def timed_in_turns(data: DataSet, wishes: list[CondenseConfig]) -> list[float]:
    """Seconds of an iteration of each, medians over turns."""
    runs = [condense(data, wish.model_copy(update={"iterations": 10**9})) for wish in wishes]
    taken: list[list[float]] = [[] for _ in runs]
    for turn in range(TIMED_TURNS + 1):
        for seconds, steps in zip(taken, runs, strict=True):
            began = time.perf_counter()
            for step in islice(steps, TIMED_STEPS):
                for loss in step.loss_by_class.values():
                    float(loss.sum())
            if turn:
                seconds.append((time.perf_counter() - began) / TIMED_STEPS)
    return [median(seconds) for seconds in taken]


class Judge:
    """Condenses with each seed, tests each set, prints a row."""

    def __init__(self, data: DataSet, seeds: int, networks: int) -> None:
        self._data, self._seeds, self._networks = data, seeds, networks

    def __call__(self, name: str, config: CondenseConfig, plan: Plan | None = None) -> None:
        sets: list[float] = []
        for seed in range(self._seeds):
            *_, last = condense(self._data, config.model_copy(update={"seed": seed}), plan=plan)
            protocol = EvaluateConfig(epochs=200, repeats=self._networks, seed=seed)
            events = evaluate(
                last.sets[0].images, last.sets[0].label, self._data.test, [config.network_spec()], protocol
            )
            sets.append(mean(event.accuracy for event in events if isinstance(event, NetworkTested)))
        spread = f" ± {stdev(sets):.2f}" if len(sets) > 1 else ""
        each = " ".join(f"{accuracy:.1f}" for accuracy in sets)
        print(
            f"{name}: {mean(sets):.2f}{spread} % ({each}; n = {len(sets)} sets x {self._networks})",
            flush=True,
        )


if __name__ == "__main__":
    main()
