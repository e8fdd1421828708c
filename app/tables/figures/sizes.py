"""Figure 5 of the paper: accuracy against images per class, absolute or relative to the whole set."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.live_resource import Query
from app.plots import palette
from app.plots.axis import PERCENT, Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from app.tables.figures import Drawing, TableFigure
from app.tables.state import TableState
from dmcore.config.formatting import grouped
from dmcore.experiments.report.entries import (
    TableEntry,
    compared_entries,
    describe_accuracies,
    whole_set_accuracies,
)
from dmcore.experiments.report.notes import PublishedMarker, published_markers, whole_set_epochs
from dmcore.experiments.table import Table

HEIGHT = 320
RELATIVE = "relative"
"""Value of the URL parameter `scale` for accuracies relative to the whole set's."""


def accuracy_by_size_figure(
    rows: Sequence[str],
    sizes: Mapping[str, int],
    points: Sequence[TableEntry],
    whole: float | None,
    relative: bool,
    height: int,
    published: Sequence[PublishedMarker] = (),
    whole_epochs: str = "",
) -> Figure:
    """Draw a line with deviations for each method; dashed the accuracy on all real images.

    Args:
        rows: methods.
        sizes: images per class of each column.
        points: accuracies known so far.
        whole: percent that networks trained on all real images reach.
        relative: draw percent of `whole`; without it nothing is drawn.
        height: CSS pixels the figure will have; keeps the names apart.
        published: dotted lines of the same experiments.
        whole_epochs: training of the networks on all real images, such as '60 epochs'.
    """
    if relative and not whole:
        points = []
    scale = 100.0 / whole if relative and whole else 1.0
    all_sizes = sorted(sizes.values())
    beyond = (all_sizes[-1] / all_sizes[0]) ** 0.04 if len(all_sizes) > 1 else 2.0
    across = (all_sizes[0] / beyond, all_sizes[-1] * beyond)
    ticks = [(size, grouped(size)) for size in all_sizes]
    figure = FigureBuilder(
        Axis("images per class", "log", ends=across, ticks=ticks),
        percent_axis("share of the whole set's accuracy (%)" if relative else PERCENT),
        height=height,
    )
    colours = palette.row_colours(rows)
    for row in rows:
        line = sorted((point for point in points if point.row == row), key=lambda p: sizes[p.column])
        if not line:
            continue
        colour = colours[row]
        networks = [(sizes[point.column], scale * percent) for point in line for percent in point.accuracies]
        figure.points([size for size, _ in networks], [level for _, level in networks], colour, name=row)
        means = [scale * point.mean for point in line]
        figure.line(
            [sizes[point.column] for point in line],
            means,
            colour,
            mark="point",
            spread=[scale * point.std for point in line],
            name=row,
            texts=[point.description for point in line],
        )
        figure.end_label(row, means[-1], colour)
        markers = sorted((sizes[marker.column], marker) for marker in published if marker.row == row)
        if markers:
            figure.line(
                [size for size, _ in markers],
                [scale * marker.value for _, marker in markers],
                colour,
                mark="point",
                symbol="circle-open",
                dash="dot",
                thin=True,
                name=markers[0][1].source,
                texts=[f"{marker.source}: {row}, {marker.value:.1f} %" for _, marker in markers],
            )
    if whole is not None and (points or not relative):
        hover = "all real images\n%{y:.1f} %" + (f"\nafter {whole_epochs}" if whole_epochs else "")
        figure.level(scale * whole, across, name="whole set", hover=hover)
    if not points:
        waiting = "waiting for the network on the whole set" if relative else "no network has arrived yet"
        figure.empty(waiting)
    return figure.build()


def _draw(state: TableState, query: Query) -> Drawing:
    results, table = state.results, state.table
    points, published = compared_entries(results), published_markers(state.table)
    few = sorted(table.cells, key=lambda cell: cell.row in table.compared_rows)  # after the whole set's
    sizes = {cell.column: cell.recipe.images_per_class for cell in few}
    ceilings = whole_set_accuracies(results)
    whole = next(iter(ceilings.values()), None)
    relative = query.get("scale") == RELATIVE
    rows = table.compared_rows
    figure = accuracy_by_size_figure(
        rows, sizes, points, whole, relative, HEIGHT, published, whole_set_epochs(table)
    )
    return Drawing(figure, describe_accuracies(points, ceilings), HEIGHT)


def _choose_scale(table: Table) -> dict[str, str]:
    scale = st.segmented_control(
        "Scale",
        ("absolute", RELATIVE),
        default="absolute",
        required=True,
        key="scale",
        bind="query-params",
        label_visibility="collapsed",
        help="Relative: in percent of what networks on all real images reach, as the paper has it.",
    )
    return {"scale": RELATIVE} if scale == RELATIVE else {}


FIGURE = TableFigure(_draw, _choose_scale, ("scale",))
