"""Accuracy matrix of the Architectures page: cells, switches, help, figure and notes (table 3)."""

import streamlit as st

from app.components.live_resource import Query
from app.tables.figures import Drawing, TableFigure
from app.tables.sections import show_help
from app.tables.state import TableState
from app.views.architectures.plot import matrix_figure, matrix_height
from dmcore.config.formatting import grouped
from dmcore.config.protocols import PAPER, training_text
from dmcore.experiments.published.cells import published_groups
from dmcore.experiments.report.matrix import MatrixCell, matrix_alt_text, matrix_cells
from dmcore.experiments.table import Table
from dmcore.experiments.table3 import LEARNER_NAMES

BY_DSA = LEARNER_NAMES["dsa"]
DSA_DIFFERENCE = f" {BY_DSA}: against the images that the tested architecture learned by DM."


def _draw(state: TableState, query: Query) -> Drawing:
    table, cells, published = state.table, cells_of(state), "published" in query
    titles = table.row_title.lower(), table.column_title.lower()
    figure = matrix_figure(cells, *titles, published=published, difference="drop" in query)
    return Drawing(figure, matrix_alt_text(cells), matrix_height(len(table.rows), published))


def cells_of(state: TableState) -> list[list[MatrixCell]]:
    """Cells of the matrix, [row][column], with what is being computed for them."""
    progress, steps = state.progress, {}
    if progress is not None:
        indices = progress.pending_cells if progress.cell is None else (progress.cell,)
        cells = [state.table.cells[index] for index in indices]
        steps = {(cell.row, cell.column): progress.label for cell in cells}
    return matrix_cells(state.results, steps, progress is not None and progress.cell is not None)


def _choose_options(table: Table) -> dict[str, str]:
    """Switches of the matrix, and the popover that explains it."""
    has_published = bool(published_groups(table))
    with st.container(
        horizontal=True, gap="small", vertical_alignment="center", key="architectures_switches"
    ):
        options = {
            "published": st.toggle(
                "The paper's values",
                key="matrix_published",
                bind="query-params",
                disabled=not has_published,
                help="Writes the paper's number into each cell for which there is one."
                + ("" if has_published else " It has this table for CIFAR-10, 50 images per class."),
            )
            and has_published,
            "drop": st.toggle(
                "Difference to the tested one's own images",
                key="matrix_drop",
                bind="query-params",
                help="Each cell minus the cell of its column in which the tested architecture learned the "
                "images itself.",
            ),
        }
        show_help(_help_text(table), "architectures_help")
    return {name: "1" for name, on in options.items() if on}


def _help_text(table: Table) -> str:
    by_dsa = f" {BY_DSA}: matched in gradients on a ConvNet." if BY_DSA in table.rows else ""
    return (
        "**Row**: the architecture in whose random networks the images were matched to the real "
        f"ones.{by_dsa} **Column**: the architecture that is trained on those images alone and tested on "
        "real test images that nobody trained on.\n\n"
        f"**Protocol**: a fresh network each time, {training_text(table.protocol)}; then one test. The paper "
        f"trains for {grouped(PAPER.epochs)} epochs.\n\n"
        "**Mean ± std** is over all networks of a cell. **n = sets × networks**: independent sets of "
        "images, each from a seed of its own, times fresh networks trained on each. Networks trained on "
        "one set are repeats: they say how much the training varies, not how much the set does. So std "
        "over one set says nothing about another set.\n\n"
        "**Difference to the tested one's own images**: the cell minus the cell of the same column in which "
        "the tested architecture learned the images itself, in points. So the tested network is the same on "
        "both sides. Plus: these images teach it more than its own; minus: less."
    )


def _show_notes(table: Table, options: Query) -> None:
    """Captions below the matrix: what a sign means, what has no diagonal, what the published values are."""
    if "drop" in options:
        without = [column for column in table.columns if column not in table.rows]
        verb = "learns" if len(without) == 1 else "learn"
        none = f" {', '.join(without)} {verb} no images here, so there is no difference." if without else ""
        st.caption(
            "Plus: these images teach the tested architecture more than those that it learned itself; "
            f"minus: less.{none}{DSA_DIFFERENCE if BY_DSA in table.rows else ''}"
        )
    elif without := [row for row in table.rows if row not in (*table.columns, BY_DSA)]:
        verb = "learns images, but is" if len(without) == 1 else "learn images, but are"
        st.caption(
            f"Tested on {', '.join(table.columns)}. {', '.join(without)} {verb} not tested here: for that, "
            "choose the same architecture as a column."
        )
    if "published" in options and "drop" not in options:
        st.caption("The last line of a cell is the published value.")
        differing = (difference for group in published_groups(table) for difference in group.differences)
        other = dict.fromkeys(differing)
        if other:
            st.caption(f"\\* Published, but of another experiment. It differs in {'; '.join(other)}.")


MATRIX = TableFigure(
    _draw,
    _choose_options,
    ("published", "drop"),
    show_notes=_show_notes,
    not_begun="There are no numbers yet. **Run this table** learns the images of each row, then trains "
    "networks on them; cells get their numbers as they come, and keep them.",
    key="architectures_matrix",
    address="matrix",
    keeps_zoom=True,
)
