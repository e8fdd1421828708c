"""Settings of cells and tables: whatever two experiments differ in has one name everywhere."""

import pytest

from dmcore.experiments.cell_settings import cell_settings, differing_settings, table_settings
from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.report.table_differences import recorded_difference
from dmcore.experiments.setting_effects import settings_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import TableConfig


def made(config: TableConfig) -> Table:
    digits = catalogue_facts("digits")
    assert digits is not None
    return config.table(digits)


TABLE1, TABLE3 = Table1Config(methods=("random", "dm")), Table3Config()
TABLE4 = Table4Config(sources=("random", "all"))


@pytest.mark.parametrize(
    ("config", "changes", "names", "text"),
    [
        (TABLE1, {"seeds": 5}, ("seeds",), "3 sets; you chose 5 sets."),
        (TABLE1, {"iterations": 9}, ("iterations",), "500 iterations; you chose 9 iterations."),
        (TABLE1, {"width": 64}, ("width",), "Width 32; you chose width 64."),
        (TABLE1, {"epochs": 1}, ("test_epochs",), "200 epochs; you chose 1 epoch."),
        (
            TABLE3,
            {"norm": "batch"},
            ("norm",),
            "Normalisation the network's own; you chose normalisation batch.",
        ),
        (TABLE4, {"pool_networks": 7}, ("pool_networks",), "Pool networks 20; you chose pool networks 7."),
        (TABLE4, {"pool_steps": 9}, ("pool_steps",), "Pool steps 600; you chose pool steps 9."),
    ],
)
def test_each_field_in_which_two_tables_differ_is_named(
    config: TableConfig, changes: dict[str, object], names: tuple[str, ...], text: str
) -> None:
    ours, theirs = made(config), made(config.model_copy(update=changes))
    assert differing_settings(ours, theirs) == names
    assert recorded_difference(ours, theirs) == text
    assert differing_settings(ours, ours) == ()


def test_many_settings_are_counted_to_the_last() -> None:
    ours, paper = made(TABLE1), made(Table1Config(methods=("random", "dm"), preset="paper"))
    count = len(differing_settings(ours, paper))
    assert count > 4
    assert f"and {count - 3} other settings" in recorded_difference(
        ours, paper
    )  # the columns are named first


def test_a_network_for_all_real_images_has_settings_of_its_own() -> None:
    table = made(Table1Config(methods=("herding", "whole")))
    settings = cell_settings(table, table.cells[0])
    assert (settings["whole_epochs"], settings["test_epochs"], settings["width"]) == (60, 200, 32)
    assert "epochs" not in settings
    assert "whole_width" not in settings, "it is the tested network's"


def test_a_tested_network_that_differs_from_the_learning_one_is_told_apart() -> None:
    table = made(TABLE3)
    settings = settings_of(table, "ConvNet", "AlexNet")
    assert settings is not None
    assert (settings["network"], settings["tested_network"]) == ("convnet", "alexnet")
    not_of_the_table = {"images_per_class", "pool_networks", "pool_steps", "pool_half"}
    assert settings.keys() - table_settings(table).keys() == not_of_the_table
