"""Filling a table from a terminal: progress on standard error, Ctrl-C between two events, then the table.

A table that is complete is printed without torch and without its data set.
"""

import math
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from dmcore.cli.interrupt import stop_requests
from dmcore.cli.output import Output, table
from dmcore.cli.table_options import TableOptions, facts_in_runs, facts_of, named_facts
from dmcore.config.formatting import counted, grouped
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.comparisons import compared
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import Results, complete, failures, read_results, results_file
from dmcore.experiments.table_files import as_json, write_table
from dmcore.experiments.table_formats import MEANING, entry_said, laid_out, published_notes, published_said
from dmcore.files.cache_root import find_cache_root

if TYPE_CHECKING:
    from threading import Event as Request

    from dmcore.experiments.runner import Event, Learning
    from dmcore.experiments.sets import Doing
    from dmcore.experiments.table import Table

SHOWN_EVERY_SECONDS, LOGGED_EVERY_SECONDS = 0.2, 10.0
"""Between two pictures of the bar: on a terminal, and where standard error is a file, which keeps all."""

ANY_SHAPE = (3, 32, 32)
"""Of data that have not been opened yet: what was typed is checked before."""


def run_table(options: TableOptions, name: str, cache_root: Path | None, out: Path | None) -> int:
    """Fill a table as far as it is not filled yet, print it and write its files; gives the exit code.

    Raises:
        ValueError: wrong arguments, no such data set, or another process fills the table.
    """
    from dmcore.runs.runs_root import find_runs_root

    runs, cache, output = find_runs_root(options.runs_root), find_cache_root(cache_root), options.output
    threads = options.chosen_threads()
    dataset_name, trained = options.asked_dataset(name), 0
    results = _finished(options, name, dataset_name, runs, cache)
    if results is None:
        from dmcore.execution.plan import evaluation_plan
        from dmcore.experiments.runner import fill
        from dmcore.experiments.sets import Roots

        dataset = options.load(dataset_name)
        facts, plan = facts_of(dataset), evaluation_plan(options.device, threads)
        output.say_device(plan.device, plan.device_reason, plan.workers * plan.threads)
        if options.lacks_pool(name, facts, cache):
            from dmcore.cli.pool import build

            if not build(dataset, *options.asked_pool(facts), cache, plan, output):
                return 0
        wanted = options.asked_table(name, facts, cache)
        output.say(f"{wanted.title}: {counted(len(wanted.places), 'place')}, kept in {runs}")
        events = fill(wanted, dataset, Roots(runs, cache), options.device, threads)
        with stop_requests() as stop, closing(events):
            results, trained = _follow(events, read_results(runs, wanted, dataset.digest), stop)
    files = [] if out is None else write_table(results, out)
    output.result({**as_json(results), "trained": trained, "files": [str(file) for file in files]})
    return _told(results, output, files)


def _finished(options: TableOptions, name: str, dataset_name: str, runs: Path, cache: Path) -> Results | None:
    """A table that is complete and of data that are as they were; wrong arguments are refused here.

    Named data do not change, and an archive tells when it did; into a folder one has to look.
    """
    facts = named_facts(dataset_name) or facts_in_runs(dataset_name, runs)
    wanted = options.asked_table(name, facts or DataFacts(dataset_name, dataset_name, ANY_SHAPE, 1), cache)
    results, file = read_results(runs, wanted), Path(dataset_name)
    if facts is None or options.lacks_pool(name, facts, cache) or _done(results) < len(wanted.places):
        return None
    if dataset_name in CATALOGUE:
        return results
    changed = max(file.stat().st_mtime, file.stat().st_ctime) if file.is_file() else math.inf
    return results if changed < results_file(runs, wanted).stat().st_mtime else None


def _follow(events: Iterator["Event"], results: Results, stop: "Request") -> tuple[Results, int]:
    """Show events until they end or a stop is asked for; gives also how many networks were trained."""
    from dmcore.experiments.runner import Arrived

    trained, every = 0, len(results.table.places)
    interval = SHOWN_EVERY_SECONDS if sys.stderr.isatty() else LOGGED_EVERY_SECONDS
    with tqdm(total=every, unit="place", mininterval=interval, miniters=0, dynamic_ncols=True) as bar:
        bar.update(_done(results))
        for event in events:
            if isinstance(event, Arrived):
                results, trained = event.results, trained + event.fresh
            else:
                bar.set_postfix_str(_doing(event, results.table), refresh=False)
            bar.update(_done(results) - bar.n)
            if stop.is_set():
                break
    return results, trained


def _doing(event: "Doing | Learning", table: "Table") -> str:
    from dmcore.experiments.sets import Doing

    if isinstance(event, Doing):
        return f"{event.what} {event.done:.0%}" if event.done else event.what
    cell, training = table.places[event.place], event.training
    network = f"network {training.repeat + 1} of {cell.repeats}"
    return f"{cell.row}, {cell.column}: {network}, epoch {training.epoch} of {training.epochs}"


def _told(results: Results, output: Output, files: list[Path]) -> int:
    """Print the table and what follows from it; gives the exit code."""
    head, *rows = laid_out(results, entry_said, published_said)
    output.say(table(head, rows))
    output.say(MEANING)
    for sentence in (*published_notes(results.table), *(comparison.sentence for comparison in compared(results))):
        output.say(sentence)
    if files:
        output.say(f"written: {', '.join(map(str, files))}")
    places, done = len(results.table.places), _done(results)
    failed: dict[str, list[str]] = {}
    for where, why in failures(results).items():
        failed.setdefault(why, []).append(where)
    for why, cells in failed.items():
        print(f"dmcore: not filled: {'; '.join(cells)}: {why}", file=sys.stderr)
    if done + sum(bool(result.failure) for result in results.filled.values()) < places:
        output.say(
            f"stopped with {grouped(done)} of {grouped(places)} places filled, nothing is lost: "
            "the same command goes on"
        )
        return 0
    return 1 if failed else 0


def _done(results: Results) -> int:
    """Places that have all their networks."""
    return sum(complete(cell, results.filled.get(index)) for index, cell in enumerate(results.table.places))
