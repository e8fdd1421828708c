"""`dmcore plan`: settings for a time budget on this machine, with the accuracy predicted from recorded runs.

Times are measured on random images, so a named data set need not be on disk. Nothing is learned or written.
"""

import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError, condense_config, with_flags
from dmcore.cli.options import Folder, Switch, WithDevice, WithRuns, check_minutes
from dmcore.cli.output import table
from dmcore.config import CondenseConfig, SetSpec
from dmcore.config.command_line import command_line
from dmcore.config.formatting import grouped, precise_duration
from dmcore.data.catalogue import CATALOGUE, canonical_name, find_data_root, is_on_disk
from dmcore.execution.cost import DataShape

if TYPE_CHECKING:
    from dmcore.bench.budget import Budget
    from dmcore.bench.iteration_time import IterationTime
    from dmcore.runs.results.expected_accuracy import ExpectedAccuracies

MOST_RUNS_NAMED = 5
"""Runs that are named as the source of a prediction; `--json` has all."""


@dataclass(frozen=True, kw_only=True)
class PlanOptions(WithRuns, WithDevice):
    """Choose iterations, real batch and replay for a time budget, and predict the accuracy."""

    minutes: Annotated[float, tyro.conf.arg(metavar="FLOAT")]
    """Time budget for condensation alone; loading data and evaluation come on top."""
    data_root: Folder = None
    """Folder of named data sets; left open: DM_DATA, else your cache folder."""
    real_batch: Annotated[
        str | None, tyro.conf.arg(constructor=str, metavar="INT", help_behavior_hint="")
    ] = None
    """Real images drawn per class and iteration; left open, chosen by the plan."""
    replay: Switch = False
    """Always reuse recent real means; left open, chosen by the plan."""
    no_replay: Switch = False
    """Never replay: fresh real batches in every iteration."""

    def run(self) -> int:
        """Print the plan; with --json the choice, its reason, candidates, predicted accuracy and command."""
        check_minutes(self.minutes)
        if self.replay and self.no_replay:
            raise WrongArgumentsError("--replay and --no-replay: choose one of them, or leave both open")
        wish = condense_config(self)
        wish = wish.model_copy(update={"dataset": canonical_name(wish.dataset)})
        data = self._data_shape(wish.dataset)
        from dmcore.bench.budget import choose_budget
        from dmcore.runs.results.expected_accuracy import expected_accuracy
        from dmcore.runs.runs_root import find_runs_root

        times = self._measure_times(wish, data)
        if wish.source != "random":
            self.output.print(f"note: times were measured with random networks, not with {wish.source}")
        replay = True if self.replay else False if self.no_replay else None
        budget = choose_budget(wish, 60 * self.minutes, times, replay)
        root = find_runs_root(self.runs_root)
        expected = [(spec, expected_accuracy(root, budget.config, spec)) for spec in wish.all_sets()]
        command = self._command(budget.config)
        self.output.print_json(_plan_json(budget, expected, command))
        self._print_choice(budget)
        for spec, accuracies in expected:
            self._print_expected(spec.name if len(expected) > 1 else "", accuracies, str(root))
        self.output.print(command)
        return 0

    def _data_shape(self, dataset: str) -> DataShape:
        entry = CATALOGUE.get(dataset)
        if entry is not None:
            return DataShape(
                entry.shape,
                entry.classes,
                entry.train_count,
                entry.test_count,
                flip_keeps_label=entry.flip_keeps_label,
            )
        from dmcore.bench.estimate import data_shape_of
        from dmcore.data.load import load_dataset

        return data_shape_of(load_dataset(dataset, root=self.data_root))

    def _measure_times(self, wish: CondenseConfig, data: DataShape) -> "dict[int, IterationTime]":
        """Measure an iteration by real batch size, for those that this machine can run; tell the others."""
        from dmcore.bench.budget import REAL_BATCHES
        from dmcore.bench.timing import RefusedBatch, measure_batches

        batches = REAL_BATCHES if self.real_batch is None else (wish.real_batch,)
        times: dict[int, IterationTime] = {}
        for each in measure_batches(wish, data, batches, self.device, self.chosen_threads()):
            if isinstance(each, RefusedBatch):
                self.output.print(f"note: {each.batch} real images per class are left out: {each.reason}")
                continue
            if not times:
                plan = each.plan
                self.output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
            times[each.batch] = each.time
        return times

    def _command(self, config: CondenseConfig) -> str:
        """The complete `dmcore condense` command, with the folders and the device given here."""
        entry = CATALOGUE.get(config.dataset)
        arguments = ["--download"] if entry and not is_on_disk(entry, find_data_root(self.data_root)) else []
        for name in ("runs_root", "data_root", "device", "threads"):
            value = getattr(self, name)
            if value not in (None, "auto"):
                arguments += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join([*shlex.split(command_line(config)), *arguments])

    def _print_choice(self, budget: "Budget") -> None:
        rows = [
            (
                "->" if budget.is_chosen(candidate) else "",
                str(candidate.real_batch),
                "yes" if candidate.replay else "no",
                grouped(candidate.iterations),
                precise_duration(candidate.seconds),
            )
            for candidate in budget.candidates
        ]
        self.output.print(table(("", "real batch", "replay", "iterations", "time"), rows))
        self.output.print(budget.why)

    def _print_expected(self, name: str, expected: "ExpectedAccuracies", root: str) -> None:
        of_set = f" of {name}" if name else ""
        for sentence in expected.left_out:
            self.output.print(f"note: not read: {sentence}")
        if not expected.by_protocol:
            self.output.print(
                f"expected accuracy{of_set}: nothing comparable is recorded in {root}; the command below and "
                "then `dmcore evaluate RUN` record it"
            )
        for expectation in expected.by_protocol:
            self.output.print(f"expected accuracy{of_set}: {expectation.sentence}")
            more = len(expectation.runs) - MOST_RUNS_NAMED
            named = ", ".join(expectation.runs[:MOST_RUNS_NAMED]) + (f" and {more} more" if more > 0 else "")
            self.output.print(f"  from {named}")


Plan = with_flags(PlanOptions, CondenseConfig, skip=("sets", "iterations", "real_batch", "replay"))


def _plan_json(
    budget: "Budget", expected: "list[tuple[SetSpec, ExpectedAccuracies]]", command: str
) -> dict[str, Any]:
    decided = ("iterations", "real_batch", "replay", "replay_keep", "replay_every")
    return {
        **{name: getattr(budget.config, name) for name in decided},
        "seconds": budget.seconds,
        "left_over_seconds": budget.left_over,
        "why": budget.why,
        "candidates": [
            asdict(candidate) | {"chosen": budget.is_chosen(candidate)} for candidate in budget.candidates
        ],
        "expected": [
            {
                "set": spec.name,
                "images_per_class": spec.images_per_class,
                "mean": expectation.mean,
                "sentence": expectation.sentence,
                "protocol": expectation.protocol.model_dump(exclude={"networks", "repeats", "seed"}),
                "below": expectation.below and asdict(expectation.below),
                "above": expectation.above and asdict(expectation.above),
            }
            for spec, accuracies in expected
            for expectation in accuracies.by_protocol
        ],
        "command": command,
    }
