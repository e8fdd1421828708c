"""What augmentation buys: recorded sets learned without it against those of table 1, tested alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.method_accuracies import MethodAccuracy, learned_alike, recorded_table1
from app.data.stored_results import evaluation_results
from dmcore.config import CondenseConfig
from dmcore.config.formatting import NO_BREAK_SPACE
from dmcore.config.protocols import without_repeats
from dmcore.experiments.gallery.recorded import RecordedEntry, recorded_entries
from dmcore.experiments.presets import per_class
from dmcore.experiments.published.numbers import DATA_TITLES, SIZES, TABLE1, numbers_of
from dmcore.experiments.report.comparisons import RowComparison
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.table1 import NAMES
from dmcore.runs.description import StoredResult
from dmcore.runs.display import DisplayImages, images_at
from dmcore.runs.runs_root import open_run

DATASET, IMAGES_PER_CLASS = "fashion", 1
PUBLISHED_DATA, PUBLISHED_SIZE = "cifar10", 10
WITH, WITHOUT = "With augmentation", "Without"


@dataclass(frozen=True)
class AugmentationGain:
    """Accuracies of networks trained on sets that were learned with and without augmentation."""

    comparison: RowComparison
    entries: tuple[RecordedEntry, ...]
    """What was recorded: the table with augmentation, then the runs without."""
    images: tuple[DisplayImages, DisplayImages]
    """Images of the first set of each side, uint8 [class, image, channel, height, width]."""

    @property
    def sentence(self) -> str:
        """What it comes to, in plain words."""
        outcome = self.comparison.verdict.outcome
        if outcome == "holds":
            return "Networks learn more from images that were learned with augmentation."
        if outcome == "reversed":
            return "Here networks learn less from images that were learned with augmentation."
        return (
            "With one image per class these sets show no difference: if it buys anything here, it is little. "
            f"{published_gain()}"
        )

    @property
    def accuracies(self) -> tuple[MethodAccuracy, MethodAccuracy]:
        """With augmentation, and without."""
        with_it, without = self.comparison.ours, self.comparison.theirs
        return MethodAccuracy.of_entry("condensed", with_it), MethodAccuracy.of_entry("condensed", without)


def published_gain() -> str:
    """Why one does it then: what it bought an earlier method on harder data."""
    at = SIZES.index(PUBLISHED_SIZE)
    lines = TABLE1[PUBLISHED_DATA]
    without, with_it = (numbers_of(lines[method])[at] for method in ("dc", "dsa"))
    assert without is not None
    assert with_it is not None
    return (
        f"Why do it then? With more images, and harder ones, it bought much: on "
        f"{DATA_TITLES[PUBLISHED_DATA]} with {PUBLISHED_SIZE} per class an earlier method went from "
        f"{without.value:g} % right (DC) to {with_it.value:g} % with augmentation (DSA), as published."
    ).replace(" %", f"{NO_BREAK_SPACE}%")


def recorded_gain() -> AugmentationGain | None:
    """What was recorded of both sides; None where a side is missing.

    Raises:
        ValueError: images of a set are damaged.
    """
    table = recorded_table1(DATASET)
    if table is None or table.results is None:
        return None
    results = table.results
    with_it = entry_of(results, NAMES["dm"], per_class(IMAGES_PER_CLASS))
    if with_it is None:
        return None
    place = results.table.at(NAMES["dm"], per_class(IMAGES_PER_CLASS))[0]
    condense = results.table.cells[place].recipe.dm_config
    assert condense is not None
    protocol = without_repeats(results.table.protocol)
    found = []
    for entry in recorded_entries():
        tested = _tested_without(entry, condense)
        if tested is not None and without_repeats(tested.protocol) == protocol:
            found.append((entry, tested))
    if not found:
        return None
    by_set = tuple(tested.accuracies for _, tested in found)
    comparison = RowComparison(
        TableEntry(WITH, with_it.column, with_it.by_set), TableEntry(WITHOUT, with_it.column, by_set)
    )
    first = results.at(NAMES["dm"], per_class(IMAGES_PER_CLASS))[0]
    entry, tested = found[0]
    assert entry.run is not None
    images = (
        images_at(open_run(first.run, table.root), first.set, first.iteration),
        images_at(entry.run, tested.set, tested.iteration),
    )
    return AugmentationGain(comparison, (table, *(entry for entry, _ in found)), images)


def _tested_without(entry: RecordedEntry, condense: CondenseConfig) -> StoredResult | None:
    """Evaluation of a run that differs from a configuration in augmentation alone; None for any other."""
    run = entry.run
    if run is None or not isinstance(run.config, CondenseConfig) or run.config.augment != ():
        return None
    sizes = {each.images_per_class for each in run.sets}
    alike = all(learned_alike(run, each.name, condense, ignoring=["augment"]) for each in run.sets)
    if sizes != {IMAGES_PER_CLASS} or not alike:
        return None
    return _last_of_condensed(evaluation_results(run), condense)


def _last_of_condensed(results: Sequence[StoredResult], condense: CondenseConfig) -> StoredResult | None:
    of_end = [
        result
        for result in results
        if result.kind == "condensed"
        and result.iteration == condense.iterations
        and result.network == condense.network
    ]
    return of_end[-1] if of_end else None
