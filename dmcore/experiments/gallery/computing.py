"""Computing of the gallery's entries in a pair of folders; what is there already is not computed again."""

from collections.abc import Generator, Iterable
from contextlib import closing

from dmcore.data.images import DataSet
from dmcore.execution.plan import evaluation_plan, make_plan
from dmcore.experiments.figure4.config import NAMES
from dmcore.experiments.figure4.race import LaneTested, LaneTesting, Race, RaceEvent
from dmcore.experiments.figure4.report import failure_sentences
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.gallery.entries import GalleryEntry, GalleryRace, GalleryRun, GalleryTable
from dmcore.experiments.gallery.results import find_result
from dmcore.experiments.gallery.work import Progress
from dmcore.experiments.matching_runs import find_condensed
from dmcore.experiments.presets import facts_of
from dmcore.experiments.results import Results, failures_by_reason, read_results
from dmcore.experiments.runner import CellTraining, CellUpdate, run_table
from dmcore.experiments.sets import Roots, SetProgress
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.training.evaluate import EpochDone, NetworkTested
from dmcore.training.network_pool import build_pool

Computed = RunFolder | Results | RaceResults


def compute(
    entry: GalleryEntry, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[Progress, None, Computed]:
    """Compute what an entry lacks; without events where it is complete.

    Args:
        entry: the entry.
        dataset: its data set.
        roots: folders of runs and cached results.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; if None, all that this process may use.

    Raises:
        ValueError: it cannot be computed, with the reason.
        StorageError: the disk is full or refuses.
    """
    if isinstance(entry, GalleryRun):
        return (yield from _compute_run(entry, dataset, roots, device, threads))
    if isinstance(entry, GalleryRace):
        race = Race(dataset, entry.config, roots.runs, device, threads)
        return (yield from _run(race, race.events()))
    return (yield from _compute_table(entry, dataset, roots, device, threads))


def compute_starts(
    entry: GalleryRace, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[Progress, None, RaceResults]:
    """Test every lane of a race at its start only, which depends on no clock; arguments as of `compute`."""
    race = Race(dataset, entry.config, roots.runs, device, threads)
    return (yield from _run(race, race.starts()))


def _run(race: Race, events: Generator[RaceEvent, None, None]) -> Generator[Progress, None, RaceResults]:
    known = len(race.results.points)
    needed: Iterable[RaceEvent] = () if race.results.complete else events
    with closing(events):
        for event in needed:
            if isinstance(event, LaneTested):
                new, known = event.results.points[known:], len(event.results.points)
                yield Progress("tested", _share(race), trained=sum(len(point.accuracies) for point in new))
            elif isinstance(event, LaneTesting):
                text = f"race {event.seed + 1}, testing {NAMES[event.method]}, network {event.repeat + 1}"
                yield Progress(text, _share(race))
            else:
                yield Progress(f"race {event.seed + 1}, condensing", _share(race))
    if race.results.failures:
        raise ValueError(" ".join(failure_sentences(race.results)))
    return race.results


def _share(race: Race) -> float:
    done, tests = race.results.tests
    return done / tests


def _compute_run(
    entry: GalleryRun, dataset: DataSet, roots: Roots, device: str, threads: int | None
) -> Generator[Progress, None, RunFolder]:
    config = entry.config
    run = find_condensed(config, dataset.train_digest, roots.runs)
    if run is None:
        plan = make_plan(config, dataset.shape, len(dataset.class_names), device, threads)
        run = create_run(roots.runs, config, dataset, plan, entry.title)
    with closing(record(run, dataset, cache=roots.cache)) as steps:
        for step in steps:
            yield Progress(f"condensing, iteration {step.iteration}", step.iteration / config.iterations)
    run = RunFolder(run.path)
    plan = evaluation_plan(device, threads)
    for name in run.set_names:
        for kind, protocol, iteration in entry.evaluations:
            if find_result(run, name, kind, protocol, iteration) is not None:
                continue
            when = "" if iteration is None else f" of iteration {iteration}"
            text = f"training networks on {kind.replace('_', ' ')} images{when}"
            with closing(
                evaluate_run(run, name, dataset, protocol, iteration, kind=kind, plan=plan)
            ) as events:
                for event in events:
                    if isinstance(event, EpochDone):
                        done = (event.repeat + event.epoch / (event.epochs + 1)) / protocol.repeats
                        yield Progress(text, done)
                    elif isinstance(event, NetworkTested):
                        yield Progress(text, trained=1)
    return RunFolder(run.path)


def _compute_table(
    entry: GalleryTable, dataset: DataSet, roots: Roots, device: str, threads: int | None
) -> Generator[Progress, None, Results]:
    pool, table = entry.config.pool(facts_of(dataset)), entry.table()
    stored = read_results(roots.runs, table, dataset.digest)
    if stored.complete_cells == len(table.cells):
        return stored
    if pool is not None:
        for progress in build_pool(
            dataset, pool.config, pool.networks, roots.cache, evaluation_plan(device, threads)
        ):
            yield Progress(f"training a pool of {pool.networks} networks", progress.fraction)
    results = stored
    with closing(run_table(table, dataset, roots, device, threads)) as events:
        for event in events:
            match event:
                case SetProgress(step=step, done=done):
                    yield Progress(step, done)
                case CellTraining(cell=index, training=training):
                    cell = table.cells[index]
                    text = f"{cell.row}, {cell.column}, seed {cell.recipe.seed}"
                    yield Progress(text, training.epoch / (training.epochs + 1))
                case CellUpdate(results=updated, fresh=fresh):
                    new = len(updated.networks - results.networks)
                    results = updated
                    text = f"{results.complete_cells} of {len(table.cells)} cells"
                    yield Progress(text, 1.0, trained=int(fresh), reused=max(0, new - fresh))
    if results.complete_cells < len(table.cells):
        reasons = "; ".join(failures_by_reason(results)) or "some cells have no result"
        raise ValueError(reasons)
    return results
