"""Images of a recipe: loaded from a matching run on disk, else created by an ordinary run.

An interrupted condensation is resumed; the network that a selection needs comes from its cache.
"""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dmcore.condensation import make_plan
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.coresets import CoresetSource, prepare, select
from dmcore.data.images import DataSet
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.experiments.matching_runs import find_condensed, intact_runs
from dmcore.experiments.presets import condensed_title
from dmcore.experiments.table import Recipe
from dmcore.runs.creation import create_run
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
    """Event: progress of creating the sets of a recipe."""

    step: str
    """Sentence on the current step."""
    done: float = 0.0
    """Share of the step that is done, 0 to 1."""
    run: str = ""
    """Id of the run that is being condensed."""
    cells: tuple[int, ...] = ()
    """Indices of the table's cells that use the sets, when a table is run."""


@dataclass(frozen=True)
class Roots:
    """Folders of runs and of the cache of trained networks."""

    runs: Path
    cache: Path


@dataclass(frozen=True)
class PreparedSet:
    """Images of one set of a run, ready to train classifiers on."""

    images: TrainingSet
    run: RunFolder
    set: str
    iteration: int
    description: str
    """Sentence on what the images are."""


def prepare_sets(
    recipe: Recipe, dataset: DataSet, roots: Roots, device: str = "auto", threads: int | None = None
) -> Generator[SetProgress, None, dict[int, PreparedSet]]:
    """Load or create all sets of a recipe, by their images per class.

    Args:
        recipe: of one of the sets.
        dataset: what is condensed or selected from.
        roots: folders of runs and trained networks.
        device: `auto`, or a device as torch names it.
        threads: processor cores to use; if None, all that this process may use.

    Raises:
        ValueError: a set that cannot be created, with the remedy.
        StorageError: the disk is full or refuses.
    """
    if recipe.method == "run":
        run = open_run(recipe.run, roots.runs)
        return {recipe.images_per_class: _set_of(run, recipe.set, dataset, recipe.iteration)}
    if recipe.condense is not None:
        run = yield from _condensed(recipe.condense, dataset, roots, device, threads)
    else:
        run = yield from _selected(recipe, dataset, roots, evaluation_plan(device, threads))
    by_size = {description.images_per_class: description.name for description in run.sets}
    return {size: _set_of(run, by_size[size], dataset, None) for size in recipe.sizes}


def _set_of(run: RunFolder, name: str, dataset: DataSet, iteration: int | None) -> PreparedSet:
    condensed = condensed_for(dataset, run, name or None, iteration)
    images = TrainingSet(condensed.images, condensed.label, condensed.statistics)
    return PreparedSet(images, run, condensed.name, condensed.iteration, _description(run, condensed.name))


def _description(run: RunFolder, name: str) -> str:
    """The sets of a selection share its first note, except that class means are not cluster means."""
    chosen = run.set_named(name)
    if chosen.selection is None or not run.description.notes:
        return run.description.title
    of_clusters = chosen.selection.method == "mean_image" and chosen.images_per_class > 1
    matching = (note for note in run.description.notes if not of_clusters or "clusters" in note)
    return next(matching, run.description.notes[0])


def _condensed(
    config: MethodConfig, dataset: DataSet, roots: Roots, device: str, threads: int | None
) -> Generator[SetProgress, None, RunFolder]:
    run = find_condensed(
        config, dataset.train_digest, roots.runs, lambda run: pool_matches(run, dataset, roots.cache)
    )
    if run is None:
        plan = make_plan(config, dataset.shape, len(dataset.class_names), device, threads)
        if isinstance(config, CondenseConfig):  # raises for a missing pool before a run is created
            embedding_networks(config, dataset, plan, roots.cache)
        run = create_run(roots.runs, config, dataset, plan, title_of(config, dataset), made_for="table")
    elif run.status() in (Status.RUNNING, Status.PAUSED):
        raise ValueError(f"run {run.id} is being computed elsewhere: wait until it is done, then try again")
    what = f"condensing by {config.method.upper()} with {config.network}, seed {config.seed}"
    last_event = time.monotonic()
    with closing(record(run, dataset, cache=roots.cache)) as steps:
        for step in steps:
            if time.monotonic() - last_event >= EVENT_SECONDS:
                last_event = time.monotonic()
                yield SetProgress(what, step.iteration / config.iterations, run.id)
    return RunFolder(run.path)


def title_of(config: MethodConfig, dataset: DataSet) -> str:
    """Title of a table's condensation in the list of runs."""
    return condensed_title(config, dataset.title)


def _selected(
    recipe: Recipe, dataset: DataSet, roots: Roots, plan: Plan
) -> Generator[SetProgress, None, RunFolder]:
    selected = _find_selected(recipe, dataset.train_digest, roots.runs)
    if selected is not None:
        return selected
    assert recipe.training is not None
    source = CoresetSource(recipe.training, roots.cache)
    method_text = recipe.method.replace("_", " ")
    for event in prepare(recipe.method, dataset, max(recipe.sizes), source, plan):
        yield SetProgress(
            f"training a network on all real images, seed {recipe.training.seed}", event.fraction
        )
    coresets = []
    for count, size in enumerate(recipe.sizes):
        yield SetProgress(
            f"choosing {size} per class by {method_text}, seed {recipe.seed}", count / len(recipe.sizes)
        )
        coresets.append(select(recipe.method, dataset, size, recipe.seed, source))
    sizes = ", ".join(map(str, recipe.sizes))
    title = f"{dataset.title}, {method_text}, {sizes} per class, seed {recipe.seed}"
    return create_selected_run(roots.runs, dataset, coresets, title, made_for="table")


def _find_selected(recipe: Recipe, data_digest: str, root: Path) -> RunFolder | None:
    for run in intact_runs(root, "select", data_digest):
        selections = {description.images_per_class: description.selection for description in run.sets}
        if set(recipe.sizes) <= selections.keys() and all(
            selection is not None
            and (selection.method, selection.seed) == (recipe.method, recipe.seed)
            and selection.training in (None, recipe.training)
            and (selection.training is not None) == bool(selection.source)
            for selection in (selections[size] for size in recipe.sizes)
        ):
            return run
    return None
