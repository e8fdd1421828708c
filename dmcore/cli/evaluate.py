"""`dmcore evaluate`: test accuracy of networks trained on a run's images; mean, std and n."""

from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError, comma_list, config_of, one_of, with_flags
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import Integer, SetName, WithDevice, WithRunData, WithRuns
from dmcore.cli.output import progress_bar, table
from dmcore.config import EvaluateConfig
from dmcore.config.formatting import counted
from dmcore.files.atomic import StorageError

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.cost import Workload
    from dmcore.execution.job_timer import JobTimer
    from dmcore.execution.plan import Plan
    from dmcore.runs.folder import RunFolder
    from dmcore.runs.results.result_file import ResultKind
    from dmcore.training.evaluate import EvaluationResult, NetworkTested

KINDS: tuple["ResultKind", ...] = ("condensed", "random_real", "all_real")
STOPPED = 130
"""Exit code after Ctrl-C, where not everything was done."""


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(WithRuns, WithRunData, WithDevice):
    """Train networks from scratch on the images of a run and test them on real images."""

    name: SetName
    """Id of a run under the runs root, or its path; with :NAME one set of it, else all its sets."""
    kind: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(KINDS) + "}")] = "condensed"
    """What to train on, a comma list: the synthetic images, as many random real ones, all real ones."""
    iteration: Integer = None
    """Evaluate the images of this iteration, one that the run stored; left open, the latest."""

    def run(self) -> int:
        """Evaluate, store the results in the run and print them; also after a stop or a full disk."""
        config = config_of(self, EvaluateConfig)
        kinds = [one_of("kind", kind, KINDS) for kind in comma_list(self.kind)]
        if not kinds:
            raise WrongArgumentsError(f"--kind: choose from {', '.join(KINDS)}")
        run, names = self.open_sets(self.name)
        from dmcore.bench.estimate import start_timer
        from dmcore.execution.cost import total_workload
        from dmcore.files.cache_root import find_cache_root

        dataset = self.load(self._real_dataset(run))
        plan = self._plan()
        self.output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
        # all real images are the same whatever the set
        evaluated_sets = [
            EvaluatedSet(name, kind)
            for name in names
            for kind in kinds
            if kind != "all_real" or name == names[0]
        ]
        workloads = [_workload(run, evaluated, dataset, config, plan) for evaluated in evaluated_sets]
        timer = start_timer(total_workload(workloads), plan, find_cache_root(), self.threads)
        self.output.print(timer.estimate.text)
        failure: ValueError | None = None
        with stop_requests("epoch") as stop:
            try:
                for evaluated, workload in zip(evaluated_sets, workloads, strict=True):
                    if stop.is_set():
                        break
                    timer.begin_part(workload)
                    self._evaluate(run, evaluated, dataset, config, plan, stop, timer)
            except ValueError as error:  # a full disk, or an impossible kind: results so far are printed
                failure = error
            except KeyboardInterrupt:
                stop.set()
        timer.close()
        requested = len(evaluated_sets) * len(config.networks) * config.repeats
        if failure is None or any(evaluated.tested for evaluated in evaluated_sets):
            stored = not isinstance(failure, StorageError)
            self._print_results(run, evaluated_sets, config, len(dataset.test), stored=stored)
        if failure is not None:
            raise failure
        return self._print_stopped(run, evaluated_sets, requested) if stop.is_set() else 0

    def _real_dataset(self, run: "RunFolder") -> str:
        name = self.dataset or run.description.data.name
        if not name:
            raise WrongArgumentsError(f"run {run.id} does not say what it was condensed from: add --dataset")
        return name

    def _plan(self) -> "Plan":
        from dmcore.execution.plan import evaluation_plan

        return evaluation_plan(self.device, self.chosen_threads())

    def _evaluate(
        self,
        run: "RunFolder",
        evaluated: "EvaluatedSet",
        dataset: "DataSet",
        config: EvaluateConfig,
        plan: "Plan",
        stop: Event,
        timer: "JobTimer",
    ) -> None:
        """Train and test the networks of one set, into `evaluated`, until a stop is requested.

        Raises:
            StorageError: the results cannot be written.
        """
        from dmcore.runs.formats.condensed import read_condensed_set
        from dmcore.runs.results.evaluation import evaluate_run
        from dmcore.training.evaluate import EpochDone, NetworkTested

        name, kind, iteration = evaluated.set_name, evaluated.kind, self.iteration
        if kind == "condensed":
            condensed = read_condensed_set(run, name, iteration)
            iteration = evaluated.iteration = condensed.iteration
            if condensed.rounded_because:
                self.output.print(
                    f"note: the images of {name} are rounded to {condensed.stored_as}, because "
                    f"{condensed.rounded_because}"
                )
        total = len(config.networks) * config.repeats * (config.epochs + 1)
        events = evaluate_run(run, name, dataset, config, iteration, kind, plan=plan)
        with closing(events), progress_bar(total, "epoch", f"{name} {kind}") as bar:
            for event in events:
                if isinstance(event, EpochDone):
                    if bar.update():
                        timer.take_part(bar.n / total)
                        bar.set_postfix_str(timer.left_text, refresh=False)
                elif isinstance(event, NetworkTested):
                    evaluated.tested.append(event)
                    bar.set_postfix_str(f"{event.network.network} {event.accuracy:.1f} %", refresh=False)
                if stop.is_set():
                    break
            timer.take_part(bar.n / total)

    def _print_results(
        self,
        run: "RunFolder",
        evaluated_sets: "list[EvaluatedSet]",
        config: EvaluateConfig,
        tested_on: int,
        *,
        stored: bool,
    ) -> None:
        from dmcore.training.evaluate import summarise

        entries, rows = [], []
        for evaluated in evaluated_sets:
            facts = {"set": evaluated.set_name, "kind": evaluated.kind, "iteration": evaluated.iteration}
            for result in summarise(evaluated.tested):
                entries.append(facts | {"epochs": config.epochs} | _result_json(result))
                accuracy = f"{result.mean:.1f} ± {result.std:.1f} (n = {result.n})"
                rows.append(
                    (evaluated.set_name, evaluated.kind.replace("_", " "), result.network.network, accuracy)
                )
        self.output.print_json({"run": run.id, "results": entries})
        if not rows:
            return
        self.output.print(table(("set", "trained on", "network", "accuracy in percent"), rows))
        location = f"; stored in {run.path / 'results'}" if stored else ""
        self.output.print(
            f"± is over the networks (ddof 0), trained {counted(config.epochs, 'epoch')} each, tested on "
            f"{tested_on} real images{location}"
        )

    def _print_stopped(self, run: "RunFolder", evaluated_sets: "list[EvaluatedSet]", requested: int) -> int:
        done = sum(len(evaluated.tested) for evaluated in evaluated_sets)
        if not done:
            self.output.print(
                f"stopped: none of {counted(requested, 'network')} was tested, so nothing is stored"
            )
            return STOPPED
        self.output.print(
            f"stopped: {done} of {counted(requested, 'network')} {'was' if done == 1 else 'were'} tested and "
            f"{'is' if done == 1 else 'are'} stored in {run.path / 'results'}"
        )
        return 0 if done == requested else STOPPED


@dataclass
class EvaluatedSet:
    """Training data of an evaluation and the networks tested so far."""

    set_name: str
    kind: "ResultKind"
    iteration: int | None = None
    """Of the condensed images; real ones have none."""
    tested: "list[NetworkTested]" = field(default_factory=list)


def _workload(
    run: "RunFolder", evaluated: EvaluatedSet, dataset: "DataSet", config: EvaluateConfig, plan: "Plan"
) -> "Workload":
    """Workload of the networks of one set."""
    from dmcore.bench.estimate import data_shape_of
    from dmcore.execution.cost import total_workload, training_workload
    from dmcore.runs.results.evaluation import architectures_of

    data = data_shape_of(dataset)
    per_class = {spec.name: spec.images_per_class for spec in run.sets}[evaluated.set_name]
    images = len(dataset.train) if evaluated.kind == "all_real" else data.classes * per_class
    return total_workload(
        training_workload(spec, images, config.repeats, config, data, plan.workers)
        for spec in architectures_of(config, run, dataset.shape)
    )


def _result_json(result: "EvaluationResult") -> dict[str, Any]:
    return {
        "network": result.network.network,
        "mean": result.mean,
        "std": result.std,
        "n": result.n,
        "accuracies": list(result.accuracies),
    }


Evaluate = with_flags(EvaluateOptions, EvaluateConfig)
