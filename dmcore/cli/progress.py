"""Run a table from the command line: progress bar on standard error, clean stop, printed results.

A complete table is printed without importing torch and without loading its data set.
"""

import math
import shlex
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dmcore.cli.interrupt import stop_requests
from dmcore.cli.options import check_minutes
from dmcore.cli.output import Output, progress_bar, table
from dmcore.config.formatting import counted, grouped
from dmcore.data.catalogue import CATALOGUE, canonical_name
from dmcore.embedding.pool_index import find_index
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.presets import DataFacts, catalogue_facts, facts_from_runs, facts_of
from dmcore.experiments.report.comparisons import compare_rows, comparisons_note
from dmcore.experiments.report.files import as_json, write_table
from dmcore.experiments.report.formats import format_entry, format_published, meaning_text, table_lines
from dmcore.experiments.report.notes import published_notes
from dmcore.experiments.results import Results, failures_by_reason, read_results, results_file
from dmcore.experiments.table_config import TableConfig
from dmcore.experiments.table_cost import SIZE_FIELDS, TableTimer, table_cost, table_within
from dmcore.files.cache_root import find_cache_root

if TYPE_CHECKING:
    from threading import Event as Request

    from dmcore.cli.experiment import ExperimentOptions
    from dmcore.data.images import DataSet
    from dmcore.execution.cost import Workload
    from dmcore.execution.plan import Plan
    from dmcore.experiments.runner import CellTraining, TableEvent
    from dmcore.experiments.sets import SetProgress
    from dmcore.experiments.table import Table

ANY_SHAPE = (3, 32, 32)
"""Stands in for the shape of data that are not loaded yet, while the arguments are checked."""


def run_and_print_table(
    options: "ExperimentOptions", config: TableConfig, cache_root: Path | None, out: Path | None
) -> int:
    """Run the missing cells of a table, print it and write its files; returns the exit code.

    Raises:
        ValueError: wrong arguments, no such data set, or another process runs the table.
    """
    from dmcore.runs.runs_root import find_runs_root

    runs, cache, output = find_runs_root(options.runs_root), find_cache_root(cache_root), options.output
    threads = options.chosen_threads()
    if options.minutes is not None:
        check_minutes(options.minutes)
    dataset_name, trained = canonical_name(config.dataset_name), 0
    results, command = _complete_results(config, dataset_name, runs, cache), "the same command"
    if results is None:
        from dmcore.bench.estimate import data_shape_of, start_timer
        from dmcore.execution.plan import evaluation_plan
        from dmcore.experiments.runner import run_table
        from dmcore.experiments.sets import Roots

        dataset = options.load(dataset_name)
        facts, plan = facts_of(dataset), evaluation_plan(options.device, threads)
        output.print_device(plan.device, plan.device_reason, plan.workers * plan.threads)
        if (missing := _missing_pool(config, facts, cache)) is not None:
            from dmcore.cli.pool import build

            if not build(dataset, missing.config, missing.networks, cache, plan, output):
                return 0
        if options.minutes is not None:
            config = _fitted(config, facts, dataset, options, plan, runs, cache)
            sizes = shlex.join(config.options(SIZE_FIELDS))  # the time may have room for others next time
            command += f" with {sizes} in place of --minutes" if sizes else " without --minutes"
        requested = config.table(facts, cache)
        output.print(f"{requested.title}: {counted(len(requested.cells), 'cell')}, stored in {runs}")
        events = run_table(requested, dataset, Roots(runs, cache), options.device, threads)
        stored = read_results(runs, requested, dataset.digest)
        timer = TableTimer(
            stored,
            data_shape_of(dataset),
            plan.workers,
            lambda workload: start_timer(workload, plan, cache, threads),
        )
        output.print(timer.estimate.text)
        for note in stored.notes:
            output.print(note)
        with stop_requests() as stop, closing(timer), closing(events):
            results, trained = _follow(events, stored, stop, timer)
    files = [] if out is None else write_table(results, out)
    output.print_json({**as_json(results), "trained": trained, "files": [str(file) for file in files]})
    return _print_results(results, output, files, command)


def _fitted(
    config: TableConfig,
    facts: DataFacts,
    dataset: "DataSet",
    options: "ExperimentOptions",
    plan: "Plan",
    runs: Path,
    cache: Path,
) -> TableConfig:
    """The table with sizes for the given time; prints them."""
    from dmcore.bench.estimate import data_shape_of, known_speeds
    from dmcore.execution.machine import FIRST_SAMPLE, MachineLoad

    data = data_shape_of(dataset)

    def workload_of(table: "Table") -> "Workload":
        return table_cost(read_results(runs, table, dataset.digest), data, plan.workers).workload

    threads = options.chosen_threads()
    speeds = known_speeds(workload_of(config.table(facts, cache)), plan, cache, threads)
    slowdown = MachineLoad(first=FIRST_SAMPLE).slowdown(plan.workers)

    def seconds_of(table: "Table") -> float:
        return slowdown * speeds.scaled_seconds(workload_of(table))

    chosen, sentence = table_within(config, facts, 60 * (options.minutes or 0.0), seconds_of, cache)
    options.output.print(sentence)
    return chosen


def _missing_pool(config: TableConfig, data: DataFacts, cache: Path) -> PoolRequest | None:
    """Pool that has to be trained before the table is created; None where it needs none, or has it."""
    pool = config.pool(data)
    index = None if pool is None else find_index(data.name, pool.config, cache)
    return None if pool is None or (index is not None and index.networks >= pool.networks) else pool


def _complete_results(config: TableConfig, dataset_name: str, runs: Path, cache: Path) -> Results | None:
    """Stored results of a complete table whose data set is unchanged, else None; checks the arguments.

    Named data sets do not change, an archive has a modification time; an image folder has to be loaded.
    """
    from dmcore.runs.runs_root import list_runs

    facts = catalogue_facts(dataset_name) or facts_from_runs(dataset_name, list_runs(runs))
    requested = config.table(facts or DataFacts(dataset_name, dataset_name, ANY_SHAPE, 1), cache)
    results, file = read_results(runs, requested), Path(dataset_name)
    if (
        facts is None
        or _missing_pool(config, facts, cache) is not None
        or results.complete_cells < len(requested.cells)
    ):
        return None
    if dataset_name in CATALOGUE:
        return results
    changed = max(file.stat().st_mtime, file.stat().st_ctime) if file.is_file() else math.inf
    return results if changed < results_file(runs, requested).stat().st_mtime else None


def _follow(
    events: Iterator["TableEvent"], results: Results, stop: "Request", timer: TableTimer
) -> tuple[Results, int]:
    """Show progress until the events end or a stop is requested; also the number of networks trained."""
    from dmcore.experiments.runner import CellUpdate

    trained, total = 0, len(results.table.cells)
    with progress_bar(total, "cell") as bar:
        bar.miniters = 0
        bar.update(results.complete_cells)
        for event in events:
            timer.take(event)
            if isinstance(event, CellUpdate):
                results, trained = event.results, trained + event.fresh
            else:
                text = f"{timer.timer.left_text}; {_progress_text(event, results.table)}"
                bar.set_postfix_str(text, refresh=False)
            bar.update(results.complete_cells - bar.n)
            if stop.is_set():
                break
    return results, trained


def _progress_text(event: "SetProgress | CellTraining", of_table: "Table") -> str:
    from dmcore.experiments.sets import SetProgress

    if isinstance(event, SetProgress):
        return f"{event.step} {event.done:.0%}" if event.done else event.step
    cell, training = of_table.cells[event.cell], event.training
    network = f"network {training.repeat + 1} of {cell.repeats}"
    return f"{cell.row}, {cell.column}: {network}, epoch {training.epoch} of {training.epochs}"


def _print_results(results: Results, output: Output, files: list[Path], command: str) -> int:
    """Print the table, its notes and comparisons; returns the exit code; `command` continues it."""
    head, *rows = table_lines(results, format_entry, format_published)
    output.print(table(head, rows))
    output.print(meaning_text(results.table))
    comparisons = compare_rows(results)
    sentences = (*published_notes(results.table), *(comparison.sentence for comparison in comparisons))
    for sentence in filter(None, (*sentences, comparisons_note(comparisons))):
        output.print(sentence)
    if files:
        output.print(f"written: {', '.join(map(str, files))}")
    total, done = len(results.table.cells), results.complete_cells
    failed = failures_by_reason(results)
    for reason, by_row in failed.items():
        cells = "; ".join(f"{row}, {column}" for row, columns in by_row.items() for column in columns)
        print(f"dmcore: failed: {cells}: {reason}", file=sys.stderr)
    if done + results.failed_cells < total:
        output.print(
            f"stopped with {grouped(done)} of {grouped(total)} cells complete, nothing is lost: "
            f"{command} continues"
        )
        return 0
    return 1 if failed else 0
