"""Running tables: nothing is computed twice, what ends it loses nothing, trouble of one cell stays there."""

from pathlib import Path

import numpy as np
import pytest
from support.small_tables import DIGITS, SIZES, Trainings, cell_of, roots_in, run_to_end, table_of, tiny_table

from dmcore.config import DsaConfig, laptop_presets
from dmcore.data.images import DataSet
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments import runner
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.matching_runs import find_condensed
from dmcore.experiments.report.entries import entry_of
from dmcore.experiments.report.notes import same_images_text
from dmcore.experiments.results import (
    CellResult,
    NetworkResult,
    Results,
    complete,
    read_results,
)
from dmcore.experiments.runner import CellUpdate, run_table
from dmcore.experiments.sets import SetProgress
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.runs.imports import load_condensed
from dmcore.runs.runs_root import list_runs, open_run
from dmcore.training.evaluate import NetworkTested, evaluate

ONE, TWO = "1 per class", "2 per class"


@pytest.fixture(autouse=True)
def _short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laptop_presets, "LAPTOP_EPOCHS", (1, 1))


def test_every_cell_is_what_evaluate_gives_for_the_run_that_is_named(digits: DataSet, tmp_path: Path) -> None:
    table, roots = tiny_table(("random", "dm", "whole"), (1, 2), repeats=2), roots_in(tmp_path)
    results, trained = run_to_end(table, digits, roots)
    assert trained == 2 * 2 * 2 + 1
    assert read_results(roots.runs, table) == results
    for index, cell in enumerate(table.cells):
        result = results.cell_results[index]
        assert complete(cell, result)
        if cell.recipe.method == "whole":
            assert (result.run, result.images) == ("", 1437)
            continue
        stored = load_condensed(open_run(result.run, roots.runs), result.set)
        assert len(stored.images) == result.images == 10 * cell.recipe.images_per_class
        protocol = table.protocol.model_copy(update={"repeats": cell.repeats})
        events = evaluate(
            stored.images, stored.label, digits.test, [cell.network], protocol, evaluation_plan("cpu", 1)
        )
        accuracies = [event.accuracy for event in events if isinstance(event, NetworkTested)]
        assert [network.accuracy for network in result.network_results] == accuracies
    again, trained = run_to_end(table, digits, roots)
    assert (again, trained) == (results, 0)


def test_methods_of_gradient_matching_stand_beside_distribution_matching(
    digits: DataSet, tmp_path: Path
) -> None:
    roots = roots_in(tmp_path)
    table = tiny_table(("dc", "dsa", "dm"), gradient_iterations=2)
    results, trained = run_to_end(table, digits, roots)
    assert trained == 3
    runs = {
        cell.row: open_run(results.cell_results[index].run, roots.runs)
        for index, cell in enumerate(table.cells)
    }
    assert {row: (run.config.method, run.iteration()) for row, run in runs.items() if run.config} == {
        "DC": ("dc", 2),
        "DSA": ("dsa", 2),
        "DM": ("dm", 2),
    }
    assert runs["DC"].set_names == ("noise-1",)
    assert runs["DSA"].set_names == ("real-1",)
    more, _ = run_to_end(tiny_table(("dc", "dsa"), repeats=2, gradient_iterations=2), digits, roots)
    assert {result.run for result in more.cell_results.values()} == {runs["DC"].id, runs["DSA"].id}, (
        "not anew"
    )


def test_dsa_stands_in_tables_2_and_3_with_the_networks_of_each(digits: DataSet, tmp_path: Path) -> None:
    roots, few = roots_in(tmp_path), {**SIZES, "images_per_class": (1,), "seeds": 1, "repeats": 1}
    few |= {"gradient_iterations": 2}
    second = Table2Config.model_validate({"methods": ("dsa",), **few}).table(DIGITS)
    third = Table3Config.model_validate({"learners": ("dsa",), "testers": ("convnet", "mlp"), **few})
    norms = []
    for table in (second, third.table(DIGITS)):
        results, trained = run_to_end(table, digits, roots)
        assert trained == 2
        for result in results.cell_results.values():
            config = open_run(result.run, roots.runs).config
            assert isinstance(config, DsaConfig)
            norms.append(config.norm)
    assert norms == ["instance", "batch", None, None]
    assert len(list_runs(roots.runs)) == 3, "both columns of table 3 have one run"


def test_more_networks_and_more_sets_train_only_what_is_missing(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, roots = Trainings(monkeypatch), roots_in(tmp_path)
    counts = []
    for seeds, repeats in ((1, 1), (1, 3), (2, 3), (2, 2)):
        table = tiny_table(("random", "dm"), (1, 2), seeds, repeats)
        _, fresh = run_to_end(table, digits, roots)
        counts.append((fresh, trained.count))
    assert counts == [(4, 4), (8, 12), (12, 24), (0, 24)]
    assert len(list_runs(roots.runs)) == 2 * 2  # sizes are made together, seeds are not


@pytest.mark.parametrize("threads", [1, 2])
def test_broken_off_anywhere_a_table_goes_on_with_what_is_missing(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    trained, roots = Trainings(monkeypatch), roots_in(tmp_path)
    table = tiny_table(("random", "dm"), (1, 2), repeats=2)
    stops, fresh = 0, True
    while fresh:
        events = run_table(table, digits, roots, "cpu", threads)
        fresh = any(isinstance(event, CellUpdate) and event.fresh for event in events)  # looks no further
        events.close()
        stops += fresh
    assert trained.count == 8  # none twice
    assert stops == 8 if threads == 1 else stops >= 4  # two at once are stored though one arrived
    unbroken, _ = run_to_end(table, digits, roots_in(tmp_path / "unbroken"))
    results = read_results(roots.runs, table)
    for row, column in ((row, column) for row in table.rows for column in table.columns):
        assert entry_of(results, row, column) == entry_of(unbroken, row, column)


def test_a_condensation_that_was_broken_off_goes_on_in_its_run(digits: DataSet, tmp_path: Path) -> None:
    table, roots = tiny_table(("dm",)), roots_in(tmp_path)
    config = table.cells[0].recipe.condense
    assert config is not None
    longer = config.model_copy(update={"iterations": 60})
    recipe = table.cells[0].recipe.model_copy(update={"condense": longer})
    table = table_of([cell_of("DM", recipe)])
    filling_events = run_table(table, digits, roots, "cpu", 1)
    event = next(filling_events)
    assert isinstance(event, SetProgress)
    assert event.run
    filling_events.close()
    run = find_condensed(longer, digits.train_digest, roots.runs)
    assert run is not None
    assert 0 < run.iteration() < 60
    results, _ = run_to_end(table, digits, roots)
    assert (results.cell_results[0].run, results.cell_results[0].iteration) == (run.id, 60)
    assert len(list_runs(roots.runs)) == 1


def test_a_set_that_is_the_same_for_every_seed_counts_once(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, roots = Trainings(monkeypatch), roots_in(tmp_path)
    table = tiny_table(("mean_image", "random"), (1, 2), seeds=3, repeats=2)
    results, _ = run_to_end(table, digits, roots)
    means, clusters = (entry_of(results, "Mean image", column) for column in (ONE, TWO))
    drawn = entry_of(results, "Random", ONE)
    assert means is not None
    assert (means.sets, means.networks) == (1, 2)
    assert drawn is not None
    assert (drawn.sets, drawn.networks) == (3, 6)
    assert clusters is not None
    assert clusters.sets == 3
    assert trained.count == 2 + 6 + 6 + 6
    for index in table.at("Mean image", ONE):
        assert "The mean of all real images" in results.cell_results[index].description
    for index in table.at("Mean image", TWO):
        assert "clusters" in results.cell_results[index].description


def test_mean_std_and_both_ns_are_numpys() -> None:
    table = tiny_table(("random",), (1,), seeds=3, repeats=2)
    numbers = [[50.0, 53.5], [61.25, 60.0], [40.0]]
    results = Results(
        table=table,
        cell_results={
            index: CellResult(
                digest=f"set {index}",
                network_results=tuple(
                    NetworkResult(repeat=repeat, accuracy=accuracy, file=f"{index} {repeat}")
                    for repeat, accuracy in enumerate(each)
                ),
            )
            for index, each in enumerate(numbers)
        },
    )
    entry, every = entry_of(results, "Random", ONE), np.concatenate(numbers)
    assert entry is not None
    assert (entry.mean, entry.std) == pytest.approx((np.mean(every), np.std(every, ddof=0)))
    assert entry.set_means == pytest.approx([np.mean(each) for each in numbers])
    assert (entry.sets, entry.networks) == (3, 5)
    assert entry_of(results, "Random", TWO) is None


def test_networks_on_all_real_images_are_trained_once_by_the_plan_that_was_asked_for(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    train = runner.train_whole

    def seen(*arguments: object) -> object:
        plans.append(arguments[3])
        return train(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "train_whole", seen)
    roots = roots_in(tmp_path)
    _, fresh = run_to_end(tiny_table(("whole",), (1, 2), seeds=2), digits, roots)
    assert fresh == 2
    assert plans == [evaluation_plan("cpu", 1)] * 2
    _, fresh = run_to_end(tiny_table(("herding", "whole"), (1,), seeds=2), digits, roots)
    assert (fresh, len(plans)) == (2, 2)  # two sets chosen by herding are judged


def test_k_means_is_a_row_on_request_and_of_one_image_chooses_the_one_that_herding_does(
    digits: DataSet, tmp_path: Path
) -> None:
    assert "k-means" not in Table1Config().table(DIGITS).rows
    table, roots = tiny_table(("herding", "k_means"), (1, 2)), roots_in(tmp_path)
    results, trained = run_to_end(table, digits, roots)
    assert trained == 3, "at 1 per class both have the same images"
    (single,), (two,) = results.at("k-means", ONE), results.at("k-means", TWO)
    assert single.digest == results.at("Herding", ONE)[0].digest
    assert (two.set, two.images) == ("k_means-2", 20)
    assert "chosen by k-means" in two.description
    assert same_images_text(results, "k-means") == (
        "1 per class: the same images as Herding, the one nearest to the class mean"
    )


def test_a_size_that_a_person_chose_is_kept_and_the_others_are_the_experiments() -> None:
    for experiment in (Table3Config, Figure5Config, Table2Config):
        table = experiment(seeds=2, repeats=3, iterations=7, width=16).table(DIGITS)
        condensed = [cell for cell in table.cells if cell.recipe.condense is not None]
        assert {cell.recipe.seed for cell in condensed} == {0, 1}
        assert {cell.repeats for cell in condensed} == {3}
        assert {cell.recipe.condense.iterations for cell in condensed if cell.recipe.condense} == {7}
        assert {cell.network.width for cell in condensed if cell.network.network == "convnet"} == {16}
    third, fifth = Table3Config().table(DIGITS), Figure5Config().table(DIGITS)
    assert {cell.recipe.seed for cell in third.cells} == {0}
    assert {cell.repeats for cell in fifth.cells} == {1}
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        Table3Config(epochs=0)
