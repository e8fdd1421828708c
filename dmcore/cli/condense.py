"""`dmcore condense` and `dmcore resume`: work on a run to its end, stoppable between two updates."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from tqdm import tqdm

from dmcore.cli.flags import condense_config, one_of, with_flags
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import Integer, RunName, WithData, WithDevice, WithRunData, WithRuns, lasting_name
from dmcore.cli.output import Output
from dmcore.config import PRECISIONS, CondenseConfig
from dmcore.config.formatting import grouped

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.matching import Step
    from dmcore.runs.folder import RunFolder

LOSS_EVERY_SECONDS = 0.5
"""How often a terminal shows the loss: reading it waits for the device."""
LOGGED_EVERY_SECONDS = 10.0
"""The same where standard error is a file, which keeps every line."""


@dataclass(frozen=True, kw_only=True)
class CondenseOptions(WithRuns, WithData, WithDevice):
    """Condense a data set into a few learned images per class. The defaults are the paper's."""

    title: Annotated[str, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = ""
    """What to call the run; left open, the data set's name."""
    precision: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(PRECISIONS) + "}")] = "float32"
    """What convolutions compute in; the others are faster where the hardware has them, and less exact."""

    def run(self) -> int:
        """Make a run and work on it until it is done or stopped."""
        config = condense_config(self)
        threads, precision = self.chosen_threads(), one_of("precision", self.precision, PRECISIONS)
        from dmcore.execution.plan import make_plan
        from dmcore.matching import condense
        from dmcore.runs.creation import create_run
        from dmcore.runs.runs_root import find_runs_root

        config = config.model_copy(update={"dataset": lasting_name(config.dataset)})
        dataset = self.load(config.dataset)
        plan = make_plan(config, dataset.shape, len(dataset.class_names), self.device, threads, precision)
        next(condense(dataset, config, plan=plan))  # refuses what cannot start, before there is a folder
        run = create_run(find_runs_root(self.runs_root), config, dataset, plan, self.title)
        return work_on(run, dataset, self.output)


Condense = with_flags(CondenseOptions, CondenseConfig, skip=("sets",))


@dataclass(frozen=True, kw_only=True)
class Resume(WithRuns, WithRunData):
    """Go on with a run that was stopped, interrupted or failed, or take a finished one further."""

    name: RunName
    """Id of a run under the runs root, or its path."""
    iterations: Integer = None
    """Take the run to this many iterations instead of those it was made for."""

    def run(self) -> int:
        """Work on the run until it is done or stopped."""
        from dmcore.runs.creation import extend_run
        from dmcore.runs.resume import check_data

        run = self.open_run(self.name)
        if run.config is None:
            was = "selected" if run.description.origin == "select" else "imported"
            raise ValueError(f"run {run.id} was {was}, so there is nothing to resume: start a new run")
        dataset = self.load(self.dataset or run.config.dataset)
        if self.iterations is not None:
            check_data(run, dataset)  # other images must leave the run as it was
            run = extend_run(run, self.iterations)
        return work_on(run, dataset, self.output)


def work_on(run: "RunFolder", dataset: "DataSet", output: Output) -> int:
    """Record a run until it reaches its iterations or a stop is asked for; say which, and what to do next.

    Raises:
        ValueError: the run failed; its last good images are in its folder.
    """
    from dmcore.runs.recorder import record
    from dmcore.runs.runs_root import open_run

    assert run.config is not None
    asked, known = run.config.iterations, len(run.notes())
    output.say(f"run {run.id}")
    output.say(f"kept in {run.path}")
    try:
        with stop_requests() as stop, closing(record(run, dataset)) as steps:
            start = next(steps, None)
            plan = open_run(run.path).description.plan or {}  # a resumed run may have had to change it
            output.say_device(plan["device"], plan["device_reason"], plan["workers"] * plan["threads"])
            if start is not None:
                _follow(steps, start.iteration, asked, stop)
    except (RuntimeError, MemoryError) as trouble:  # a full GPU: the recorder has the sentence
        error = run.error()
        if error is None:
            raise
        raise ValueError(f"{error.sentence}: {error.remedy}") from trouble
    for note in run.notes()[known:]:
        output.say(f"note: {note.sentence}")
    done = run.iteration()
    output.result(_outcome(run, done))
    if done < asked:
        output.say(
            f"stopped after {grouped(done)} of {grouped(asked)} iterations, nothing is lost: "
            f"`dmcore resume {run.id}` goes on"
        )
    elif start is None:
        output.say(f"its {grouped(done)} iterations were done before: --iterations N takes it further")
    else:
        output.say(f"done: {grouped(done)} iterations; `dmcore evaluate {run.id}` says how good they are")
    return 0


def _follow(steps: Iterator["Step"], done: int, asked: int, stop: Event) -> None:
    """Show steps on standard error as they come, until they end or a stop is asked for."""
    interval = LOSS_EVERY_SECONDS if sys.stderr.isatty() else LOGGED_EVERY_SECONDS
    shown = time.monotonic()
    with tqdm(initial=done, total=asked, unit="it", mininterval=interval, dynamic_ncols=True) as bar:
        for step in steps:
            if time.monotonic() - shown > interval:
                shown = time.monotonic()
                means = (f"{float(loss.mean()):.4g}" for loss in step.loss_by_class.values())
                bar.set_postfix_str(f"loss {' '.join(means)}", refresh=False)
            bar.update()
            if stop.is_set():
                break


def _outcome(run: "RunFolder", done: int) -> dict[str, Any]:
    """What --json prints; the last losses of each set by its name, null where unknown yet."""
    assert run.config is not None
    losses = {name: run.losses(name).loss for name in run.set_names}
    last = {name: loss[-1].tolist() if len(loss) else None for name, loss in losses.items()}
    reached = run.result()
    return {
        "run": run.id,
        "status": str(run.status()),
        "iterations": done,
        "target": run.config.iterations,
        "loss_per_class": last,
        "images_per_second": reached and reached.images_per_second,
    }
