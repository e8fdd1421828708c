"""Tables of the digits that run in seconds, and a counter of the networks that are trained for them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dmcore.config import NetworkSpec
from dmcore.data.images import DataSet
from dmcore.experiments.presets import DataFacts, Preset, override_preset, per_class, preset
from dmcore.experiments.results import Results
from dmcore.experiments.runner import CellUpdate, TableEvent, run_table
from dmcore.experiments.sets import Roots
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.experiments.table1 import Table1Config
from dmcore.training import result_cache
from dmcore.training.evaluate import NetworkTested, train_network

DIGITS = DataFacts("digits", "Digits", (1, 8, 8), 1437)
SIZES = {"epochs": 2, "iterations": 2, "width": 8, "real_batch": 8}


def tiny(seeds: int = 1, repeats: int = 1, **sizes: Any) -> Preset:
    """The laptop preset, reduced to seconds."""
    return override_preset(preset("laptop", DIGITS), seeds=seeds, repeats=repeats, **{**SIZES, **sizes})


def tiny_table(
    methods: Sequence[str], sizes: Sequence[int] = (1,), seeds: int = 1, repeats: int = 1, **more: Any
) -> Table:
    """Table 1 with these rows and columns."""
    settings = {"images_per_class": sizes, "seeds": seeds, "repeats": repeats, **SIZES, **more}
    config = Table1Config.model_validate({"methods": methods, **settings})
    return config.table(DIGITS)


def table_of(cells: list[Cell]) -> Table:
    """A table of just these cells."""
    rows = tuple(dict.fromkeys(cell.row for cell in cells))
    table = tiny_table(("random",))
    return table.model_copy(
        update={"name": "own", "rows": rows, "columns": (per_class(1),), "cells": tuple(cells)}
    )


def cell_of(row: str, recipe: Recipe, network: NetworkSpec | None = None) -> Cell:
    return Cell(row=row, column=per_class(1), recipe=recipe, network=network or tiny().network, repeats=1)


def roots_in(folder: Path) -> Roots:
    """Runs and cached results below a folder."""
    return Roots(folder / "runs", folder / "cache")


def run_to_end(table: Table, dataset: DataSet, roots: Roots) -> tuple[Results, int]:
    """Run a table; its results, and how many networks were trained for it now."""
    events = run_table(table, dataset, roots, "cpu", threads=1)
    updates = [event for event in events if isinstance(event, CellUpdate)]
    return updates[-1].results, sum(update.fresh for update in updates)


class Trainings:
    """Counter of the test networks that were trained to the end since it was created."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        monkeypatch.setattr(result_cache, "train_network", self._counted)

    def _counted(self, *arguments: Any) -> Iterator[Any]:
        for event in train_network(*arguments):
            self.count += isinstance(event, NetworkTested)
            yield event


def first_arrival(events: Iterator[TableEvent]) -> CellUpdate:
    """The first update of a cell."""
    return next(event for event in events if isinstance(event, CellUpdate))
