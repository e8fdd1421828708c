"""Cost of a table: what is there already costs nothing, and a table is made smaller for a given time."""

import pytest

from dmcore.config import NetworkSpec
from dmcore.coresets import REGISTRY
from dmcore.execution.cost import DataShape, Workload
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, NetworkResult, Results, with_shared_cells
from dmcore.experiments.table import Recipe, Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import LAPTOP_FEW, LAPTOP_ITERATIONS, Table3Config
from dmcore.experiments.table_cost import FEWEST_ITERATIONS, TRAINED_SELECTIONS, table_cost, table_within

FACTS = DataFacts("digits", "Digits", (1, 8, 8), 1437)
DATA = DataShape((1, 8, 8), 10, 1437, 360, smallest=139)
CONFIG = Table1Config(
    dataset="digits", methods=("random", "herding", "dm", "whole"), images_per_class=(1, 10)
)


def empty(config: Table1Config = CONFIG) -> Results:
    return Results(table=config.table(FACTS), cell_results={})


def count(workload: Workload, kind: str) -> float:
    return sum(number for piece, number in workload.counts if piece.kind == kind)


def network_results_of(table: Table, index: int, networks: int) -> CellResult:
    results = tuple(NetworkResult(repeat=repeat, accuracy=50.0) for repeat in range(networks))
    return CellResult(digest="d", run="r", set="s", images=10, network_results=results)


def test_each_network_on_all_real_images_and_each_run_counts_once() -> None:
    table = CONFIG.table(FACTS)
    condensed = {cell.recipe.condense for cell in table.cells if cell.recipe.condense}
    trainings = {cell.recipe.training for cell in table.cells if cell.recipe.method in ("herding", "whole")}
    cost = table_cost(empty(), DATA, workers=1)
    assert (cost.present, cost.cells) == (0, len(table.cells))
    assert count(cost.workload, "matching") == sum(config.iterations for config in condensed)
    epochs = sum(training.epochs + 1 for training in trainings if training)
    assert count(cost.workload, "split_update") == epochs * 6  # minibatches of 256 of 1437 images


def test_selections_that_use_a_trained_network_are_those_of_the_registry() -> None:
    needing = {name for name, method in REGISTRY.items() if method.needs != "nothing"}
    assert set(TRAINED_SELECTIONS) == needing


def test_what_is_there_costs_nothing() -> None:
    table = CONFIG.table(FACTS)
    everything = Results(
        table=table,
        cell_results={
            index: network_results_of(table, index, 1 if cell.recipe.method == "whole" else cell.repeats)
            for index, cell in enumerate(table.cells)
        },
    )
    assert table_cost(everything, DATA, 2).workload == Workload()
    assert table_cost(everything, DATA, 2).present == len(table.cells)
    one_missing = everything.model_copy(
        update={
            "cell_results": {
                index: network_results_of(table, index, len(result.network_results) - (index == 0))
                for index, result in everything.cell_results.items()
            }
        }
    )
    cost = table_cost(one_missing, DATA, 2)
    assert cost.present == len(table.cells) - 1
    assert {piece.kind for piece in cost.workload.pieces} == {"update", "test"}, "its set is on disk"


def test_sets_on_disk_are_not_made_again() -> None:
    cost = table_cost(empty(), DATA, 1, is_present=lambda recipe: recipe.method == "dm")
    assert count(cost.workload, "matching") == 0
    assert count(cost.workload, "update") == count(table_cost(empty(), DATA, 1).workload, "update")


def test_class_with_too_few_images_costs_nothing() -> None:
    few = DataShape((1, 8, 8), 10, 100, 50, smallest=5)
    assert count(table_cost(empty(), few, 1).workload, "update") < count(
        table_cost(empty(), DATA, 1).workload, "update"
    )


def seconds_of(table: Table) -> float:
    """A machine that takes a millisecond for every piece."""
    workload = table_cost(Results(table=table, cell_results={}), DATA, 1).workload
    return sum(count for _, count in workload.counts) / 1000


def test_a_table_with_dsa_is_made_shorter_for_dm_by_dm_s_own_iterations() -> None:
    config = Table2Config(dataset="digits", methods=("dm", "dsa"))
    short, sentence = table_within(config, FACTS, 0.1 * seconds_of(config.table(FACTS)), seconds_of)
    iterations = {
        cell.recipe.method: cell.recipe.condense.iterations
        for cell in short.table(FACTS).cells
        if cell.recipe.condense is not None
    }
    assert iterations["dm"] >= FEWEST_ITERATIONS
    assert f"{iterations['dm']} iterations" in sentence


def test_table_for_a_given_time_has_fewer_networks_then_fewer_sets_then_is_shorter() -> None:
    full = seconds_of(CONFIG.table(FACTS))
    unchanged, sentence = table_within(CONFIG, FACTS, full + 1, seconds_of)
    assert unchanged == CONFIG
    assert sentence.startswith("Chosen for")
    filled = CONFIG.resolved(FACTS)
    smaller, _ = table_within(CONFIG, FACTS, 0.9 * full, seconds_of)
    assert seconds_of(smaller.table(FACTS)) <= 0.9 * full
    assert smaller.iterations is None
    short, sentence = table_within(CONFIG, FACTS, 0.05 * full, seconds_of)
    assert (short.repeats, short.seeds) == (1, 1)
    assert short.iterations is not None
    assert filled.iterations is not None
    assert short.iterations < filled.iterations
    assert f"{short.epochs} epochs" in sentence
    assert short.methods == CONFIG.methods
    assert short.images_per_class == CONFIG.images_per_class, "what was given stays"


def test_where_the_table_is_done_a_given_time_is_for_more_sets() -> None:
    table = CONFIG.table(FACTS)
    done = {index: network_results_of(table, index, cell.repeats) for index, cell in enumerate(table.cells)}
    finished = Results(table=table, cell_results=done)

    def left(table: Table) -> float:
        results = with_shared_cells(Results(table=table, cell_results={}), [finished])
        workload = table_cost(results, DATA, 1).workload
        return sum(count for _, count in workload.counts) / 1000

    assert left(table) == 0
    seeds = CONFIG.resolved(FACTS).seeds
    assert seeds is not None
    one_more = left(CONFIG.model_copy(update={"seeds": seeds + 1}).table(FACTS))
    assert 0 < one_more < seconds_of(table), "only the new sets count"
    more, sentence = table_within(CONFIG, FACTS, one_more, left)
    assert more.seeds == seeds + 1
    assert f"on each of {seeds + 1} sets" in sentence
    same, _ = table_within(CONFIG, FACTS, 0.5 * one_more, left)
    assert same == CONFIG


def test_too_short_a_time_is_said() -> None:
    open_sizes = CONFIG.model_copy(update={"images_per_class": ()})
    least, sentence = table_within(open_sizes, FACTS, 0.001, seconds_of)
    assert len(least.images_per_class) == 1
    assert sentence.startswith("Even the smallest table takes about ")


def test_no_condensation_of_table_3_gets_longer_for_a_shorter_time() -> None:
    config = Table3Config(dataset="digits")
    full = iterations_by_row(config)
    assert set(full.values()) == {LAPTOP_FEW, *LAPTOP_ITERATIONS.values()}
    seconds = seconds_of(config.table(FACTS))
    unchanged, sentence = table_within(config, FACTS, seconds, seconds_of)
    assert unchanged == config
    assert f", {LAPTOP_FEW} to {max(full.values())} iterations, " in sentence
    for share in (0.5, 0.25, 0.1, 0):
        shorter, _ = table_within(config, FACTS, share * seconds, seconds_of)
        iterations = iterations_by_row(shorter)
        assert all(iterations[row] <= full[row] for row in full)


def iterations_by_row(config: Table3Config) -> dict[str, int]:
    cells = config.table(FACTS).cells
    return {cell.row: cell.recipe.condense.iterations for cell in cells if cell.recipe.condense}


@pytest.mark.parametrize("network", ["convnet", "mlp"])
def test_recipe_of_a_network_has_a_cost(network: str) -> None:
    recipe = Recipe(method="random", images_per_class=1, sizes=(1,))
    table = empty().table
    cell = table.cells[0].model_copy(update={"recipe": recipe, "network": NetworkSpec(network=network)})  # type: ignore[arg-type]
    lone = table.model_copy(update={"cells": (cell,), "rows": (cell.row,), "columns": (cell.column,)})
    assert table_cost(Results(table=lone, cell_results={}), DATA, 2).workload.counts
