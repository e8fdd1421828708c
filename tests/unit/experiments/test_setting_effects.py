"""Effects of single settings: which two tables measure one, and what its sentence says."""

import pytest
from support.small_tables import DIGITS

from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.setting_effects import setting_effects, settings_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config

ROW, COLUMN = "DM", "10 per class"


def table(dataset: str = "digits", **options: object) -> Table:
    config = Table1Config(dataset=dataset, methods=("random", "dm"), images_per_class=(1, 10), **options)
    facts = DIGITS if dataset == "digits" else DIGITS.__class__(dataset, dataset, (1, 28, 28), 5000)
    return config.table(facts)


def results(made: Table, accuracy: float, jitter: float = 0.2) -> Results:
    """Two networks on each set, whose means lie `jitter` apart."""
    cells = {
        index: CellResult(
            digest=f"{index}",
            network_results=tuple(
                NetworkResult(repeat=repeat, accuracy=accuracy + jitter * cell.recipe.seed)
                for repeat in range(2)
            ),
        )
        for index, cell in enumerate(made.cells)
    }
    return Results(table=made, cell_results=cells)


@pytest.mark.parametrize(
    ("change", "setting", "values"),
    [
        ({"iterations": 2000}, "iterations", "2\u202f000 instead of 500"),
        ({"real_batch": 256}, "real_batch", "256 instead of 64"),
        ({"width": 64}, "width", "64 instead of 32"),
        ({"epochs": 1000}, "test_epochs", "1\u202f000 instead of 200"),
    ],
)
def test_two_tables_that_differ_in_one_setting_measure_it(
    change: dict[str, object], setting: str, values: str
) -> None:
    effects = setting_effects(results(table(), 80), ROW, COLUMN, [results(table(**change), 84)])
    assert list(effects) == [setting]
    assert effects[setting].sentence.replace("\u00a0", " ") == (
        f"{values}: 84.2 ± 0.2 % (3 sets, 6 networks) against 80.2 ± 0.2 % (3 sets, 6 networks), "
        "a gain that holds"
    )


def test_what_the_sets_do_not_resolve_is_called_so() -> None:
    (effect,) = setting_effects(
        results(table(), 80, 3), ROW, COLUMN, [results(table(width=64), 80.5, 3)]
    ).values()
    assert effect.sentence.endswith("not resolved")
    (effect,) = setting_effects(results(table(), 80), ROW, COLUMN, [results(table(width=16), 70)]).values()
    assert effect.sentence.endswith("a loss that holds")


def test_two_changes_other_data_and_the_same_table_measure_nothing() -> None:
    ours = results(table(), 80)
    others = [
        ours,
        results(table(width=64, iterations=900), 84),
        results(table("fashion", width=64), 84),
        Results(table=table(width=64), cell_results={}),
    ]
    assert setting_effects(ours, ROW, COLUMN, others) == {}
    assert setting_effects(ours, "Random", COLUMN, [results(table(width=64), 84)]) == {}


def test_more_sets_or_networks_are_no_other_setting_and_the_most_sets_count() -> None:
    few, many = results(table(seeds=1, repeats=1, width=64), 84), results(table(seeds=5, width=16), 70)
    (effect,) = setting_effects(results(table(), 80), ROW, COLUMN, [few, many]).values()
    assert (effect.other.sets, effect.other_value) == (5, 16)
    assert setting_effects(results(table(), 80), ROW, COLUMN, [results(table(seeds=5), 84)]) == {}


def test_cells_of_different_settings_have_none_in_common() -> None:
    matrix = Table3Config(seeds=2).table(DIGITS)
    assert settings_of(matrix, "ConvNet", "AlexNet") is not None
    mixed = matrix.model_copy(
        update={"cells": tuple(cell.model_copy(update={"row": "ConvNet"}) for cell in matrix.cells)}
    )
    assert settings_of(mixed, "ConvNet", "AlexNet") is None
    assert settings_of(table(), "Random", COLUMN) is None
