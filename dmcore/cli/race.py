"""Run figure 4 from the command line: progress on standard error, clean stop, printed results."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dmcore.cli.interrupt import stop_requests
from dmcore.cli.output import Output, progress_bar, table
from dmcore.config.formatting import counted, duration, joined, precise_duration
from dmcore.data.catalogue import canonical_name
from dmcore.experiments.figure4.config import NAMES, Figure4Config, least_seconds
from dmcore.experiments.figure4.files import as_json, race_sentences, write_figure4
from dmcore.experiments.figure4.report import PUBLISHED, curves, failure_sentences
from dmcore.experiments.figure4.results import RaceResults, race_folder

if TYPE_CHECKING:
    from dmcore.cli.experiment import ExperimentOptions
    from dmcore.experiments.figure4.race import Race, RaceEvent


def run_and_print_race(options: "ExperimentOptions", config: Figure4Config, out: Path | None) -> int:
    """Run what is missing of a race, print it and write its files; returns the exit code.

    Raises:
        ValueError: wrong arguments, no such data set, or another process runs the race.
    """
    from dmcore.experiments.figure4.race import Race
    from dmcore.runs.runs_root import find_runs_root

    runs, output = find_runs_root(options.runs_root), options.output
    config = config.model_copy(update={"dataset": canonical_name(config.dataset_name)})
    dataset = options.load(config.dataset_name)
    race = Race(dataset, config, runs, options.device, options.chosen_threads())
    output.print_device(race.plan.device, race.plan.device_reason, race.plan.workers * race.plan.threads)
    lanes = joined([NAMES[method] for method in config.lanes])
    output.print(
        f"{dataset.title}, {config.images_per_class} per class: {counted(config.seeds, 'race')} of {lanes}, "
        f"{duration(float(config.seconds))} each: {duration(least_seconds(config))} of condensing, and the "
        f"tests on top; stored in {race_folder(runs, config)}"
    )
    _follow(race)
    return _print(race.results, output, out)


def _follow(race: "Race") -> None:
    """Show progress until the race ends or a stop is requested."""
    done, total = race.results.tests
    with stop_requests("event") as stop, closing(race.events()) as events, progress_bar(total, "test") as bar:
        bar.update(done)
        for event in events:
            bar.set_postfix_str(_progress_text(event), refresh=False)
            bar.update(race.results.tests[0] - bar.n)
            if stop.is_set():
                break


def _progress_text(event: "RaceEvent") -> str:
    from dmcore.experiments.figure4.race import LaneMoved, LaneTesting

    match event:
        case LaneMoved(seed, lanes):
            clocks = ", ".join(f"{NAMES[lane.method]} {precise_duration(lane.seconds)}" for lane in lanes)
            return f"race {seed + 1}: {clocks}"
        case LaneTesting(seed, method, repeat, epoch, epochs):
            return (
                f"race {seed + 1}: testing {NAMES[method]}, network {repeat + 1}, epoch {epoch} of {epochs}"
            )
    return ""


def _print(results: RaceResults, output: Output, out: Path | None) -> int:
    files = write_figure4(results, out) if out is not None and results.points else []
    output.print_json({**as_json(results), "files": [str(file) for file in files]})
    rows = [
        (curve.name, precise_duration(point.seconds), f"{point.iterations:.1f}", point.text)
        for curve in curves(results)
        for point in curve.points
    ]
    output.print(table(("method", "condensing", "iterations", "test accuracy, mean ± std over races"), rows))
    for sentence in (*race_sentences(results), *failure_sentences(results), PUBLISHED):
        output.print(sentence)
    if files:
        output.print(f"written: {', '.join(map(str, files))}")
    if not results.complete:
        done, total = results.tests
        output.print(
            f"stopped after {done} of {total} tests, nothing is lost: the same command continues; an "
            "iteration of DC or DSA that was cut short is done again"
        )
    return 1 if results.complete and results.failures else 0
