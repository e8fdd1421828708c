"""Figures of tables; those that share the Accuracy page are modules here, named as in `TableConfig.figure`.

A figure module holds one `FIGURE`: how the accuracies so far are drawn, and the switches above them.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

from app.components.live_resource import Query
from app.plots.figure import Figure
from app.tables.state import TableState
from dmcore.experiments.registry import EXPERIMENTS, experiment_of
from dmcore.experiments.table import Table


class Drawing(NamedTuple):
    """Plotly figure with its alternative text and its height in CSS pixels."""

    figure: Figure
    alt: str
    height: int


@dataclass(frozen=True)
class TableFigure:
    """Figure of a table: how it is drawn, and what its page shows above and below it."""

    draw: Callable[[TableState, Query], Drawing]
    """Called with the parameters that `choose` gives, as the page and its live address have them."""
    choose: Callable[[Table], dict[str, str]] = lambda table: {}
    """Draws the switches above the figure; returns the parameters of its live address."""
    parameters: tuple[str, ...] = ()
    """Names of these parameters."""
    show_notes: Callable[[Table, Query], None] = lambda table, query: None
    """Draws the notes below the figure."""
    has_content: Callable[[TableState], bool] = lambda state: True
    """Whether there is anything to draw yet."""
    not_begun: str = ""
    """What running the table computes, where the usual sentences do not fit."""
    key: str = "accuracy_figure"
    """Widget key."""
    address: str = "accuracy"
    """Name of its live resource."""
    keeps_zoom: bool = False
    """Whether the zoom stays as it is when a switch is turned."""


def figure_of(table: Table) -> TableFigure:
    """Figure of a table by its experiment; dots for one whose own figure stands on another page."""
    name = experiment_of(table).figure
    figure: TableFigure = import_module(f"{__name__}.{name if name in FIGURES else 'dots'}").FIGURE
    return figure


FIGURES = {module.name for module in pkgutil.iter_modules(__path__)}
COMPARISONS = {config.label: config for config in EXPERIMENTS.values() if config.figure in FIGURES}
"""Experiments of the Accuracy page, by what its choice and the URL call them."""
