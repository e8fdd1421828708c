"""Notes on a table: its size, published numbers next to ours, reasons of missing cells, sets that are one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmcore.config import METHODS
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, counted, grouped, mean_text, sentence
from dmcore.experiments.presets import per_class
from dmcore.experiments.published.cells import (
    Published,
    PublishedGroup,
    published_groups,
    published_on_other_data,
)
from dmcore.experiments.report.entries import compared_entries
from dmcore.experiments.results import Results, failures_by_reason
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.table4 import PIXEL_NOTE

NEAREST_TO_MEAN = {NAMES["herding"], NAMES["k_center"], NAMES["k_means"]}
"""Rows that choose, of one image per class, the one nearest to the class mean."""


@dataclass(frozen=True)
class PublishedMarker:
    """Published accuracy of the same experiment, drawn next to ours."""

    row: str
    column: str
    value: float
    """Percent."""
    source: str

    @property
    def text(self) -> str:
        """Its source, row and column, and the value."""
        return f"{self.source}: {self.row}, {self.column}\n{self.value:.1f} %"


def published_markers(table: Table) -> list[PublishedMarker]:
    """Published numbers of exactly these experiments."""
    return [
        PublishedMarker(row, column, published.value, published.source)
        for group in published_groups(table)
        if not group.differences
        for row, columns in group.numbers.items()
        for column, published in columns.items()
    ]


def undrawn_note(group: PublishedGroup) -> str:
    """Note on published numbers that are of other experiments: the numbers, and in what ours differ."""
    numbers = "; ".join(f"{row} {_listed(columns)}" for row, columns in group.numbers.items())
    differences = "; ".join(group.differences)
    return f"{capitalised(group.source)}: {numbers}. Not drawn, for ours differs in: {differences}."


def published_notes(table: Table) -> list[str]:
    """Sources of the published numbers and differences of ours: a sentence for each group of equal ones."""
    notes, groups = [], published_groups(table)
    columns_of = {row: sum(len(group.numbers.get(row, ())) for group in groups) for row in table.rows}
    for group in groups:
        names = ", ".join(
            row if len(columns) == columns_of[row] else f"{row} ({', '.join(columns)})"
            for row, columns in group.numbers.items()
        )
        differing = "; ".join(group.differences)
        comparison = f"ours differs in: {differing}" if differing else "ours is the same experiment"
        notes.append(f"{names}: {group.source}; {comparison}.")
    condensed = [cell.recipe.dm_config for cell in table.cells if cell.recipe.dm_config is not None]
    pixels = [PIXEL_NOTE] if any(config.source == "pixels" for config in condensed) else []
    return [*notes, *pixels, *([other] if (other := published_on_other_data(table)) else [])]


def failure_notes(results: Results) -> list[str]:
    """Reasons why cells have no number: each reason once, with its rows and columns."""
    every = results.table.columns
    return [
        f"{'; '.join(_where(row, columns, every) for row, columns in rows.items())}: {sentence(reason)}"
        for reason, rows in failures_by_reason(results).items()
    ]


def identical_set_notes(results: Results, column: str) -> list[str]:
    """Notes on rows whose seeds all gave the same images: these are one set."""
    notes = []
    for entry in compared_entries(results):
        tested = [result for result in results.at(entry.row, column) if result.network_results]
        if entry.column == column and len(tested) > entry.sets:
            seeds = counted(len(tested), "seed")
            notes.append(
                f"{entry.row} gives the same images for {seeds}: nothing is drawn, so it is one set."
            )
    return notes


def same_images_text(results: Results, row: str) -> str:
    """'1 per class: the same images as k-center'; empty where no other row has the same.

    Of one image per class herding, k-center and k-means all choose the image nearest to the class mean.
    """
    same: dict[str, list[str]] = {}
    for ours in compared_entries(results):
        if ours.row == row and ours.digests:
            for theirs in compared_entries(results):
                if theirs.column == ours.column and theirs.row != row and theirs.digests == ours.digests:
                    same.setdefault(ours.column, []).append(theirs.row)
    texts = []
    for column, rows in same.items():
        nearest = column == per_class(1) and {row, *rows} <= NEAREST_TO_MEAN
        why = ", the one nearest to the class mean" if nearest else ""
        texts.append(f"{column}: the same images as {' and '.join(rows)}{why}")
    return "; ".join(texts)


def table_size_text(table: Table) -> str:
    """Size of a table: '66 networks in all, 3 on each of 22 sets of images, trained for 200 epochs'.

    '64 networks in all on 22 sets of images' where the sets have different numbers of them. Where it has the
    whole set, also '; all real images: 3 networks, 60 epochs'. What cells share counts once; 'at most' where
    several methods choose real images, which may be the same.
    """
    cells = [cell for cell in table.cells if cell.recipe.method != "whole"]
    networks: dict[object, set[object]] = {}
    for cell in cells:
        networks.setdefault(cell.set_key, set()).update((cell.network, at) for at in range(cell.repeats))
    each = {len(trained) for trained in networks.values()}
    selections = {cell.recipe.method for cell in cells} - {*METHODS, "run", "mean_image", "random"}
    text = (
        f"{'at most ' * (len(selections) > 1)}{counted(sum(map(len, networks.values())), 'network')} in all"
        f"{f', {grouped(each.pop())} on each of' if len(each) == 1 else ' on'} "
        f"{counted(len(networks), 'set')} of images, trained for {grouped(table.protocol.epochs)} epochs"
        f"{' without augmentation' * (table.protocol.augment == ())}"
    )
    whole = [cell for cell in table.cells if cell.recipe.method == "whole"]
    epochs = whole_set_epochs(table)
    return f"{text}; all real images: {counted(_networks(whole), 'network')}, {epochs}" if epochs else text


def whole_set_epochs(table: Table) -> str:
    """'60 epochs': training of the networks on all real images; empty for a table without them."""
    trainings = [cell.recipe.training for cell in table.cells if cell.recipe.method == "whole"]
    epochs = dict.fromkeys(grouped(training.epochs) for training in trainings if training is not None)
    return f"{' and '.join(epochs)} epochs" if epochs else ""


def _networks(cells: Sequence[Cell]) -> int:
    """Number of different networks that cells test."""
    return len({(cell.set_key, cell.network, repeat) for cell in cells for repeat in range(cell.repeats)})


def _listed(columns: Mapping[str, Published]) -> str:
    """List numbers, each with its column; a single number where all are the same."""
    texts = {
        column: mean_text(published.value, published.std).replace(" ", NO_BREAK_SPACE)
        for column, published in columns.items()
    }
    if len(texts) > 1 and len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{text} ({column})" for column, text in texts.items())


def _where(row: str, columns: Sequence[str], every: Sequence[str]) -> str:
    return row if len(columns) == len(every) else f"{row} on {', '.join(columns)}"
