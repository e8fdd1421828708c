"""`dmcore condense` and `dmcore resume`: run the condensation, with a progress bar and a clean stop."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from dmcore.cli.flags import one_of, with_flags
from dmcore.cli.interrupt import stop_requests
from dmcore.cli.method import method_config, method_hints
from dmcore.cli.options import Integer, RunName, WithData, WithDevice, WithRunData, WithRuns
from dmcore.cli.output import Output, progress_bar
from dmcore.config import METHODS, PRECISIONS, CondenseConfig, MethodConfig
from dmcore.config.formatting import counted, grouped
from dmcore.data.catalogue import canonical_name

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.job_timer import JobTimer
    from dmcore.gradient_matching import OuterStep
    from dmcore.matching import Step
    from dmcore.runs.folder import RunFolder

LOSS_EVERY_SECONDS = 0.5
"""How often a terminal shows the loss: reading it waits for the device."""


@dataclass(frozen=True, kw_only=True)
class CondenseOptions(WithRuns, WithData, WithDevice):
    """Condense a data set into a few synthetic images per class. The defaults are the paper's.

    Its 20,000 iterations take hours on a laptop (28×28 pixels, two cores: about 6). `--iterations 500` takes
    some minutes; `dmcore plan --minutes 5` chooses iterations, real batch and replay for a time.
    `--method dsa` condenses by gradient matching instead, with the defaults of its paper.
    """

    method: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(METHODS) + "}")] = "dm"
    """Distribution matching (dm), gradient matching (dc), or that with Siamese augmentation (dsa)."""
    title: Annotated[str, tyro.conf.arg(metavar="TEXT", help_behavior_hint="")] = ""
    """Title of the run; left open, the data set's name."""
    precision: Annotated[str, tyro.conf.arg(metavar="{" + ",".join(PRECISIONS) + "}")] = "float32"
    """Precision of convolutions; tf32 and bfloat16 are faster where the hardware has them, and less exact."""

    def run(self) -> int:
        """Create a run and condense until it is done or stopped."""
        config = method_config(self)
        threads, precision = self.chosen_threads(), one_of("precision", self.precision, PRECISIONS)
        from dmcore.condensation import condense, make_plan
        from dmcore.runs.creation import create_run
        from dmcore.runs.rename import clean_title
        from dmcore.runs.runs_root import find_runs_root

        title = clean_title(self.title)
        config = config.model_copy(update={"dataset": canonical_name(config.dataset)})
        dataset = self.load(config.dataset)
        plan = make_plan(config, dataset.shape, len(dataset.class_names), self.device, threads, precision)
        next(condense(dataset, config, plan=plan))  # refuses what cannot start, before there is a folder
        run = create_run(find_runs_root(self.runs_root), config, dataset, plan, title)
        return run_and_report(run, dataset, self.output)


Condense = with_flags(CondenseOptions, *METHODS.values(), skip=("sets", "method"), hints=method_hints())


@dataclass(frozen=True, kw_only=True)
class Resume(WithRuns, WithRunData):
    """Resume a run that was stopped, interrupted or failed, or extend a finished one."""

    name: RunName
    """Id of a run under the runs root, its path, or latest."""
    iterations: Integer = None
    """New number of iterations, instead of the run's own."""

    def run(self) -> int:
        """Condense until the run is done or stopped."""
        from dmcore.runs.creation import extend_run
        from dmcore.runs.resume import check_data

        run = self.open_run(self.name)
        if run.config is None:
            origin = "selected" if run.description.origin == "select" else "imported"
            raise ValueError(f"run {run.id} was {origin}, so there is nothing to resume: start a new run")
        dataset = self.load(self.dataset or run.config.dataset, run.class_names)
        if self.iterations is not None:
            check_data(run, dataset)  # other images must leave the run as it was
            run = extend_run(run, self.iterations)
        return run_and_report(run, dataset, self.output)


def run_and_report(run: "RunFolder", dataset: "DataSet", output: Output) -> int:
    """Run the recorder until the last iteration or a stop request; print the outcome and the next command.

    Raises:
        ValueError: the run failed; its last valid images are in its folder.
    """
    from dmcore.bench.estimate import data_shape_of, start_timer
    from dmcore.execution.cost import condensation_workload
    from dmcore.execution.plan import Plan
    from dmcore.files.cache_root import find_cache_root
    from dmcore.runs.recorder import record
    from dmcore.runs.runs_root import open_run

    assert run.config is not None
    target, known_notes, last = run.config.iterations, len(run.notes()), None
    output.print(f"run {run.id}")
    output.print(f"stored in {run.path}")
    try:
        with stop_requests(*_what_is_finished(run.config)) as stop, closing(record(run, dataset)) as steps:
            start = next(steps, None)
            plan = Plan(
                **open_run(run.path).description.plan or {}
            )  # a resumed run may have had to change it
            output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
            if start is not None:
                workload, begun = condensation_workload(run.config, data_shape_of(dataset)), start.iteration
                timer = start_timer(workload, plan, find_cache_root(), done=begun / target)
                output.print(timer.estimate.text)
                last = _follow(steps, begun, target, stop, timer)
    except (RuntimeError, MemoryError) as failure:  # out of memory: the recorder has written the message
        error = run.error()
        if error is None:
            raise
        raise ValueError(f"{error.sentence}: {error.remedy}") from failure
    for note in run.notes()[known_notes:]:
        output.print(f"note: {note.sentence}")
    done = run.iteration()
    output.print_json(_outcome(run, done))
    if done < target:
        again = _done_again(last)
        output.print(
            f"stopped after {grouped(done)} of {grouped(target)} iterations, "
            f"{again or 'nothing is lost'}: `dmcore resume {run.id}` continues"
        )
    elif start is None:
        output.print(f"all {grouped(done)} iterations were already done: --iterations N extends the run")
    else:
        output.print(f"done: {grouped(done)} iterations; `dmcore evaluate {run.id}` measures the accuracy")
    return 0


def _follow(
    steps: Iterator["Step | OuterStep"], done: int, target: int, stop: Event, timer: "JobTimer"
) -> "Step | OuterStep | None":
    """Show a progress bar on standard error until the steps end or a stop is requested; the last one."""
    step = None
    timer.take(done / target)
    with progress_bar(target, "it", done=done, every=LOSS_EVERY_SECONDS) as bar:
        updated_at, interval = time.monotonic(), bar.mininterval
        for step in steps:
            if time.monotonic() - updated_at > interval:
                updated_at = time.monotonic()
                timer.take(step.progress / target)
                means = (f"{float(loss.mean()):.4g}" for loss in step.loss_by_class.values())
                within = f"matching step {step.outer}, " if step.outer else ""
                text = f"{timer.left_text}, {within}loss {' '.join(means)}"
                bar.set_postfix_str(text, refresh=step.outer > 0)  # the iteration may be a long one
            bar.update(step.iteration - bar.n)
            if stop.is_set():
                break
    timer.take((done if step is None else step.progress) / target)
    timer.close()
    return step


def _what_is_finished(config: MethodConfig) -> tuple[str, str]:
    """Unit of work that is finished after Ctrl-C, and what is said of the stop then."""
    if isinstance(config, CondenseConfig):
        return "iteration", ""
    return "matching step", " (the iteration at work is done again on resume)"


def _done_again(last: "Step | OuterStep | None") -> str:
    """What a run that was stopped at this step computes again; empty where nothing."""
    from dmcore.gradient_matching import OuterStep

    if not isinstance(last, OuterStep):
        return ""
    steps = f"{last.outer} of the {counted(last.outer_steps, 'matching step')}"
    return f"{steps} of the next one are done again"


def _outcome(run: "RunFolder", done: int) -> dict[str, Any]:
    """JSON object of the outcome; the last losses by set name, null where none is known yet."""
    assert run.config is not None
    losses = {name: run.losses(name).loss for name in run.set_names}
    last = {name: loss[-1].tolist() if len(loss) else None for name, loss in losses.items()}
    result = run.result()
    return {
        "run": run.id,
        "status": str(run.status()),
        "iterations": done,
        "target": run.config.iterations,
        "loss_per_class": last,
        "images_per_second": result and result.images_per_second,
    }
