"""`dmcore evaluate`: test accuracy of networks trained on a run's images; mean, std and n."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.flags import WrongArgumentsError, comma_list, config_of, default_hint, one_of, with_flags
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import Integer, SetName, WithDevice, WithRunData, WithRuns
from dmcore.cli.output import progress_bar, table
from dmcore.config import METHODS, EvaluateConfig, Method
from dmcore.config.formatting import counted, mean_text
from dmcore.config.protocols import METHOD_PROTOCOLS, whole_set_protocol
from dmcore.files.atomic import StorageError
from dmcore.runs.description import RESULT_KINDS

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.job_timer import JobTimer
    from dmcore.execution.plan import Plan
    from dmcore.runs.folder import RunFolder
    from dmcore.runs.results.evaluation_tasks import EvaluationTask
    from dmcore.training.evaluate import NetworkTested

SCORES = ("ior", "hlr", "lrs", "ars")
SCORES_TEXT = (
    "scores as in DD-Ranking, on fractions: IOR above as many random real images, HLR below all real images "
    "(lower is better), LRS and ARS from 0 to 1; of one set: `dmcore experiment table1 --out FOLDER` "
    "gives IOR, HLR and LRS with their intervals over sets"
)
STOPPED = 130
"""Exit code after Ctrl-C, where not everything was done."""


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(WithRuns, WithRunData, WithDevice):
    """Train networks from scratch on the images of a run and test them on real images."""

    name: SetName
    """Id of a run under the runs root, its path, or latest; with :NAME one set of it, else all its sets."""
    kind: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(RESULT_KINDS) + "}")] = "condensed"
    """What to train on, a comma list: the synthetic images, as many random real ones, all real ones."""
    protocol: Annotated[
        str | None,
        tyro.conf.arg(constructor=str, metavar="{" + ",".join(METHODS) + "}", help_behavior_hint=""),
    ] = None
    """Protocol as published with a method; left open, that of the run. Its settings are the defaults."""
    iteration: Integer = None
    """Evaluate the images of this iteration, one that the run stored; left open, the latest."""
    scores: bool = False
    """Print DD-Ranking's scores, too: IOR, HLR, LRS, ARS. Evaluates all kinds, and without augmentation."""

    def run(self) -> int:
        """Evaluate, store the results in the run and print them; also after a stop or a full disk."""
        self._config(self.protocol)  # refuses wrong arguments before anything is read
        kinds = dict.fromkeys(one_of("kind", kind, RESULT_KINDS) for kind in comma_list(self.kind))
        if not kinds:
            raise WrongArgumentsError(f"--kind: choose from {', '.join(RESULT_KINDS)}")
        if self.scores and self.kind != "condensed":
            raise WrongArgumentsError("--scores: they need all kinds of images: leave --kind out")
        if self.scores:
            kinds = dict.fromkeys(RESULT_KINDS)
        run, names = self.open_sets(self.name)
        config = self.settled_config("dm" if run.config is None else run.config.method)
        if self.scores and config.augment == ():
            raise WrongArgumentsError(
                "--scores: they compare a training with augmentation and one without: add --protocol dm, and "
                "leave --augment out"
            )
        from dmcore.bench.estimate import data_shape_of, start_timer
        from dmcore.execution.cost import total_workload
        from dmcore.execution.plan import evaluation_plan
        from dmcore.files.cache_root import find_cache_root
        from dmcore.runs.formats.condensed import settle_iteration
        from dmcore.runs.results.evaluation_tasks import EvaluationTask

        dataset = self.load(self._real_dataset(run), run.class_names)
        plan = evaluation_plan(self.device, self.chosen_threads())
        self.output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
        if "condensed" in kinds:
            settle_iteration(run, names, self.iteration)  # refuses one that is stored nowhere
        # all real images are the same whatever the set
        tasks = [
            EvaluationTask(run, name, kind, self._config_of_kind(kind, config), self.iteration)
            for name in names
            for kind in kinds
            if kind != "all_real" or name == names[0]
        ]
        if self.scores:
            plain = config.model_copy(update={"augment": ()})
            tasks += [replace(task, config=plain) for task in tasks if task.kind != "all_real"]
        tested: dict[EvaluationTask, list[NetworkTested]] = {}
        workload = total_workload(task.workload(data_shape_of(dataset), plan.workers) for task in tasks)
        timer = start_timer(workload, plan, find_cache_root(), self.threads)
        self.output.print(timer.estimate.text)
        failure: ValueError | None = None
        with stop_requests("epoch") as stop:
            try:
                for task in tasks:
                    if stop.is_set():
                        break
                    settled = self._settled(task)
                    self._evaluate(settled, tested.setdefault(settled, []), dataset, plan, stop, timer)
            except ValueError as error:  # a full disk, damage, an impossible kind: results so far are printed
                failure = error
            except KeyboardInterrupt:
                stop.set()
        timer.close()
        if failure is None or any(tested.values()):
            stored = not isinstance(failure, StorageError)
            done, requested = sum(map(len, tested.values())), sum(task.networks for task in tasks)
            self._print_results(run, tested, len(dataset.test), stored=stored, complete=done == requested)
        if failure is not None:
            raise failure
        return self._print_stopped(run, done, requested) if stop.is_set() else 0

    def settled_config(self, method: Method) -> EvaluateConfig:
        """Configuration for a run of this method."""
        return self._config(self.protocol or method)

    def _config(self, method: str | None) -> EvaluateConfig:
        """Configuration of the command line; what it leaves open is as published with the method."""
        given = config_of(self, EvaluateConfig).model_dump(exclude_unset=True)
        published = METHOD_PROTOCOLS[one_of("protocol", method or "dm", METHODS)]
        return EvaluateConfig.model_validate({**published.model_dump(exclude_unset=True), **given})

    def _config_of_kind(self, kind: str, config: EvaluateConfig) -> EvaluateConfig:
        """Protocol of a kind of images: for scores, all real images are learned as in the tables."""
        return whole_set_protocol(config) if self.scores and kind == "all_real" else config

    def _real_dataset(self, run: "RunFolder") -> str:
        name = self.dataset or run.description.data.name
        if not name:
            raise WrongArgumentsError(f"run {run.id} does not say what it was condensed from: add --dataset")
        return name

    def _settled(self, task: "EvaluationTask") -> "EvaluationTask":
        """Task with the iteration of its condensed images settled; a rounding of them is printed.

        Raises:
            ValueError: the set has no images of that iteration, or their file is damaged.
        """
        from dmcore.runs.formats.condensed import read_condensed_set

        if task.kind != "condensed":
            return task
        condensed = read_condensed_set(task.run, task.set, task.iteration)
        if condensed.rounded_because:
            self.output.print(
                f"note: the images of {task.set} are rounded to {condensed.stored_as}, because "
                f"{condensed.rounded_because}"
            )
        return replace(task, iteration=condensed.iteration)

    def _evaluate(
        self,
        task: "EvaluationTask",
        tested: "list[NetworkTested]",
        dataset: "DataSet",
        plan: "Plan",
        stop: Event,
        timer: "JobTimer",
    ) -> None:
        """Train and test the networks of a task, into `tested`, until a stop is requested.

        Raises:
            StorageError: the results cannot be written.
        """
        from dmcore.training.evaluate import EpochDone, NetworkTested

        events = task.events(dataset, plan, timer)
        with closing(events), progress_bar(task.passes, "epoch", f"{task.set} {task.kind}") as bar:
            for event in events:
                if isinstance(event, EpochDone):
                    if bar.update():
                        bar.set_postfix_str(timer.left_text, refresh=False)
                elif isinstance(event, NetworkTested):
                    tested.append(event)
                    bar.set_postfix_str(f"{event.network.network} {event.accuracy:.1f} %", refresh=False)
                if stop.is_set():
                    break

    def _print_results(
        self,
        run: "RunFolder",
        tested: "dict[EvaluationTask, list[NetworkTested]]",
        tested_on: int,
        *,
        stored: bool,
        complete: bool,
    ) -> None:
        from dmcore.training.evaluate import summarise

        entries: list[dict[str, Any]] = []
        rows = []
        for task, networks in tested.items():
            iteration = task.iteration if task.kind == "condensed" else None
            facts = {"set": task.set, "kind": task.kind, "iteration": iteration, "epochs": task.config.epochs}
            plain = ", no augmentation" if self.scores and task.config.augment == () else ""
            if self.scores:
                facts["augmented"] = not plain
            for result in summarise(networks):
                network = result.network.network
                numbers = {"network": network, "mean": result.mean, "std": result.std, "n": result.n}
                entries.append(facts | numbers | {"accuracies": list(result.accuracies)})
                accuracy = f"{mean_text(result.mean, result.std)} (n = {result.n})"
                rows.append((task.set, f"{task.kind.replace('_', ' ')}{plain}", network, accuracy))
        scored = score_rows(entries) if self.scores and complete else []
        self.output.print_json(
            {"run": run.id, "results": entries} | ({"scores": scored} if self.scores else {})
        )
        if not rows:
            return
        self.output.print(table(("set", "trained on", "network", "accuracy in percent"), rows))
        location = f"; stored in {run.path / 'results'}" if stored else ""
        epochs = counted(entries[0]["epochs"], "epoch")
        self.output.print(
            f"± is over the networks (ddof 0), trained {epochs} each, tested on {tested_on} real "
            f"images{location}"
        )
        if scored:
            cells = [(row["set"], row["network"], *(f"{row[name]:.3f}" for name in SCORES)) for row in scored]
            self.output.print(table(("set", "network", *(name.upper() for name in SCORES)), cells))
            self.output.print(SCORES_TEXT)

    def _print_stopped(self, run: "RunFolder", done: int, requested: int) -> int:
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


def score_rows(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Scores of each set and network from what was evaluated: IOR, HLR, LRS and ARS, on fractions."""
    from dmcore.experiments.report.scores import augmentation_robust_score, label_robust_score

    means = {
        (entry["set"], entry["kind"], entry["network"], entry["augmented"]): entry["mean"] / 100
        for entry in entries
    }
    whole = {network: mean for (_, kind, network, _), mean in means.items() if kind == "all_real"}
    rows = []
    for name, network in dict.fromkeys((entry["set"], entry["network"]) for entry in entries):
        sides = [
            (means[name, "condensed", network, each], means[name, "random_real", network, each])
            for each in (True, False)
        ]
        (ours, ior), (_, plain_ior) = ((of_set, of_set - random) for of_set, random in sides)
        hlr = whole[network] - ours
        rows.append(
            {
                "set": name,
                "network": network,
                "ior": ior,
                "hlr": hlr,
                "lrs": label_robust_score(ior, hlr),
                "ars": augmentation_robust_score(ior, plain_ior),
            }
        )
    return rows


Evaluate = with_flags(
    EvaluateOptions,
    EvaluateConfig,
    hints={"epochs": default_hint({method: each.epochs for method, each in METHOD_PROTOCOLS.items()})},
)
