"""Figures of the experiments: each is drawn before and after there are numbers, and says so in words."""

import pytest
from support.small_tables import DIGITS

from app.tables.figures import COMPARISONS, FIGURES, figure_of
from app.tables.live import live_accuracy
from app.tables.state import TableState
from dmcore.experiments.registry import EXPERIMENTS
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.table import Table

PAGES_OF_THEIR_OWN = {"matrix", "sources"}
DRAWN = [config for config in COMPARISONS.values() if config.has_command]


def filled(table: Table) -> Results:
    """Results with a network of 50 % in every cell."""
    cells = {
        index: CellResult(digest=str(index), network_results=(NetworkResult(repeat=0, accuracy=50.0),))
        for index in range(len(table.cells))
    }
    return Results(table=table, cell_results=cells)


def test_every_experiment_has_a_figure_and_every_figure_an_experiment() -> None:
    named = {config.figure for config in EXPERIMENTS.values()}
    assert named == FIGURES | PAGES_OF_THEIR_OWN
    assert [config.figure for config in COMPARISONS.values()][:3] == ["dots", "dots", "sizes"]


@pytest.mark.parametrize("name", [config.name for config in DRAWN])
def test_a_figure_is_drawn_without_numbers_and_with_them(name: str) -> None:
    table = EXPERIMENTS[name]().table(DIGITS)
    nothing = figure_of(table).draw(TableState(Results(table=table, cell_results={}), None, None, ""), {})
    assert nothing.height > 150
    assert "no network has arrived yet" in nothing.alt
    live = live_accuracy(TableState(filled(table), None, None, ""), {"scale": "relative", "other": "1"})
    assert "50.0" in live.alt
    assert live.revision == len(table.cells)
    parameters = {"scale=relative"} if figure_of(table).parameters else set()
    assert set(live.source.partition("?")[2].split("&")) - {""} == parameters
    assert live.figure["data"] != nothing.figure["data"]


def test_accuracies_stand_at_their_images_per_class_beside_a_whole_set_that_has_no_such_number() -> None:
    table = EXPERIMENTS["figure5"]().table(DIGITS)
    assert "Whole set" in table.rows
    traces = live_accuracy(TableState(filled(table), None, None, ""), {}).figure["data"]
    assert isinstance(traces, list)
    means = next(trace for trace in traces if trace["name"] == "DM" and "lines" in trace["mode"])
    assert list(means["x"]) == [10, 50, 100, 200]


@pytest.mark.parametrize("name", ["table3", "table4"])
def test_the_accuracy_address_of_a_table_with_a_page_of_its_own_answers_too(name: str) -> None:
    table = EXPERIMENTS[name]().table(DIGITS)
    live = live_accuracy(TableState(filled(table), None, None, ""), {})
    assert f"{table.rows[0]}, {table.columns[0]}: 50.0" in live.alt


def test_the_form_names_the_choices_of_a_field_as_the_table_its_rows() -> None:
    titled = EXPERIMENTS["table1"].titled_fields()
    assert set(titled) == {"protocol", "methods"}
    table = EXPERIMENTS["table1"]().table(DIGITS)
    assert set(table.rows) <= set(titled["methods"].titles.values())
    assert list(EXPERIMENTS["table2"].titled_fields()["methods"].titles.values()) == ["DM", "DSA"]
    assert set(EXPERIMENTS["table4"].titled_fields()) == {"protocol"}
