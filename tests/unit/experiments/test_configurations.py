"""Configurations of the experiments: tables of older versions, presets, and the command of each."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import tyro
from pydantic import ValidationError
from support.small_tables import DIGITS

from dmcore.cli.experiment import Experiment
from dmcore.cli.flags import config_of
from dmcore.config import DsaConfig
from dmcore.experiments.own_table import ComparedSet, OwnTableConfig
from dmcore.experiments.presets import PRESETS, DataFacts, PresetName
from dmcore.experiments.registry import EXPERIMENTS, experiment_of
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config

CIFAR10 = DataFacts("cifar10", "CIFAR-10", (3, 32, 32), 50_000)
PAPER_TABLES = [name for name, config in EXPERIMENTS.items() if config.has_command]
KEYS = {
    ("laptop", "digits"): "93f6b5789535 c96bc3642f39 28cfb5babbc2 f9cbbdb863fe fcb52ad7c4bd",
    ("paper", "digits"): "8ba2a2aab5e2 723e9ac00143 f5858a5d357b 7a242aa64900 8897c4d9aa81",
    ("laptop", "cifar10"): "eeb4fca760c3 d74f31e768b9 a9b20b8cdf78 9d96a1f38f1b fb5c072c818b",
    ("paper", "cifar10"): "31d3ed099c4b 908ad73083c9 4119bb539a00 367a29131d22 857b2cc9be80",
}
"""Keys of tables 1 to 4 and figure 5 as first published: files on disk are found by them."""
CHANGED = {"seeds": 2, "repeats": 3, "iterations": 7, "epochs": 9, "width": 16, "real_batch": 5}
CHANGED_KEYS = "baf1143bd109 8981eda75fa8 1ef9949c6f9f aa9aefe6bda0 a791cff9b15b"
COMPARED = (ComparedSet("a", "real-1", 4, 1, "A"), ComparedSet("b", "real-10", 4, 10, "B"))


@pytest.mark.parametrize(("preset", "dataset"), KEYS)
def test_tables_of_older_versions_are_found_again(preset: PresetName, dataset: str) -> None:
    data = {"digits": DIGITS, "cifar10": CIFAR10}[dataset]
    keys = KEYS[preset, dataset].split()
    assert {name: EXPERIMENTS[name](preset=preset).table(data).key for name in PAPER_TABLES} == dict(
        zip(PAPER_TABLES, keys, strict=True)
    )


def test_tables_of_older_versions_with_other_sizes_are_found_again() -> None:
    keys = [EXPERIMENTS[name](**CHANGED).table(DIGITS).key for name in PAPER_TABLES]
    assert keys == CHANGED_KEYS.split()
    own = OwnTableConfig(
        seeds=2,
        sets=COMPARED,
        baselines=("random",),
        networks=("convnet",),
        whole=True,
    )
    assert own.table(DIGITS).key == "f975c78665b5"


@pytest.mark.parametrize("name", PAPER_TABLES)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("changes", [{}, CHANGED])
def test_command_line_gives_the_same_configuration_and_table(
    name: str, preset: PresetName, changes: dict[str, Any], tmp_path: Path
) -> None:
    config = EXPERIMENTS[name](preset=preset, dataset="digits", **changes)
    if name == "table3":
        config = config.model_copy(update={"learners": ("vgg11", "convnet", "dsa"), "norm": "batch"})
        config = config.model_copy(update={"images_per_class": (10,)})
    if changes:
        config = config.model_copy(update={"protocol": "dc"})
    program, command, *arguments = shlex.split(config.command_line)
    assert (program, command) == ("dmcore", "experiment")
    typed = config_of(tyro.cli(Experiment, args=arguments), EXPERIMENTS[name])
    assert typed == config
    assert typed.table(DIGITS, tmp_path) == config.table(DIGITS)


@pytest.mark.parametrize("name", PAPER_TABLES)
@pytest.mark.parametrize("preset", PRESETS)
def test_resolved_configuration_makes_the_same_table_and_can_be_left_open_again(
    name: str, preset: PresetName
) -> None:
    config = EXPERIMENTS[name](preset=preset, dataset="digits", seeds=4)
    resolved = config.resolved(DIGITS)
    assert resolved.resolved(DIGITS) == resolved
    assert resolved.left_open(DIGITS) == config
    table = config.table(DIGITS)
    assert resolved.table(DIGITS) == table
    assert experiment_of(table) is EXPERIMENTS[name]


@pytest.mark.parametrize(
    ("name", "options", "command"),
    [
        (
            "table1",
            {"images_per_class": (1, 10), "methods": ("random", "dm"), "seeds": 2, "repeats": 3},
            "table1 --preset laptop --dataset digits --images-per-class 1,10 --methods random,dm --seeds 2 "
            "--repeats 3",
        ),
        (
            "table3",
            {
                "images_per_class": (5,),
                "learners": ("convnet",),
                "norm": "none",
                "iterations": 7,
                "epochs": 3,
            },
            "table3 --preset laptop --dataset digits --images-per-class 5 --learners convnet --norm none "
            "--iterations 7 --epochs 3",
        ),
        (
            "table4",
            {
                **{"preset": "paper", "sources": ("pixels", "band:40.0-60"), "images_per_class": (1,)},
                **{"width": 8, "pool_networks": 2, "pool_steps": 8},
            },
            "table4 --preset paper --dataset digits --sources pixels,band:40-60 --images-per-class 1 "
            "--width 8 --pool-networks 2 --pool-steps 8",
        ),
    ],
)
def test_command_line_names_what_is_not_left_open(name: str, options: dict[str, Any], command: str) -> None:
    config = EXPERIMENTS[name](dataset="digits", **options)
    assert config.command_line == f"dmcore experiment {command}"


def test_commands_of_an_own_table_test_each_of_its_sets() -> None:
    config = OwnTableConfig(dataset="my images", sets=COMPARED, networks=("convnet",), repeats=3)
    options = "--dataset 'my images' --networks convnet --repeats 3 --epochs 200 --seed 0"
    assert config.command_line.splitlines() == [
        f"dmcore evaluate a:real-1 --iteration 4 {options}",
        f"dmcore evaluate b:real-10 --iteration 4 {options}",
    ]


@pytest.mark.parametrize("name", PAPER_TABLES)
@pytest.mark.parametrize("option", [*CHANGED, "images_per_class", "preset", "seed"])
@pytest.mark.parametrize("value", [0, -1, 10**22, "many"])
def test_absurd_values_are_refused(name: str, option: str, value: object) -> None:
    typed = (value,) if option == "images_per_class" else value
    with pytest.raises(ValidationError):
        EXPERIMENTS[name].model_validate({option: typed})


def test_rows_of_a_pool_need_it_and_others_do_not() -> None:
    assert all(EXPERIMENTS[name]().pool(DIGITS) is None for name in PAPER_TABLES if name != "table4")
    assert Table4Config(sources=("random", "pixels")).pool(DIGITS) is None
    pool = Table4Config(sources=("all",), pool_networks=3, width=8).pool(DIGITS)
    assert pool is not None
    assert (pool.config.width, pool.config.pool_steps, pool.networks) == (8, 600, 3)


def test_each_size_of_gradient_matching_is_a_run_with_its_published_loops() -> None:
    config = Table1Config(methods=("dc", "dsa"), images_per_class=(1, 10), seeds=1)
    recipes = [cell.recipe for cell in config.table(DIGITS).cells]
    assert [(each.method, each.sizes, each.condense and each.condense.iterations) for each in recipes] == [
        ("dc", (1,), 300),
        ("dc", (10,), 10),
        ("dsa", (1,), 300),
        ("dsa", (10,), 10),
    ]
    paper = Table1Config(preset="paper", methods=("dsa",), images_per_class=(10,), gradient_iterations=7)
    condensed = [cell.recipe.condense for cell in paper.table(CIFAR10).cells]
    assert {config.iterations for config in condensed if config is not None} == {7}
    assert "--gradient-iterations 7" in paper.command_line
    remedy = "no published loops for 5 images per class: ask for 1, 10, 20, 30, 40 or 50"
    with pytest.raises(ValueError, match=remedy):
        Table1Config(methods=("dsa",), images_per_class=(5,)).table(DIGITS)


def test_tables_2_and_3_have_rows_of_dsa_where_they_are_asked_for() -> None:
    second = Table2Config(dataset="digits", methods=("dm", "dsa"), seeds=1)
    recipes = {cell.row: cell.recipe for cell in second.table(DIGITS).cells}
    assert list(recipes) == ["DM, instance norm", "DM, batch norm", "DSA, instance norm", "DSA, batch norm"]
    dsa = recipes["DSA, batch norm"].condense
    assert isinstance(dsa, DsaConfig)
    assert (dsa.norm, dsa.iterations, dsa.images_per_class, dsa.width) == ("batch", 10, 10, 32)
    assert {cell.row: cell.network.norm for cell in second.table(DIGITS).cells}["DSA, batch norm"] == "batch"
    assert second.command_line == (
        "dmcore experiment table2 --preset laptop --dataset digits --methods dm,dsa --seeds 1"
    )
    third = Table3Config(dataset="digits", learners=("convnet", "dsa"), testers=("mlp",), norm="batch")
    by_row = {cell.row: cell for cell in third.table(DIGITS).cells}
    assert list(by_row) == ["ConvNet", "ConvNet by DSA"]
    dsa = by_row["ConvNet by DSA"].recipe.condense
    assert isinstance(dsa, DsaConfig)
    assert (dsa.network, dsa.norm, by_row["ConvNet by DSA"].network.network) == ("convnet", "batch", "mlp")
    assert "--learners convnet,dsa" in third.command_line
    few = third.model_copy(update={"gradient_iterations": 3}).table(DIGITS).cells[1].recipe.condense
    assert few is not None
    assert few.iterations == 3
    with pytest.raises(ValueError, match="no published loops for 5 images per class: ask for 1, 10"):
        third.model_copy(update={"images_per_class": (5,)}).table(DIGITS)


def test_one_protocol_tests_the_sets_of_all_methods_alike() -> None:
    methods = ("herding", "dc", "dsa", "dm", "whole")
    usual = Table1Config(dataset="digits", methods=methods, images_per_class=(1,), seeds=1)
    as_dc = usual.model_copy(update={"protocol": "dc"})
    table = as_dc.table(DIGITS)
    assert (table.protocol.epochs, table.protocol.augment) == (300, ())
    assert usual.table(DIGITS).protocol.epochs == 200
    of_usual = {cell.row: cell.recipe for cell in usual.table(DIGITS).cells}
    recipes = {cell.row: cell.recipe for cell in table.cells}
    whole = recipes.pop("Whole set").training
    assert whole is not None
    assert whole.augment == ()
    assert recipes == {row: of_usual[row] for row in recipes}, "the sets are the same"
    assert as_dc.model_copy(update={"epochs": 7}).table(DIGITS).protocol.epochs == 7
    assert as_dc.resolved(DIGITS).left_open(DIGITS) == as_dc
    assert as_dc.command_line.endswith("--protocol dc")
    as_published = Table1Config(preset="paper").table(CIFAR10)
    assert Table1Config(preset="paper", protocol="dm").table(CIFAR10).key == as_published.key
    assert Table1Config(preset="paper", protocol="dsa").table(CIFAR10).key == as_published.key
    assert usual.model_copy(update={"protocol": "dm"}).table(DIGITS).protocol.epochs == 1000
    with pytest.raises(ValidationError):
        Table1Config.model_validate({"protocol": "dd"})
    own = OwnTableConfig(sets=COMPARED[:1], networks=("convnet",), protocol="dc")
    assert own.table(DIGITS).protocol == table.protocol
    assert own.command_line == (
        "dmcore evaluate a:real-1 --iteration 4 --networks convnet --repeats 2 --epochs 300 --augment none "
        "--seed 0"
    )


def test_distribution_matching_is_what_pages_compare_with_before_gradient_matching() -> None:
    table = Table1Config(methods=("dc", "dsa", "random", "dm"), images_per_class=(1,)).table(DIGITS)
    assert table.learned_rows == ("DM", "DC", "DSA")
    assert table.learned_row == "DM"
