"""A page of figures whose labels come close: levels and line ends that nearly meet, long names, many rows."""

import numpy as np
import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.components.styles import APP_STYLE, PAGE_STYLE
from app.plots.loss import loss_figure
from app.tables.curves import training_figure
from app.tables.figures import figure_of
from app.tables.figures.dots import dots_figure, dots_height
from app.tables.figures.sizes import accuracy_by_size_figure
from app.tables.state import TableState
from app.views.watch.online_evaluation_plot import online_evaluation_figure
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.report.entries import TableEntry
from dmcore.experiments.report.training_curves import TrainingCurve

COLUMNS = ("1 per class", "10 per class")
ROWS = ("DM", "Random", "Mean image", "Herding", "DM, from images of another class, width 128")


def show(name: str, figure: dict[str, object], height: int) -> None:
    """Draw a figure."""
    show_live_figure(name, LiveFigure(figure, revision=1, alt=name, height=height))


st.set_page_config(layout="wide", page_title="figure labels")
st.html(APP_STYLE)
st.html(PAGE_STYLE)
points = [
    TableEntry(row, column, ((70.0 + index, 70.4 + index), (69.8 + index,)))
    for index, row in enumerate(ROWS)
    for column in COLUMNS
]
show(
    "dots",
    dots_figure(ROWS, COLUMNS, points, {COLUMNS[0]: 76.1, COLUMNS[1]: 76.2}),
    dots_height(ROWS, COLUMNS, 2),
)
named = [f"{name}, as people name their runs, number {number}" for number, name in enumerate(ROWS)]
alone = [TableEntry(row, COLUMNS[0], ((70.0 + index,),)) for index, row in enumerate(named)]
show("names", dots_figure(named, COLUMNS[:1], alone, {COLUMNS[0]: 76.1}), dots_height(named, COLUMNS[:1], 1))
sizes = dict(zip(COLUMNS, (1, 10), strict=True))
show("sizes", accuracy_by_size_figure(ROWS, sizes, points, 74.5, False, 320), 320)
iterations = np.arange(1, 401)
near = {row: (30 / iterations**0.5 * (1 + 0.01 * index)).astype(np.float32) for index, row in enumerate(ROWS)}
show("loss", loss_figure(iterations, near, floor={"real against real": 1.5, "real, other run": 1.52}), 380)
curves = [
    TrainingCurve(row, [(epoch, 60 + 0.1 * index + epoch / 10) for epoch in range(100)], in_training=False)
    for index, row in enumerate(ROWS)
]
show("training", training_figure(ROWS, curves, 100, 330), 330)
show("online", online_evaluation_figure({}, {}, 500, top="Nothing yet", middle="waiting"), 380)
for entry in recorded_entries():
    if entry.results is not None:
        drawing = figure_of(entry.results.table).draw(TableState(entry.results, None, None, ""), {})
        show(entry.name, drawing.figure, drawing.height)
