"""Accuracy matrix of table 3 as values and texts: numbers, activity, failures and published values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dmcore.config.formatting import counted, mean_text, sentence, signed
from dmcore.experiments.published.cells import Published, differences, published_for
from dmcore.experiments.report.comparisons import RowComparison, corrected
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results, networks_needed

TEACHES = {
    "holds": "teach {} more",
    "seems to hold": "seem to teach {} more",
    "reversed": "teach {} less",
    "seems reversed": "seem to teach {} less",
}
"""What images teach an architecture, by the outcome of their comparison with its own."""


@dataclass(frozen=True)
class MatrixCell:
    """Cell of the matrix: architecture the images were learned on, architecture that is tested."""

    results: Results
    row: str
    column: str
    step: str = ""
    """Activity for it at present, in two or three words; empty where there is none."""
    training: bool = False
    """Whether a network is being trained for it; else its row's images are being created."""

    @cached_property
    def entry(self) -> TableEntry | None:
        """Result so far."""
        return entry_of(self.results, self.row, self.column)

    @property
    def diagonal(self) -> bool:
        """Whether it is tested on what it was learned on."""
        return self.row == self.column

    @property
    def has_own(self) -> bool:
        """Whether its tested architecture learns images of its own: whether it is a row, too."""
        return self.column in self.results.table.rows

    @cached_property
    def difference(self) -> float | None:
        """Points above the images that the tested architecture learned itself; None while one is missing."""
        own = entry_of(self.results, self.column, self.column)
        return None if self.entry is None or own is None else self.entry.mean - own.mean

    @cached_property
    def comparison(self) -> RowComparison | None:
        """Verdict on `difference`, alone; None on the diagonal and where one of the two is missing."""
        own = entry_of(self.results, self.column, self.column)
        if self.diagonal or self.entry is None or own is None:
            return None
        return RowComparison(self.entry, own)

    @property
    def failure(self) -> str:
        """Why it has no number, or no more of them."""
        return next((item.failure for item in self.results.at(self.row, self.column) if item.failure), "")

    @cached_property
    def published(self) -> Published | None:
        """Published value, of this experiment or one that differs."""
        return published_for(self.results.table, self.row, self.column)

    @cached_property
    def differences(self) -> tuple[str, ...]:
        """In what the published experiment differs from this one."""
        return differences(self.results.table, self.row, self.column) if self.published is not None else ()

    @property
    def counts(self) -> str:
        """'5 × 20': sets × networks trained on each; with all networks where sets have different numbers."""
        if self.entry is None:
            return ""
        each = self.entry.networks_per_set
        return f"{self.entry.sets}: {self.entry.networks}" if each is None else f"{self.entry.sets} × {each}"

    @property
    def counts_text(self) -> str:
        """'2 sets of images, 4 networks in all, 2 to come'."""
        if self.entry is None:
            return ""
        table = self.results.table
        needed = sum(networks_needed(table.cells[index]) for index in table.at(self.row, self.column))
        missing = needed - self.entry.networks
        more = f", {missing} to come" if missing > 0 and not self.failure else ""
        networks = counted(self.entry.networks, "network")
        return f"{counted(self.entry.sets, 'set')} of images, {networks} in all{more}"


def matrix_cells(
    results: Results, steps: Mapping[tuple[str, str], str], training: bool
) -> list[list[MatrixCell]]:
    """Cells of a table, [row][column].

    Args:
        results: of the table.
        steps: activity at present for those that are computed, by row and column.
        training: whether these are networks in training; else images are being created.
    """
    return [
        [
            MatrixCell(results, row, column, step, training and bool(step))
            for column in results.table.columns
            for step in (steps.get((row, column), ""),)
        ]
        for row in results.table.rows
    ]


def cell_lines(cell: MatrixCell) -> list[str]:
    """Hover text of a cell, a line each."""
    lines = [f"learned on {cell.row}, tested on {cell.column}"]
    entry = cell.entry
    if entry is not None:
        lines.append(f"{entry.mean_text} % of the test images")
        lines.append(cell.counts_text)
        if entry.sets > 1:
            means = ", ".join(f"{mean:.1f}" for mean in entry.set_means)
            lines.append(f"mean of each set: {means}")
        if cell.difference is not None and cell.comparison is not None:
            lines.append(f"{signed(cell.difference)} points against {cell.column}'s own images")
            lines += [f"not resolved: {cell.comparison.missing}"] if cell.comparison.missing else []
    if cell.failure:
        lines.append(sentence(cell.failure))
    if cell.step:
        lines.append(
            f"running: {cell.step}" if cell.training else f"its images are being created: {cell.step}"
        )
    elif entry is None and not cell.failure:
        lines.append("not computed yet")
    lines += published_lines(cell)
    return lines


def published_lines(cell: MatrixCell) -> list[str]:
    """Published value: in one line where it is the same experiment, else with what is different."""
    published = cell.published
    if published is None:
        return []
    number = mean_text(published.value, published.std)
    if not cell.differences:
        return [f"{published.source}: {number}, the same experiment"]
    return [
        f"published: {number} ({published.source})",
        f"differs in {'; '.join(cell.differences)}",
    ]


def own_comparisons(cells: Sequence[Sequence[MatrixCell]]) -> tuple[RowComparison, ...]:
    """Verdict on each cell against the images that its tested architecture learned itself, Holm-corrected."""
    comparisons = (cell.comparison for row in cells for cell in row)
    return corrected([comparison for comparison in comparisons if comparison is not None])


def matrix_summary(cells: Sequence[Sequence[MatrixCell]]) -> str:
    """What the matrix so far resolves, or that it resolves nothing, in a sentence or two."""
    comparisons = own_comparisons(cells)
    if not comparisons:
        return (
            "Images learned with one architecture are useful only if others learn from them too: each row "
            "is learned on one architecture; its cells say how well others do that see nothing else."
        )
    tested = [each for each in comparisons if not each.missing]
    if not tested:
        single = all(each.ours.sets == each.theirs.sets == 1 for each in comparisons)
        return (
            f"{'One set each: too' if single else 'Too'} few to say whether any images teach another "
            "architecture more or less than the images that it learned itself "
            f"({comparisons[0].missing})."
        )
    clauses = [_difference_text(each) for each in tested if each.outcome in TEACHES]
    unresolved = sum(each.outcome not in TEACHES for each in tested)
    if unresolved:
        clauses.append(f"{unresolved} of {counted(len(tested), 'difference')} may be chance")
    if few := len(comparisons) - len(tested):
        clauses.append(f"{few} cannot be told, with too few sets")
    return f"Against the images that an architecture learned itself: {'; '.join(clauses)}."


def _difference_text(comparison: RowComparison) -> str:
    """'ConvNet's images teach AlexNet more (+2.4 points)'."""
    ours = comparison.ours
    teaches = TEACHES[comparison.outcome].format(ours.column)
    return f"{ours.row}'s images {teaches} ({signed(comparison.difference)} points)"


def matrix_alt_text(cells: Sequence[Sequence[MatrixCell]]) -> str:
    """Alternative text of the matrix."""
    numbers = [
        f"{cell.row} on {cell.column} {cell.entry.mean:.1f}"
        for row in cells
        for cell in row
        if cell.entry is not None
    ]
    count = sum(len(row) for row in cells)
    listed = f": {', '.join(numbers)}" if numbers else ""
    return f"Matrix of test accuracies in percent, {len(numbers)} of {count} cells computed{listed}."
