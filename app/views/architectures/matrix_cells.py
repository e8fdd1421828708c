"""Cells of the accuracy matrix as values and text: number, activity, failure, published value."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.tables.state import TableState
from dmcore.config.formatting import NO_BREAK_SPACE, counted, sentence
from dmcore.experiments.published import Published, differences, published_for
from dmcore.experiments.results import Results, TableEntry, entry_of, networks_needed

NO_DIAGONAL = "its row has no diagonal"


@dataclass(frozen=True)
class MatrixCell:
    """Cell of the matrix: architecture the images were learned on, architecture that is tested."""

    row: str
    column: str
    entry: TableEntry | None
    """Result so far."""
    drop: float | None
    """Points above its row's diagonal; None while one of the two is missing."""
    has_diagonal: bool
    """Whether its row's architecture is one of the columns."""
    requested_networks: int
    failure: str = ""
    """Why it has no number, or no more of them."""
    step: str = ""
    """Activity for it at present, in two or three words; empty where there is none."""
    training: bool = False
    """Whether a network is being trained for it; else its row's images are being created."""
    published: Published | None = None
    differences: tuple[str, ...] = ()
    """In what the published experiment differs from this one."""

    @property
    def diagonal(self) -> bool:
        """Whether it is tested on what it was learned on."""
        return self.row == self.column

    @property
    def counts(self) -> str:
        """'5 × 20': sets × networks trained on each; with all networks where sets have different numbers."""
        if self.entry is None:
            return ""
        each, rest = divmod(self.entry.networks, self.entry.sets)
        return f"{self.entry.sets} × {each}" if not rest else f"{self.entry.sets}: {self.entry.networks}"


def matrix_cells(state: TableState) -> list[list[MatrixCell]]:
    """Cells of a table, [row][column]."""
    results, table = state.results, state.table
    steps = _steps(state)
    rows = []
    for row in table.rows:
        own = entry_of(results, row, row) if row in table.columns else None
        rows.append([_cell(results, row, column, own, steps) for column in table.columns])
    return rows


def _cell(
    results: Results, row: str, column: str, own: TableEntry | None, steps: dict[int, tuple[str, bool]]
) -> MatrixCell:
    table = results.table
    indices, entry = table.at(row, column), entry_of(results, row, column)
    step, training = next((steps[index] for index in indices if index in steps), ("", False))
    published = published_for(table, row, column)
    return MatrixCell(
        row,
        column,
        entry,
        drop=None if entry is None or own is None else entry.mean - own.mean,
        has_diagonal=row in table.columns,
        requested_networks=sum(networks_needed(table.cells[index]) for index in indices),
        failure=next((result.failure for result in results.at(row, column) if result.failure), ""),
        step=step,
        training=training,
        published=published,
        differences=differences(table, row, column) if published is not None else (),
    )


def _steps(state: TableState) -> dict[int, tuple[str, bool]]:
    """Activity by index of the cell, and whether that is training a network."""
    progress = state.progress
    if progress is None:
        return {}
    if progress.cell is not None:
        return {progress.cell: (progress.label, True)}
    return dict.fromkeys(progress.pending_cells, (progress.label, False))


def cell_lines(cell: MatrixCell) -> list[str]:
    """Hover text of a cell, a line each."""
    lines = [f"learned on {cell.row}, tested on {cell.column}"]
    entry = cell.entry
    if entry is not None:
        spread = f" ± {entry.std:.1f}" if entry.networks > 1 else ""
        lines.append(f"{entry.mean:.1f}{spread} % of the test images")
        lines.append(_counted(cell, entry))
        if entry.sets > 1:
            means = ", ".join(f"{mean:.1f}" for mean in entry.set_means)
            lines.append(f"mean of each set: {means}")
        if cell.drop is not None and not cell.diagonal:
            lines.append(f"{signed(cell.drop)} points against {cell.row} itself")
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
    spread = f" ± {published.std:.1f}" if published.std is not None else ""
    if not cell.differences:
        return [f"{published.source}: {published.value:.1f}{spread}, the same experiment"]
    return [
        f"published: {published.value:.1f}{spread} ({published.source})",
        f"differs in {'; '.join(cell.differences)}",
    ]


def signed(number: float) -> str:
    """'+1.2' or '−3.4': a real minus sign; what rounds to nothing has none."""
    text = f"{abs(number):.1f}"
    return text if text == "0.0" else f"{'+' if number > 0 else '−'}{text}"


def matrix_summary(state: TableState) -> str:
    """Summary of the matrix so far, in a sentence or two."""
    cells = matrix_cells(state)
    row_means = {
        row[0].row: _mean([cell.entry.mean for cell in row if cell.entry]) for row in cells if _full(row)
    }
    if not row_means:
        return (
            "Images learned with one architecture are useful only if others learn from them too: each row "
            "is learned on one architecture; its cells say how well others do that see nothing else."
        )
    best = max(row_means, key=lambda row: row_means[row])
    of = f", the most of {len(row_means)} rows" if len(row_means) > 1 else ""
    reach = f"{row_means[best]:.1f}{NO_BREAK_SPACE}%"
    text = f"Networks trained on {best}'s images reach {reach} on average over the columns{of}."
    elsewhere = [
        f"{row[0].row}'s images {'lose' if mean < 0 else 'gain'} {abs(mean):.1f} points"
        for row in cells
        if (drops := [cell.drop for cell in row if cell.drop is not None and not cell.diagonal])
        for mean in (_mean(drops),)
    ]
    if not elsewhere:
        return text
    return f"{text} On architectures that did not learn them, {', '.join(elsewhere)} on average."


def matrix_alt_text(state: TableState, cells: Sequence[Sequence[MatrixCell]]) -> str:
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


def _counted(cell: MatrixCell, entry: TableEntry) -> str:
    missing = cell.requested_networks - entry.networks
    more = f", {missing} to come" if missing > 0 and not cell.failure else ""
    return f"{counted(entry.sets, 'set')} of images, {counted(entry.networks, 'network')} in all{more}"


def _full(row: Sequence[MatrixCell]) -> bool:
    return all(cell.entry is not None for cell in row)


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
