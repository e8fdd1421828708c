"""From a recipe to the images of an independent set: found among the runs, or made as an ordinary run.

A condensation that was broken off goes on where it stopped; a whole-set network comes from its cache.
"""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dmcore.cells import JudgedSet
from dmcore.config import CondenseConfig
from dmcore.coresets import Source, prepare, select
from dmcore.data import DataSet
from dmcore.experiments.table import Recipe
from dmcore.plan import make_plan
from dmcore.runs import RunFolder, create_run, create_selected_run, list_runs, open_run, record
from dmcore.runs.creation import digest
from dmcore.runs.description import Status
from dmcore.runs.evaluation import condensed_for

EVENT_SECONDS = 0.2
"""Between two events of a condensation."""


@dataclass(frozen=True)
class Doing:
    """What is being done, and which share of it is done."""

    what: str
    done: float = 0.0
    run: str = ""
    """Id of the run that is being condensed."""


@dataclass(frozen=True)
class Roots:
    """Where runs and trained networks are kept."""

    runs: Path
    cache: Path


@dataclass(frozen=True)
class Made:
    """A set of images that stands in a run."""

    judged: JudgedSet
    run: RunFolder
    set: str
    iteration: int
    said: str
    """What the images are, in a sentence."""


def made(
    recipe: Recipe, dataset: DataSet, roots: Roots, device: str = "auto"
) -> Generator[Doing, None, dict[int, Made]]:
    """All sets that are made together, by their images per class.

    Raises:
        ValueError: what cannot be made, with the remedy.
        StorageError: the disk is full or refuses.
    """
    if recipe.method == "run":
        run = open_run(recipe.run, roots.runs)
        return {recipe.images_per_class: _set_of(run, recipe.set, dataset, recipe.iteration)}
    if recipe.method == "dm":
        assert recipe.condense is not None
        run = yield from _condensed(recipe.condense, dataset, roots.runs, device)
    else:
        run = yield from _selected(recipe, dataset, roots)
    by_size = {one.images_per_class: one.name for one in run.sets}
    return {size: _set_of(run, by_size[size], dataset, None) for size in recipe.sizes}


def find_condensed(config: CondenseConfig, data_digest: str, root: Path) -> RunFolder | None:
    """The run that condensed just this, the one that got furthest; None where there is none."""
    same = [
        one
        for one in list_runs(root)
        if one.description.origin == "condense"
        and one.config == config
        and one.description.data.digest == data_digest
    ]
    return max(same, key=lambda one: one.iteration(), default=None)


def _set_of(run: RunFolder, name: str, dataset: DataSet, iteration: int | None) -> Made:
    condensed = condensed_for(dataset, run, name or None, iteration)
    judged = JudgedSet(condensed.images, condensed.label, condensed.statistics)
    notes = run.description.notes
    selection = next((one.selection for one in run.sets if one.name == condensed.name), None)
    said = notes[0] if selection is not None and notes else run.description.title
    return Made(judged, run, condensed.name, condensed.iteration, said)


def _condensed(
    config: CondenseConfig, dataset: DataSet, root: Path, device: str
) -> Generator[Doing, None, RunFolder]:
    run = find_condensed(config, digest(dataset), root)
    if run is None:
        plan = make_plan(config, dataset.shape, len(dataset.class_names), device)
        run = create_run(root, config, dataset, plan, title_of(config, dataset))
    elif run.status() in (Status.RUNNING, Status.PAUSED):
        raise ValueError(f"run {run.id} is at work elsewhere: wait until it is done, then go on")
    what = f"condensing with {config.network}, seed {config.seed}"
    told = time.monotonic()
    with closing(record(run, dataset)) as steps:
        for step in steps:
            if time.monotonic() - told >= EVENT_SECONDS:
                told = time.monotonic()
                yield Doing(what, step.iteration / config.iterations, run.id)
    return RunFolder(run.path)


def title_of(config: CondenseConfig, dataset: DataSet) -> str:
    """What a condensation of a table is called among the runs."""
    sizes = ", ".join(str(one.images_per_class) for one in config.all_sets())
    norm = f", {config.norm} norm" if config.norm is not None else ""
    return f"{dataset.title}, DM with {config.network}{norm}, {sizes} per class, seed {config.seed}"


def _selected(recipe: Recipe, dataset: DataSet, roots: Roots) -> Generator[Doing, None, RunFolder]:
    found = _find_selected(recipe, digest(dataset), roots.runs)
    if found is not None:
        return found
    assert recipe.training is not None
    source = Source(recipe.training, roots.cache)
    named = recipe.method.replace("_", " ")
    for event in prepare(recipe.method, dataset, max(recipe.sizes), source):
        yield Doing(f"training a network on all real images, seed {recipe.training.seed}", event.fraction)
    coresets = []
    for place, size in enumerate(recipe.sizes):
        yield Doing(f"choosing {size} per class by {named}, seed {recipe.seed}", place / len(recipe.sizes))
        coresets.append(select(recipe.method, dataset, size, recipe.seed, source))
    sizes = ", ".join(map(str, recipe.sizes))
    title = f"{dataset.title}, {named}, {sizes} per class, seed {recipe.seed}"
    return create_selected_run(roots.runs, dataset, coresets, title)


def _find_selected(recipe: Recipe, data_digest: str, root: Path) -> RunFolder | None:
    for run in list_runs(root):
        if run.description.origin != "select" or run.description.data.digest != data_digest:
            continue
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
