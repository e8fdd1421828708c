"""What stands in each cell of a matrix: a number, what is being done for it, or why there is none.

Values in words, for the figure, its hover texts and who does not see it. Must not draw nor import torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.tables.state import TableState
from dmcore.config.formatting import NO_BREAK_SPACE, sentence
from dmcore.experiments.published import Published, differences, published_for
from dmcore.experiments.results import Entry, Results, entry_of, networks_needed

NO_DIAGONAL = "its row has no diagonal"


@dataclass(frozen=True)
class MatrixCell:
    """One cell."""

    row: str
    column: str
    entry: Entry | None
    """What is there so far."""
    drop: float | None
    """Points above its row's diagonal; None while one of the two is lacking."""
    has_diagonal: bool
    """Whether its row's architecture stands among the columns."""
    wanted_sets: int
    wanted_networks: int
    failure: str = ""
    """Why it has no number, or no more of them."""
    step: str = ""
    """What is being done for it at this moment, in two or three words."""
    training: bool = False
    """Whether a network is being trained for it; else its row's images are being made."""
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
    """Every cell, by row and column."""
    results, table = state.results, state.table
    steps = _steps(state)
    rows = []
    for row in table.rows:
        own = entry_of(results, row, row) if row in table.columns else None
        rows.append([_cell(results, row, column, own, steps) for column in table.columns])
    return rows


def _cell(
    results: Results, row: str, column: str, own: Entry | None, steps: dict[int, tuple[str, bool]]
) -> MatrixCell:
    table = results.table
    places, entry = table.at(row, column), entry_of(results, row, column)
    reasons = [one.failure for index in places if (one := results.cell_results.get(index)) and one.failure]
    step, training = next((steps[index] for index in places if index in steps), ("", False))
    published = published_for(table, row, column)
    return MatrixCell(
        row,
        column,
        entry,
        drop=None if entry is None or own is None else entry.mean - own.mean,
        has_diagonal=row in table.columns,
        wanted_sets=len(places),
        wanted_networks=sum(networks_needed(table.cells[index]) for index in places),
        failure=reasons[0] if reasons else "",
        step=step,
        training=training,
        published=published,
        differences=differences(table, row, column) if published is not None else (),
    )


def _steps(state: TableState) -> dict[int, tuple[str, bool]]:
    """What is being done for which places, and whether that is training a network."""
    moment = state.moment
    if moment is None:
        return {}
    if moment.cell is not None:
        return {moment.cell: (moment.label, True)}
    return dict.fromkeys(moment.pending_cells, (moment.label, False))


def told(cell: MatrixCell) -> list[str]:
    """All that is known of a cell, a line each."""
    lines = [f"learned on {cell.row}, tested on {cell.column}"]
    entry = cell.entry
    if entry is not None:
        spread = f" ± {entry.std:.1f}" if entry.networks > 1 else ""
        lines.append(f"{entry.mean:.1f}{spread} % of the test images")
        lines.append(_counted(cell, entry))
        if entry.sets > 1:
            means = ", ".join(f"{one:.1f}" for one in entry.set_means)
            lines.append(f"mean of each set: {means}")
        if cell.drop is not None and not cell.diagonal:
            lines.append(f"{signed(cell.drop)} points against {cell.row} itself")
    if cell.failure:
        lines.append(sentence(cell.failure))
    if cell.step:
        lines.append(f"at work: {cell.step}" if cell.training else f"its images are being made: {cell.step}")
    elif entry is None and not cell.failure:
        lines.append("not filled yet")
    lines += published_lines(cell)
    return lines


def published_lines(cell: MatrixCell) -> list[str]:
    """The published value, as a line where it is the same experiment, else with what is different."""
    one = cell.published
    if one is None:
        return []
    spread = f" ± {one.std:.1f}" if one.std is not None else ""
    if not cell.differences:
        return [f"{one.source}: {one.value:.1f}{spread}, the same experiment"]
    return [f"published: {one.value:.1f}{spread} ({one.source})", f"differs in {'; '.join(cell.differences)}"]


def signed(number: float) -> str:
    """'+1.2' or '−3.4': a real minus sign; what rounds to nothing has none."""
    text = f"{abs(number):.1f}"
    return text if text == "0.0" else f"{'+' if number > 0 else '−'}{text}"


def says(state: TableState) -> str:
    """What the matrix says so far, in a sentence or two."""
    cells = matrix_cells(state)
    whole = {row[0].row: _mean([one.entry.mean for one in row if one.entry]) for row in cells if _full(row)}
    if not whole:
        return (
            "Images learned with one architecture are useful only if others learn from them too: each row "
            "is learned on one architecture; its cells say how well others do that see nothing else."
        )
    best = max(whole, key=lambda row: whole[row])
    of = f", the most of {len(whole)} rows" if len(whole) > 1 else ""
    reach = f"{whole[best]:.1f}{NO_BREAK_SPACE}%"
    said = f"Networks trained on {best}'s images reach {reach} on average over the columns{of}."
    elsewhere = [
        f"{row[0].row}'s images {'lose' if mean < 0 else 'gain'} {abs(mean):.1f} points"
        for row in cells
        if (drops := [one.drop for one in row if one.drop is not None and not one.diagonal])
        for mean in (_mean(drops),)
    ]
    if not elsewhere:
        return said
    return f"{said} On architectures that did not learn them, {', '.join(elsewhere)} on average."


def alt_of(state: TableState, cells: Sequence[Sequence[MatrixCell]]) -> str:
    """The matrix in words, for readers who do not see it."""
    said = [
        f"{cell.row} on {cell.column} {cell.entry.mean:.1f}"
        for row in cells
        for cell in row
        if cell.entry is not None
    ]
    every = sum(len(row) for row in cells)
    numbers = f": {', '.join(said)}" if said else ""
    return f"Matrix of test accuracies in percent, {len(said)} of {every} cells filled{numbers}."


def _counted(cell: MatrixCell, entry: Entry) -> str:
    sets = "1 set" if entry.sets == 1 else f"{entry.sets} sets"
    networks = "1 network" if entry.networks == 1 else f"{entry.networks} networks"
    lacking = cell.wanted_networks - entry.networks
    more = f", {lacking} to come" if lacking > 0 and not cell.failure else ""
    return f"{sets} of images, {networks} in all{more}"


def _full(row: Sequence[MatrixCell]) -> bool:
    return all(one.entry is not None for one in row)


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
