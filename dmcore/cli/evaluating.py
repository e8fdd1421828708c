"""`dmcore evaluate`: train fresh networks on a run's images, test them on real ones; mean, std and n."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from tqdm import tqdm

from dmcore.cli.flags import WrongArgumentsError, comma_list, evaluate_config, one_of, with_flags
from dmcore.cli.output import table
from dmcore.cli.places import Integer, SetName, WithData, WithDevice, WithRuns
from dmcore.config import EvaluateConfig

if TYPE_CHECKING:
    from dmcore.data import DataSet
    from dmcore.evaluation import EvaluationResult
    from dmcore.plan import Plan
    from dmcore.runs import RunFolder
    from dmcore.runs.result_file import Kind

KINDS: tuple["Kind", ...] = ("condensed", "random_real", "all_real")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(WithRuns, WithData, WithDevice):
    """Train fresh networks on the images of a run and test them on real images."""

    name: SetName
    """Id of a run under the runs root, or its path; with :NAME one set of it, else all its sets."""
    kind: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(KINDS) + "}")] = "condensed"
    """What to train on, a comma list: the learned images, as many random real ones, all real ones."""
    iteration: Integer = None
    """Judge the images of this iteration, one that the run kept; left open, the latest."""

    dataset: Annotated[str | None, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = None
    """Real images to test on; left open, the run's own data set."""

    def run(self) -> int:
        """Evaluate, store the results in the run and print them."""
        config = evaluate_config(self)
        kinds = [one_of("kind", kind, KINDS) for kind in comma_list(self.kind)]
        if not kinds:
            raise WrongArgumentsError(f"--kind: choose from {', '.join(KINDS)}")
        run, names = self.open_sets(self.name)
        dataset = self.load(self._real_images_of(run))
        plan = self._plan()
        self.output.say_device(plan.device, plan.device_reason, plan.workers * plan.threads)
        entries, rows = [], []
        for name in names:
            for kind in kinds:
                if kind == "all_real" and name != names[0]:
                    continue  # the same images whatever the set
                for one in self._evaluated(run, name, kind, dataset, config, plan):
                    entry = {} if len(names) == 1 else {"set": name}
                    entry |= {} if len(kinds) == 1 else {"kind": kind}
                    entries.append(entry | _figures(one))
                    accuracy = f"{one.mean:.1f} ± {one.std:.1f} (n = {one.n})"
                    rows.append((name, kind.replace("_", " "), one.network.network, accuracy))
        self.output.result({"run": run.id, "results": entries})
        self.output.say(table(("set", "trained on", "network", "accuracy in percent"), rows))
        self.output.say(
            f"± is over the networks (ddof 0), trained {config.epochs} epochs each, tested on "
            f"{len(dataset.test)} real images; kept in {run.path / 'results'}"
        )
        return 0

    def _real_images_of(self, run: "RunFolder") -> str:
        name = self.dataset or run.description.data.name
        if not name:
            raise WrongArgumentsError(f"run {run.id} does not say what it was condensed from: add --dataset")
        return name

    def _plan(self) -> "Plan":
        from dmcore.plan import evaluation_plan

        return evaluation_plan(self.device, self.chosen_threads())

    def _evaluated(
        self,
        run: "RunFolder",
        name: str,
        kind: "Kind",
        dataset: "DataSet",
        config: EvaluateConfig,
        plan: "Plan",
    ) -> "list[EvaluationResult]":
        from dmcore.evaluation import EpochDone, NetworkTested, summarise
        from dmcore.runs import evaluate_run

        tested = []
        total = len(config.networks) * config.repeats * (config.epochs + 1)
        interval = 0.2 if sys.stderr.isatty() else 5.0
        with tqdm(total=total, unit="epoch", desc=f"{name} {kind}", mininterval=interval) as bar:
            for event in evaluate_run(run, name, dataset, config, self.iteration, kind, plan=plan):
                if isinstance(event, EpochDone):
                    bar.update()
                elif isinstance(event, NetworkTested):
                    tested.append(event)
                    bar.set_postfix_str(f"{event.network.network} {event.accuracy:.1f} %", refresh=False)
        return summarise(tested)


def _figures(result: "EvaluationResult") -> dict[str, Any]:
    return {
        "network": result.network.network,
        "mean": result.mean,
        "std": result.std,
        "n": result.n,
        "accuracies": list(result.accuracies),
    }


Evaluate = with_flags(EvaluateOptions, EvaluateConfig)
