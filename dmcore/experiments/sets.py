"""From a recipe to the images of an independent set: found among the runs, or made as an ordinary run.

A condensation that was broken off goes on where it stopped; a whole-set network comes from its cache.
"""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dmcore.config import CondenseConfig
from dmcore.coresets import CoresetSource, prepare, select
from dmcore.data.images import DataSet
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, evaluation_plan, make_plan
from dmcore.experiments.matching_runs import find_condensed, intact_runs
from dmcore.experiments.presets import condensed_title
from dmcore.experiments.table import Recipe
from dmcore.runs.creation import create_run, digest
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.pinned_pool import pool_matches
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation import condensed_for
from dmcore.runs.runs_root import open_run
from dmcore.runs.selection import create_selected_run
from dmcore.training.result_cache import TrainingSet

EVENT_SECONDS = 0.2
"""Between two events of a condensation."""


@dataclass(frozen=True)
class SetProgress:
    """What is being done, and which share of it is done."""

    what: str
    done: float = 0.0
    run: str = ""
    """Id of the run that is being condensed."""
    cells: tuple[int, ...] = ()
    """Numbers of the table's places that it is done for, where a table is being filled."""


@dataclass(frozen=True)
class Roots:
    """Where runs and trained networks are kept."""

    runs: Path
    cache: Path


@dataclass(frozen=True)
class PreparedSet:
    """A set of images that stands in a run."""

    judged: TrainingSet
    run: RunFolder
    set: str
    iteration: int
    description: str
    """What the images are, in a sentence."""


def prepare_sets(
    recipe: Recipe, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[SetProgress, None, dict[int, PreparedSet]]:
    """All sets that are made together, by their images per class.

    Args:
        recipe: one of them.
        dataset: what is condensed or selected from.
        roots: where runs and trained networks are kept.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; all that this process may use if left out.

    Raises:
        ValueError: what cannot be made, with the remedy.
        StorageError: the disk is full or refuses.
    """
    if recipe.method == "run":
        run = open_run(recipe.run, roots.runs)
        return {recipe.images_per_class: _set_of(run, recipe.set, dataset, recipe.iteration)}
    if recipe.method == "dm":
        assert recipe.condense is not None
        run = yield from _condensed(recipe.condense, dataset, roots, device, threads)
    else:
        run = yield from _selected(recipe, dataset, roots, evaluation_plan(device, threads))
    by_size = {one.images_per_class: one.name for one in run.sets}
    return {size: _set_of(run, by_size[size], dataset, None) for size in recipe.sizes}


def _set_of(run: RunFolder, name: str, dataset: DataSet, iteration: int | None) -> PreparedSet:
    condensed = condensed_for(dataset, run, name or None, iteration)
    judged = TrainingSet(condensed.images, condensed.label, condensed.statistics)
    return PreparedSet(judged, run, condensed.name, condensed.iteration, _said(run, condensed.name))


def _said(run: RunFolder, name: str) -> str:
    """The sets of a selection share its first note, but means of classes are no means of clusters."""
    one = next(one for one in run.sets if one.name == name)
    if one.selection is None or not run.description.notes:
        return run.description.title
    of_clusters = one.selection.method == "mean_image" and one.images_per_class > 1
    fitting = (note for note in run.description.notes if not of_clusters or "clusters" in note)
    return next(fitting, run.description.notes[0])


def _condensed(
    config: CondenseConfig, dataset: DataSet, roots: Roots, device: str, threads: int | None
) -> Generator[SetProgress, None, RunFolder]:
    run = find_condensed(
        config, digest(dataset), roots.runs, lambda one: pool_matches(one, dataset, roots.cache)
    )
    if run is None:
        plan = make_plan(config, dataset.shape, len(dataset.class_names), device, threads)
        embedding_networks(
            config, dataset, plan, roots.cache
        )  # refuses a pool that is not there, before a run is
        run = create_run(roots.runs, config, dataset, plan, title_of(config, dataset))
    elif run.status() in (Status.RUNNING, Status.PAUSED):
        raise ValueError(f"run {run.id} is at work elsewhere: wait until it is done, then go on")
    what = f"condensing with {config.network}, seed {config.seed}"
    told = time.monotonic()
    with closing(record(run, dataset, cache=roots.cache)) as steps:
        for step in steps:
            if time.monotonic() - told >= EVENT_SECONDS:
                told = time.monotonic()
                yield SetProgress(what, step.iteration / config.iterations, run.id)
    return RunFolder(run.path)


def title_of(config: CondenseConfig, dataset: DataSet) -> str:
    """What a condensation of a table is called among the runs."""
    return condensed_title(config, dataset.title)


def _selected(
    recipe: Recipe, dataset: DataSet, roots: Roots, plan: Plan
) -> Generator[SetProgress, None, RunFolder]:
    found = _find_selected(recipe, digest(dataset), roots.runs)
    if found is not None:
        return found
    assert recipe.training is not None
    source = CoresetSource(recipe.training, roots.cache)
    named = recipe.method.replace("_", " ")
    for event in prepare(recipe.method, dataset, max(recipe.sizes), source, plan):
        yield SetProgress(
            f"training a network on all real images, seed {recipe.training.seed}", event.fraction
        )
    coresets = []
    for place, size in enumerate(recipe.sizes):
        yield SetProgress(
            f"choosing {size} per class by {named}, seed {recipe.seed}", place / len(recipe.sizes)
        )
        coresets.append(select(recipe.method, dataset, size, recipe.seed, source))
    sizes = ", ".join(map(str, recipe.sizes))
    title = f"{dataset.title}, {named}, {sizes} per class, seed {recipe.seed}"
    return create_selected_run(roots.runs, dataset, coresets, title)


def _find_selected(recipe: Recipe, data_digest: str, root: Path) -> RunFolder | None:
    for run in intact_runs(root, "select", data_digest):
        chosen = {one.images_per_class: one.selection for one in run.sets}
        if set(recipe.sizes) <= chosen.keys() and all(
            one is not None
            and (one.method, one.seed) == (recipe.method, recipe.seed)
            and one.training in (None, recipe.training)
            and (one.training is not None) == bool(one.source)
            for one in (chosen[size] for size in recipe.sizes)
        ):
            return run
    return None
