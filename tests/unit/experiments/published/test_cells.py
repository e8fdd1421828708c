"""Published numbers: which cell has which, from where, and in what ours is another experiment."""

import pytest

from dmcore.config import CondenseConfig, DcConfig, EvaluateConfig, NetworkSpec, TrainingConfig
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.published.cells import differences, published_experiment, published_for
from dmcore.experiments.published.deviations import UNKNOWN_TRAINING, deviations_from
from dmcore.experiments.published.effects import effect_of
from dmcore.experiments.published.numbers import DANCE_PAPER, FASHION_SOURCES, REPRINTED
from dmcore.experiments.report.formats import as_csv, as_latex, as_markdown
from dmcore.experiments.report.notes import published_markers, published_notes
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.setting_effects import settings_of
from dmcore.experiments.table import Cell, Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config

TAKEN_OVER = ("Random", "Herding", "Forgetting")
SIDES = {"tinyimagenet": (3, 64, 64), "imagenet64": (3, 64, 64)}


def facts(name: str) -> DataFacts:
    entry = CATALOGUE.get(name)
    shape = entry.shape if entry is not None else SIDES.get(name, (3, 32, 32))
    return DataFacts(name, name, shape, 50_000)


def paper(name: str = "cifar10", sizes: tuple[int, ...] = (1, 10, 50)) -> Table:
    return Table1Config(preset="paper", images_per_class=sizes).table(facts(name))


def changed(table: Table, row: str, **changes: object) -> Table:
    """The table with something else about all cells of a row: `condense`, `network` or `training`."""

    def changed(cell: Cell) -> Cell:
        recipe = cell.recipe
        if cell.row != row:
            return cell
        if "condense" in changes and recipe.condense is not None:
            config = CondenseConfig.model_validate({**recipe.condense.model_dump(), **changes["condense"]})  # type: ignore[dict-item]
            recipe = recipe.model_copy(update={"condense": config})
        if "training" in changes and recipe.training is not None:
            training = TrainingConfig.model_validate({**recipe.training.model_dump(), **changes["training"]})  # type: ignore[dict-item]
            recipe = recipe.model_copy(update={"training": training})
        network = cell.network
        if "network" in changes:
            network = NetworkSpec.model_validate({**network.model_dump(), **changes["network"]})  # type: ignore[dict-item]
        return cell.model_copy(update={"recipe": recipe, "network": network})

    return table.model_copy(update={"cells": tuple(map(changed, table.cells))})


@pytest.mark.parametrize(
    ("data", "row", "size", "value", "std"),
    [
        ("mnist", "Random", 1, 64.9, 3.5),
        ("mnist", "DM", 1, 89.7, 0.6),
        ("mnist", "DM", 10, 97.5, 0.1),
        ("mnist", "Forgetting", 50, 88.2, 1.2),
        ("mnist", "Whole set", 10, 99.6, 0.0),
        ("cifar10", "Random", 10, 26.0, 1.2),
        ("cifar10", "Herding", 10, 31.6, 0.7),
        ("cifar10", "Forgetting", 50, 23.3, 1.1),
        ("cifar10", "DM", 1, 26.0, 0.8),
        ("cifar10", "DM", 10, 48.9, 0.6),
        ("cifar10", "DM", 50, 63.0, 0.4),
        ("cifar10", "Whole set", 50, 84.8, 0.1),
        ("cifar100", "Herding", 50, 33.7, 0.5),
        ("cifar100", "DM", 10, 29.7, 0.3),
        ("tinyimagenet", "DM", 50, 24.1, 0.3),
        ("imagenet64", "Random", 1, 0.52, None),
        ("imagenet64", "DM", 50, 11.4, None),
    ],
)
def test_table_1_is_published_and_the_papers_preset_is_the_same_experiment(
    data: str, row: str, size: int, value: float, std: float | None
) -> None:
    table = paper(data)
    published = published_for(table, row, f"{size} per class")
    assert published is not None
    assert (published.value, published.std, published.source) == (value, std, "the paper, table 1")
    earlier = row in TAKEN_OVER and data in ("mnist", "cifar10", "cifar100")
    assert len(differences(table, row, f"{size} per class")) == earlier


def test_selections_that_the_paper_took_over_were_tested_otherwise() -> None:
    for row in TAKEN_OVER:
        (difference,) = differences(paper(), row, "10 per class")
        assert difference.startswith(
            "test networks of 1\u202f000 epochs with our augmentation, not of 300 epochs with no augmentation"
        )
        (difference,) = differences(paper("mnist"), row, "10 per class")
        assert "not of 1\u202f000 epochs with one crop, scaling or rotation of each image" in difference
    as_they_did = EvaluateConfig(epochs=300, augment=())
    earlier = paper().model_copy(update={"protocol": as_they_did})
    assert differences(earlier, "Herding", "10 per class") == ()
    assert len(differences(earlier, "DM", "10 per class")) == 2
    slower = paper().model_copy(update={"protocol": as_they_did.model_copy(update={"learning_rate": 0.1})})
    assert differences(slower, "Random", "1 per class") == (
        "learning rate 0.1 of the test networks, not 0.01",
    )
    assert not any("earlier one" in text for text in differences(paper(), "Whole set", "10 per class"))


def test_each_part_of_another_pool_is_a_setting_by_the_name_of_its_field() -> None:
    table = changed(paper(), "DM", condense={"source": "all", "pool_networks": 3, "pool_steps": 600})
    cell = table.cells[table.at("DM", "10 per class")[0]]
    theirs = published_experiment(table, cell, "cifar10")
    settings = [deviation.setting for deviation in deviations_from(theirs, cell, table.protocol)]
    assert settings == ["pool_networks", "pool_steps"]
    measured = settings_of(table, "DM", "10 per class")
    assert measured is not None
    assert measured.keys() >= set(settings)
    assert all(effect_of(setting).direction for setting in (*settings, "test_protocol"))


@pytest.mark.parametrize(
    ("row", "size", "value", "source"),
    [
        ("Random", 1, 51.4, REPRINTED),
        ("Herding", 10, 71.1, REPRINTED),
        ("DM", 1, 70.7, DANCE_PAPER),
        ("DM", 10, 83.5, DANCE_PAPER),
        ("Whole set", 1, 93.5, REPRINTED),
    ],
)
def test_numbers_of_fashion_mnist_name_where_they_are_printed_never_the_paper(
    row: str, size: int, value: float, source: str
) -> None:
    published = published_for(paper("fashion_mnist"), row, f"{size} per class")
    assert published is not None
    assert (published.value, published.source) == (value, source)
    assert {"dc", "dsa"} < FASHION_SOURCES.keys()
    assert "paper, table" not in published.source


def test_gradient_matching_is_compared_with_its_own_published_settings() -> None:
    table = Table1Config(preset="paper", methods=("dc", "dsa"), images_per_class=(10,)).table(
        facts("cifar10")
    )
    assert [
        published.value
        for row in ("DC", "DSA")
        if (published := published_for(table, row, "10 per class")) is not None
    ] == [44.9, 52.1]
    assert differences(table, "DSA", "10 per class") == ()
    (tested_otherwise,) = differences(table, "DC", "10 per class")
    assert "not of 300 epochs with no augmentation" in tested_otherwise
    cell = table.cells[0]
    assert isinstance(cell.recipe.condense, DcConfig)
    other = cell.recipe.condense.model_copy(
        update={"outer_steps": 5, "real_batch": 64, "network_lr": 0.1, "distance": "mse"}
    )
    ours = cell.model_copy(update={"recipe": cell.recipe.model_copy(update={"condense": other})})
    experiment = published_experiment(table, cell, "cifar10")
    assert {each.text for each in deviations_from(experiment, ours, table.protocol)} - {tested_otherwise} == {
        "5 matching steps of an iteration, not 10",
        "64 real images per class and iteration, not 256",
        "learning rate 0.1 of the matched network, not 0.01",
        "distance of gradients mse, not ours",
    }


def test_dsa_has_its_numbers_in_tables_2_and_3() -> None:
    for data, value in (("cifar10", 59.9), ("cifar100", 44.6)):
        table = Table2Config(preset="paper", methods=("dm", "dsa")).table(facts(data))
        published = published_for(table, "DSA, batch norm", "50 per class")
        assert published is not None
        assert (published.value, published.source) == (value, "the paper, table 2")
        assert differences(table, "DSA, batch norm", "50 per class") == ()
        instance = published_for(table, "DSA, instance norm", "50 per class")
        assert instance is not None
        assert instance.source == "the paper, table 1"
        assert differences(table, "DSA, instance norm", "50 per class") == ()
    table = Table3Config(preset="paper", learners=("convnet", "dsa")).table(facts("cifar10"))
    row = [published_for(table, "ConvNet by DSA", column) for column in table.columns]
    assert [each and each.value for each in row] == [59.9, 53.3, 51.0, 47.3]
    assert all(differences(table, "ConvNet by DSA", column) == () for column in table.columns)
    dm = published_for(table, "ConvNet", "AlexNet")
    assert dm is not None
    assert dm.value == 61.3
    laptop = Table3Config(learners=("dsa",), images_per_class=(50,)).table(facts("cifar10"))
    assert "10 iterations, not 1\u202f000" in differences(laptop, "ConvNet by DSA", "ConvNet")


def test_a_number_of_an_unknown_source_is_never_of_the_same_experiment() -> None:
    table = paper("fashion_mnist")
    for row in ("Random", "Herding", "Whole set"):
        assert differences(table, row, "10 per class") == (UNKNOWN_TRAINING,)
    assert differences(table, "DM", "10 per class") == ()
    drawn = {marker.row for marker in published_markers(table)}
    assert drawn == {"DM"}
    narrow = Table1Config(width=32, preset="paper").table(facts("fashion_mnist"))
    assert "width 32, not 128" in differences(narrow, "Whole set", "10 per class")


def test_what_nobody_published_has_no_number_and_is_never_called_the_same() -> None:
    for table, row, column in (
        (paper(), "Mean image", "10 per class"),
        (paper(), "k-center", "10 per class"),
        (paper("fashion_mnist"), "Forgetting", "10 per class"),
        (paper("digits"), "DM", "10 per class"),
        (paper("fashion"), "DM", "10 per class"),  # a part of Fashion-MNIST: not what was published
        (paper("svhn"), "DM", "10 per class"),
        (paper("imagenet64"), "Whole set", "10 per class"),
        (paper("cifar10", (20,)), "DM", "20 per class"),
        (paper("/somewhere/cifar10"), "DM", "10 per class"),
        (paper("cifar10_small.zip"), "DM", "10 per class"),
    ):
        assert published_for(table, row, column) is None
        assert len(differences(table, row, column)) == 1
        assert published_notes(table) == [] or table.dataset in ("cifar10", "fashion_mnist", "imagenet64")


def test_tables_2_and_3_and_figure_5_have_their_numbers() -> None:
    for data, value in (("cifar10", 65.2), ("cifar100", 48.0)):
        table = Table2Config(preset="paper").table(facts(data))
        published = published_for(table, "DM, batch norm", "50 per class")
        assert published is not None
        assert (published.value, published.std, published.source) == (value, None, "the paper, table 2")
        assert differences(table, "DM, batch norm", "50 per class") == ()
        instance = published_for(table, "DM, instance norm", "50 per class")
        assert instance == published_for(paper(data), "DM", "50 per class")
        assert differences(table, "DM, instance norm", "50 per class") == ()
    third = Table3Config(preset="paper").table(facts("cifar10"))
    for row, column, value in (
        ("ConvNet", "AlexNet", 61.3),
        ("VGG-11", "ConvNet", 54.2),
        ("ResNet-18", "ResNet-18", 52.2),
    ):
        published = published_for(third, row, column)
        assert published is not None
        assert (published.value, published.source) == (value, "the paper, table 3")
        assert differences(third, row, column) == ()
    ten = Table3Config(preset="paper", images_per_class=(10,)).table(facts("cifar10"))
    assert published_for(ten, "ConvNet", "ConvNet") is None
    lenet = Table3Config(preset="paper", testers=("lenet",)).table(facts("cifar10"))
    assert published_for(lenet, "ConvNet", "LeNet") is None
    own_norms = Table3Config(preset="paper", norm="instance").table(facts("cifar10"))
    assert differences(own_norms, "ConvNet", "VGG-11") == (
        "ConvNet with instance norm, not batch norm",
        "VGG-11 with instance norm, not batch norm",
    )
    fifth = Figure5Config(preset="paper").table(facts("cifar10"))
    dm = [published_for(fifth, "DM", column) for column in fifth.columns]
    assert None not in dm
    values, sources = zip(*((entry.value, entry.source) for entry in dm if entry), strict=True)
    assert values == (26.0, 48.9, 63.0, 67.0, 71.2, 76.1, 79.8, 80.8)
    assert sources == ("the paper, table 1",) * 3 + ("the paper, figure 5",) * 5
    assert all(differences(fifth, "DM", column) == () for column in fifth.columns)
    assert published_for(fifth, "Random", "100 per class") is None


@pytest.mark.parametrize(
    ("row", "changes", "text"),
    [
        ("DM", {"condense": {"iterations": 500}}, "500 iterations, not 20\u202f000"),
        ("DM", {"condense": {"real_batch": 64}}, "64 real images per class and iteration, not 256"),
        ("DM", {"condense": {"width": 32}}, "width 32, not 128"),
        ("DM", {"condense": {"depth": 2}}, "depth 2, not 3"),
        ("DM", {"condense": {"norm": "batch"}}, "ConvNet with batch norm, not instance norm"),
        ("DM", {"condense": {"activation": "swish"}}, "swish activation, not relu"),
        ("DM", {"condense": {"image_lr": 10.0}}, "learning rate 10 of the pixels, not 1"),
        ("DM", {"condense": {"momentum": 0.9}}, "momentum 0.9 of the pixels, not 0.5"),
        ("DM", {"condense": {"init": "noise"}}, "started from noise, not real images"),
        ("DM", {"condense": {"replay": True}}, "replay of real means"),
        ("DM", {"condense": {"augment": ()}}, "no augmentation while condensing"),
        ("DM", {"condense": {"network": "alexnet"}}, "AlexNet, not ConvNet"),
        ("DM", {"network": {"network": "vgg11"}}, "VGG-11, not ConvNet"),
        ("Random", {"network": {"width": 64}}, "width 64, not 128"),
        ("Random", {"network": {"norm": "none"}}, "ConvNet with no norm, not instance norm"),
        ("Herding", {"training": {"epochs": 3}}, "3 epochs over all real images, not 200"),
        ("Whole set", {"training": {"width": 32}}, "width 32, not 128"),
    ],
)
def test_each_single_change_is_one_named_difference(row: str, changes: dict[str, object], text: str) -> None:
    table = changed(paper(), row, **changes)
    others = differences(paper(), row, "10 per class")
    (difference,) = [text for text in differences(table, row, "10 per class") if text not in others]
    assert difference.startswith(text)
    assert published_for(table, row, "10 per class") is not None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"epochs": 100}, "100 epochs of each test network, not 1\u202f000"),
        ({"learning_rate": 0.1}, "learning rate 0.1 of the test networks, not 0.01"),
        ({"batch": 64}, "batches of 64 for the test networks, not 256"),
        ({"augment": ("flip",)}, "flip while training the test networks"),
    ],
)
def test_another_protocol_is_named_but_not_for_the_whole_set(changes: dict[str, object], text: str) -> None:
    protocol = EvaluateConfig.model_validate({**paper().protocol.model_dump(), **changes})
    table = paper().model_copy(update={"protocol": protocol})
    (difference,) = differences(table, "DM", "10 per class")
    assert difference.startswith(text)
    assert differences(table, "Whole set", "10 per class") == ()


def test_numbers_of_sets_and_networks_and_seeds_are_no_difference() -> None:
    data = facts("cifar10")
    table = Table1Config(preset="paper", seeds=1, repeats=2).table(data)
    assert differences(table, "DM", "50 per class") == ()
    assert differences(table, "Random", "50 per class") == differences(paper(), "Random", "50 per class")


def test_on_digits_and_mnist_leaving_flip_out_is_what_was_published() -> None:
    without = ("color", "crop", "cutout", "scale", "rotate")
    assert (
        differences(changed(paper("mnist"), "DM", condense={"augment": without}), "DM", "1 per class") == ()
    )
    assert differences(changed(paper(), "DM", condense={"augment": without}), "DM", "1 per class") != ()


def test_a_laptop_differs_in_what_makes_it_quick() -> None:
    data = facts("fashion_mnist")
    texts = differences(Table1Config().table(data), "DM", "10 per class")
    assert texts == (
        "width 32, not 128",
        "500 iterations, not 20\u202f000",
        "64 real images per class and iteration, not 256",
        "200 epochs of each test network, not 1\u202f000",
    )


def test_every_layout_has_published_numbers_with_their_source_where_there_are_any() -> None:
    data = facts("fashion_mnist")
    config = Table1Config(methods=("random", "dm"), images_per_class=(10, 20), seeds=1, repeats=1)
    table = config.table(data)
    cell = NetworkResult(repeat=0, accuracy=70.0, file="a")
    results = Results(
        table=table,
        cell_results={index: CellResult(digest="x", network_results=(cell,)) for index in range(4)},
    )
    markdown = as_markdown(results)
    assert "| Method | 10 per class | published | 20 per class |" in markdown
    assert "| DM | 70.0 ± 0.0 (1 × 1) | 83.5 | 70.0 ± 0.0 (1 × 1) |" in markdown
    assert f"DM: {DANCE_PAPER}; ours differs in: width 32, not 128; 500 iterations" in markdown
    head, *lines = as_csv(results).splitlines()
    assert head.endswith("published,published_std,published_in,differs_in")
    (line,) = [line for line in lines if line.startswith("DM,10")]
    assert f',83.5,,"{DANCE_PAPER}","width 32, not 128; 500' in line
    assert r"Method & 10 per class & published & 20 per class \\" in as_latex(results)
    assert r"DM & $70.0 \pm 0.0$ & $83.5$ & $70.0 \pm 0.0$ \\" in as_latex(results)
    assert "published" not in as_markdown(Results(table=paper("digits"), cell_results={}))
