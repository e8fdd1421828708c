"""What the Accuracy page's live parts show of a table: the answer line and the two figures, as values.

The page draws them once, its live addresses answer with newer ones. Must not draw, nor import torch.
"""

from collections.abc import Mapping

from app.components.live_figure import LiveFigure
from app.components.live_line import Line, Part
from app.run.addresses import table_address
from app.tables.curves import Learned, describe_training, training_figure
from app.tables.dots import describe_dots, dots_figure, dots_height
from app.tables.numbers import answer
from app.tables.points import ceilings_of, compared_rows, networks_done, points_of, size_of
from app.tables.published import marks_of
from app.tables.sizes import describe_sizes, size_figure
from app.tables.state import IDLE_SECONDS, TableState, table_id
from dmcore.experiments.results import Results

SIZES_HEIGHT, TRAINING_HEIGHT = 320, 330
RELATIVE = "relative"
"""What the address says for accuracies relative to the whole set's."""
FIGURES = ("accuracy", "training")


def accuracy(state: TableState, asked: Mapping[str, str]) -> LiveFigure:
    """A mark for each method and column, or figure 5's lines; `scale` may be `relative`."""
    results, table = state.results, state.table
    points, ceilings = points_of(results), ceilings_of(results)
    rows, marks = compared_rows(table), marks_of(results)
    if table.name == "figure5":
        sizes = {column: size_of(table, column) for column in table.columns}
        whole = next(iter(ceilings.values()), None)
        relative = asked.get("scale") == RELATIVE
        height = SIZES_HEIGHT
        figure = size_figure(rows, sizes, points, whole, relative, height, marks)
        alt = describe_sizes(points, sizes, whole)
    else:
        height = dots_height(len(rows), len(table.columns))
        figure = dots_figure(rows, table.columns, points, ceilings, marks)
        alt = describe_dots(points, ceilings)
    return _live(state, "accuracy", figure, alt, height, asked, ("scale",))


def training(state: TableState, asked: Mapping[str, str]) -> LiveFigure:
    """Accuracy against epochs, of the first network of each set of a column, and of the one in training."""
    column = column_of(state.results, asked.get("column"))
    learned = learned_of(state, column)
    rows = compared_rows(state.table)
    figure = training_figure(rows, learned, state.table.protocol.epochs, TRAINING_HEIGHT)
    return _live(state, "training", figure, describe_training(learned), TRAINING_HEIGHT, asked, ("column",))


def answer_line(state: TableState, asked: Mapping[str, str]) -> Line:
    """What the column says so far; new networks turn the page, which then says all of it."""
    column = column_of(state.results, asked.get("column"))
    said = answer(state.results, column)
    parts = [Part(f"{column}:", strong=True), *(Part(one) for one in said)]
    if not said:
        parts = [Part("No network has arrived yet.")]
    done = networks_done(state.results)
    turned = f"{done}/{len(state.results.filled)}"
    return Line(tuple(parts), f"{turned}/{column}", turned, IDLE_SECONDS)


def learned_of(state: TableState, column: str) -> list[Learned]:
    """The curves of a column."""
    table = state.table
    found: dict[tuple[str, str], Learned] = {}
    for row in compared_rows(table):
        for index in table.at(row, column):
            filled = state.results.filled.get(index)
            for cell in filled.cells if filled is not None else ():
                if cell.curve:
                    found[row, cell.file] = Learned(row, cell.curve)
    curves = list(found.values())
    moment = state.moment
    if moment is not None and moment.place is not None and moment.curve:
        place = table.places[moment.place]
        if place.column == column:
            curves.append(Learned(place.row, moment.curve, now=True))
    return curves


def column_of(results: Results, asked: str | None) -> str:
    """The column that is asked for; the first where there is no such."""
    columns = results.table.columns
    return asked if asked in columns else columns[0]


def _live(
    state: TableState,
    name: str,
    figure: dict[str, object],
    alt: str,
    height: int,
    asked: Mapping[str, str],
    kept: tuple[str, ...],
) -> LiveFigure:
    table = table_id(state.table)
    query = {one: asked[one] for one in kept if one in asked}
    return LiveFigure(
        figure,
        revision=networks_done(state.results),
        alt=alt,
        height=height,
        view="/".join((table, *query.values())),
        source=table_address(table, name, **query) if state.word != "not begun" else "",
        subject=table,
    )
