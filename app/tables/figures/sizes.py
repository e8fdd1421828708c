"""Accuracies as lines over the images per class (figure 5), absolute or relative to the whole set's."""

import streamlit as st

from app.components.live_resource import Query
from app.tables.accuracy_by_size import accuracy_by_size_figure, describe_sizes
from app.tables.figures import AccuracyFigure, Drawing
from app.tables.points import accuracy_points, whole_set_accuracies
from app.tables.published import published_markers
from app.tables.state import TableState

HEIGHT = 320
RELATIVE = "relative"
"""Value of the URL parameter `scale` for accuracies relative to the whole set's."""


def _draw(state: TableState, query: Query) -> Drawing:
    results, table = state.results, state.table
    points, published = accuracy_points(results), published_markers(results)
    sizes = {cell.column: cell.recipe.images_per_class for cell in table.cells}
    whole = next(iter(whole_set_accuracies(results).values()), None)
    relative = query.get("scale") == RELATIVE
    figure = accuracy_by_size_figure(table.compared_rows, sizes, points, whole, relative, HEIGHT, published)
    return Drawing(figure, describe_sizes(points, sizes, whole), HEIGHT)


def _choose_scale() -> dict[str, str]:
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


FIGURE = AccuracyFigure(_draw, _choose_scale, ("scale",))
