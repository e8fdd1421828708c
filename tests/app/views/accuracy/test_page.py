"""The Accuracy page without a browser: choices make tables, verdicts and bad luck are sentences."""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.fresh_interpreter import assert_no_torch
from support.jobs import ended, start
from support.live_routes import live_client
from support.pages import open_page, plain_spaces, run_page, tables_of, text_of
from support.recorded_runs import described_data
from support.small_runs import TINY, made
from support.waiting import until

from app.data.available import AvailableDataset, available_datasets
from app.data.folders import cache_root
from app.jobs.manager import JobManager
from app.jobs.table_work import TableWork
from app.plots.line_ends import LABEL_HEIGHT, capped_positions
from app.tables.figures.dots import DotRows, dots_figure, dots_height
from app.tables.figures.sizes import accuracy_by_size_figure
from app.tables.method_images import images_grid, tile_in_squares
from app.tables.state import table_id, table_state
from app.views.accuracy.choices import paper_table
from app.views.accuracy.own_choices import build_own_table, other_data_text
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.load import load_dataset
from dmcore.experiments.confusion import cell_confusion
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.own_sets import compared_sets, offered_sets
from dmcore.experiments.own_table import ComparedSet, OwnTableConfig
from dmcore.experiments.presets import DataFacts, catalogue_facts
from dmcore.experiments.report.entries import compared_entries, entry_of, whole_set_accuracies
from dmcore.experiments.report.notes import PublishedMarker
from dmcore.experiments.results import CellResult, NetworkResult, Results, failures, read_results
from dmcore.experiments.runner import run_table
from dmcore.experiments.sets import Roots
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table_config import TableConfig
from dmcore.runs.runs_root import change_description, delete_run, list_runs, open_run

opened = partial(open_page, "accuracy.py", data="Digits")
DIGITS = AvailableDataset(DataFacts("digits", "Digits", (1, 8, 8), 1437), "Digits", 10)
FASHION = AvailableDataset(
    DataFacts("fashion_mnist", "Fashion-MNIST", (1, 28, 28), 60_000), "Fashion-MNIST", 10
)
SUBSET = available_datasets([])["Fashion-MNIST subset"]
FASHION_NAMES = CATALOGUE["fashion"].class_names
QUICKLY = Table1Config(images_per_class=(1,), methods=("random",), seeds=1, repeats=1)


def table_of(config: TableConfig = QUICKLY, data: AvailableDataset = DIGITS) -> Table:
    table = paper_table(config, data).table
    assert table is not None
    return table


def filled_with(table: Table, accuracies: dict[str, list[list[float]]]) -> Results:
    """Results as if for each row each set had been tested with these networks."""
    cell_results = {}
    for row, sets in accuracies.items():
        for number, (index, percents) in enumerate(zip(table.at(row, table.columns[0]), sets, strict=False)):
            cells = tuple(
                NetworkResult(repeat=repeat, accuracy=accuracy, file=f"{row}/{number}/{repeat}")
                for repeat, accuracy in enumerate(percents)
            )
            cell_results[index] = CellResult(
                digest=f"{row}-{number}", run="gone", images=10, network_results=cells
            )
    return Results(table=table, cell_results=cell_results)


def test_the_same_choices_make_the_same_table_and_other_choices_another() -> None:
    keys = {
        table_of(experiment(images_per_class=(1, 10), seeds=seeds)).key
        for _ in range(2)
        for experiment in (Table1Config, Table2Config, Figure5Config)
        for seeds in (None, 2)
    }
    assert len(keys) == 6


def test_the_command_names_what_is_not_the_presets() -> None:
    assert paper_table(Table1Config(dataset="digits"), DIGITS).command == (
        "dmcore experiment table1 --preset laptop --dataset digits"
    )
    config = Figure5Config(
        preset="paper",
        dataset="fashion_mnist",
        images_per_class=(1, 50),
        methods=("random", "dm"),
        seeds=2,
        repeats=3,
    )
    assert paper_table(config, FASHION).command == (
        "dmcore experiment figure5 --preset paper --dataset fashion_mnist --images-per-class 1,50 "
        "--methods random,dm --seeds 2 --repeats 3"
    )


def test_gradient_matching_at_a_size_without_published_loops_is_refused_in_a_sentence() -> None:
    chosen = paper_table(Table1Config(dataset="digits", methods=("dsa", "dm"), images_per_class=(5,)), DIGITS)
    assert chosen.table is None
    assert chosen.missing == (
        "DC and DSA have no published loops for 5 images per class: ask for 1, 10, 20, 30, 40 or 50, or "
        "leave these methods out."
    )
    one = paper_table(Table1Config(dataset="digits", methods=("dsa", "dm"), images_per_class=(1,)), DIGITS)
    assert one.table is not None
    assert one.table.rows == ("DSA", "DM")


def test_table_2_with_dsa_and_another_protocol_is_chosen_in_its_form() -> None:
    page = opened(compare="Table 2", table2_methods=["DM", "DSA"], protocol="as DC", seeds="1")
    command = "dmcore experiment table2 --preset laptop --dataset digits --methods dm,dsa --seeds 1"
    assert page.code[0].value == f"{command} --protocol dc"
    assert "trained for 300 epochs without augmentation" in text_of(page)
    page.selectbox(key="protocol").set_value(None)
    assert run_page(page).code[0].value == command
    page.segmented_control(key="compare").set_value("Table 1")
    assert "--methods" not in run_page(page).code[0].value, "table 1 has a choice of its own"


def test_more_images_than_a_class_has_are_left_out_with_a_sentence() -> None:
    chosen = paper_table(Figure5Config(), DIGITS)
    assert chosen.table is not None
    assert chosen.table.columns == ("10 per class", "50 per class", "100 per class")
    assert chosen.notes == ("Left out: 200 per class, more than each class of Digits surely has.",)
    assert chosen.command.endswith("--images-per-class 10,50,100")
    paper = paper_table(Figure5Config(preset="paper", images_per_class=(10, 450, 500, 1000)), SUBSET)
    assert paper.table is not None
    assert paper.table.columns == ("10 per class", "450 per class", "500 per class")
    assert plain_spaces(paper.notes[0]).startswith("Left out: 1 000 per class, more than each class of")
    nothing = paper_table(Table1Config(images_per_class=(500,)), DIGITS)
    assert nothing.table is None
    assert "choose fewer images per class" in nothing.missing


def test_the_table_of_runs_tests_the_network_of_the_first_and_has_a_command_for_each(tmp_path: Path) -> None:
    offered = offered_sets([made(tmp_path, seed=0), made(tmp_path, seed=1)], "digits")
    compared = compared_sets(dict.fromkeys(offered), offered)
    own = build_own_table(
        compared, offered, OwnTableConfig(dataset="digits"), DIGITS.facts, ["Random"], ["ConvNet", "MLP"]
    )
    assert own.table is not None
    assert own.table.columns == ("ConvNet", "MLP")
    assert len(own.table.at(compared[0].row, "MLP")) == 2
    assert all(cell.recipe.iteration == 4 for cell in own.table.cells if cell.recipe.method == "run")
    assert own.table.cells[0].network.width == TINY.width  # the ConvNet is the run's own
    assert own.command.count("dmcore evaluate") == 2


def test_baselines_have_as_many_images_as_the_sets() -> None:
    sets = [ComparedSet("a", "real-1", 4, 1, "A"), ComparedSet("b", "real-10", 4, 10, "Random, 1 per class")]
    config = OwnTableConfig(seeds=2, sets=sets, baselines=("random",), networks=("convnet",), whole=True)
    table = config.table(DIGITS.facts)
    assert table.rows == (
        "A",
        "Random, 1 per class",
        "Random, 1 per class (real images)",
        "Random, 10 per class",
        "Whole set",
    )
    assert len(table.at("Random, 10 per class", "ConvNet")) == 2
    with pytest.raises(ValueError, match="at least one set"):
        config.model_copy(update={"sets": ()}).table(DIGITS.facts)
    with pytest.raises(ValueError, match="at least one"):
        config.model_copy(update={"networks": ()}).table(DIGITS.facts)


def test_figures_have_units_a_ceiling_and_published_lines_only_where_given() -> None:
    table = table_of(Table1Config(images_per_class=(1, 10), methods=("random", "dm", "whole")))
    results = filled_with(table, {"DM": [[80.0, 81.0]], "Whole set": [[95.0]]})
    points, ceilings = compared_entries(results), whole_set_accuracies(results)
    assert [(point.row, point.column) for point in points] == [("DM", "1 per class")]
    assert ceilings == {"1 per class": 95.0}
    mark = PublishedMarker("DM", "1 per class", 82.5, "the paper, table 1")
    figure = dots_figure(("Random", "DM"), table.columns, points, ceilings, [mark])
    layout, traces = figure["layout"], figure["data"]
    assert layout["xaxis"]["title"]["text"] == "test accuracy (%)"
    assert [trace["x"] for trace in traces if trace.get("line", {}).get("dash") == "dash"] == [[95.0] * 3]
    assert [trace["x"][:2] for trace in traces if trace.get("line", {}).get("dash") == "dot"] == [
        [],
        [82.5, 82.5],
    ]
    written = [note["text"] for note in layout["annotations"]]
    assert "<b>80.5</b>" in written[-3]
    assert "± 0.5" in written[-3]
    assert written[-1] == "–", "a column without a number has none"
    sizes = {"1 per class": 1, "10 per class": 10}
    relative = accuracy_by_size_figure(("Random", "DM"), sizes, points, 95.0, True, 380)
    line = next(trace for trace in relative["data"] if trace.get("error_y"))
    assert line["y"] == [pytest.approx(100 * 80.5 / 95)]
    assert relative["layout"]["xaxis"]["type"] == "log"
    assert "share of the whole set" in relative["layout"]["yaxis"]["title"]["text"]
    waiting = accuracy_by_size_figure(("Random", "DM"), sizes, points, None, True, 380)
    assert "waiting" in waiting["layout"]["annotations"][0]["text"]


def test_names_at_the_line_ends_stay_below_the_top() -> None:
    assert capped_positions([90.0, 109.0, 128.0], 110.0) == [
        110.0 - 2 * LABEL_HEIGHT,
        110.0 - LABEL_HEIGHT,
        110.0,
    ]
    assert capped_positions([10.0, 60.0], 110.0) == [10.0, 60.0]


def test_images_of_a_class_stand_in_a_square() -> None:
    pictures = np.arange(5, dtype=np.uint8)[None, :, None, None, None].repeat(2, 3).repeat(2, 4)
    square = tile_in_squares(pictures)
    assert square.shape == (1, 1, 1, 5, 5)
    assert [square[0, 0, 0, row, column] for row in (0, 4) for column in (0, 4)] == [0, 1, 2, 3]
    assert tile_in_squares(pictures[:, :3]).shape == (1, 1, 1, 2, 2)


def test_another_preset_leaves_open_what_was_chosen_beside_the_one_before(
    process_manager: JobManager,
) -> None:
    page = opened(repeats="3", sizes="10")
    assert "--repeats 3" in page.code[0].value
    page.segmented_control(key="preset").set_value("paper").run()
    assert not page.exception
    assert page.number_input(key="repeats").value is None
    assert page.multiselect(key="sizes").value == []
    assert "--repeats" not in page.code[0].value


def test_the_page_says_what_to_do_where_nothing_is_filled_and_where_there_are_no_runs(
    process_manager: JobManager,
) -> None:
    page = opened()
    assert "There are no numbers yet: at most " in text_of(page)
    assert " on each of 34 sets of images" in text_of(page)
    assert page.button(key="table_run").label == "Run this table"
    page.segmented_control(key="compare").set_value("my runs").run()
    assert not page.exception
    assert "start a run on the Watch page" in text_of(page)
    assert page.button(key="accuracy_table_action")


@pytest.mark.slow
def test_a_table_is_filled_and_told_with_figures_images_and_confusions(process_manager: JobManager) -> None:
    config = Table1Config(images_per_class=(5,), methods=("random", "mean_image"), seeds=1, repeats=2)
    table = table_of(config)
    process_manager.submit(TableWork(table=table))
    until(lambda: table_state(process_manager, table).status == "finished", "the table is filled")
    results = read_results(process_manager.runs_root, table)
    confusion = cell_confusion(results, "Random", "5 per class", process_manager.runs_root, cache_root())
    assert confusion is not None
    assert (confusion.counts.sum(), confusion.networks, confusion.missing) == (720, 2, 0)
    assert confusion.names == tuple("0123456789")
    assert "% right)" in confusion.sentence
    grid, troubles = images_grid(results, "5 per class", process_manager.runs_root)
    assert grid is not None
    assert [lane.pixels.shape for lane in grid.lanes] == [(10, 1, 1, 17, 17)] * 2
    assert troubles == []
    client = live_client()
    address = f"/live/tables/{table_id(table)}"
    drawn = client.get(f"{address}/accuracy").json()
    assert (drawn["revision"], drawn["subject"]) == (4, table_id(table))
    assert "Random, 5 per class" in drawn["alt"]
    curves = client.get(f"{address}/training?column=5+per+class").json()
    assert "Random" in curves["alt"]
    summary = client.get(f"{address}/answer?column=5+per+class&moment=").json()
    assert summary["parts"][0]["text"] == "5 per class:"
    assert client.get(f"{address}/answer?column=5+per+class&moment={summary['revision']}").status_code == 204
    page = opened(sizes="5", seeds="1", repeats="2", methods=["Random", "Mean image"], confusion="true")
    assert any("Most often confused" in element.value for element in page.markdown)
    page.button(key="accuracy_table_images_download").click().run()
    assert not page.exception, page.exception
    assert list(page.selectbox(key="accuracy_table_images_download_of").options) == ["Random", "Mean image"]
    for file in cache_root().glob("cells/*/*.json"):
        file.unlink()
    page.run()
    assert "not in the cache any more" in text_of(page)


@pytest.mark.slow
def test_bad_luck_with_one_set_is_a_sentence_and_the_rest_goes_on(
    process_manager: JobManager, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    for name in ("dark", "light"):
        (tmp_path / "two" / name).mkdir(parents=True)
        for number in range(12):
            pixels = (100 + 60 * (name == "light") + random.integers(-40, 40, (8, 8))).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "two" / name / f"{number}.png")
    root = process_manager.runs_root
    other, gone = made(root), made(root, seed=1)
    data = DataFacts(str(tmp_path / "two"), "Two", (1, 8, 8), 20)
    config = OwnTableConfig(seeds=1, repeats=1)
    sets = [
        ComparedSet(run.id, "real-2", 4, 2, row)
        for run, row in ((other, "Of other classes"), (gone, "Deleted"))
    ]
    changes = {"sets": tuple(sets), "baselines": ("random",), "networks": ("convnet", "vgg11")}
    table = config.model_copy(update=changes).table(data)
    deep = {"network": table.cells[0].network.model_copy(update={"depth": 8})}
    cells = (cell if cell.column == "ConvNet" else cell.model_copy(update=deep) for cell in table.cells)
    table = table.model_copy(update={"cells": tuple(cells)})
    delete_run(gone)
    for _ in run_table(table, load_dataset(data.name), Roots(root, cache_root())):
        pass
    results = read_results(root, table)
    reasons = failures(results)
    assert set(reasons) == {
        *("Of other classes, ConvNet", "Of other classes, VGG-11", "Deleted, ConvNet", "Deleted, VGG-11"),
        "Random, VGG-11",
    }
    assert gone.id in reasons["Deleted, ConvNet"]
    assert entry_of(results, "Random", "ConvNet") is not None
    assert images_grid(results, "ConvNet", root)[0] is not None
    assert table_state(process_manager, table).status == "finished"


@pytest.mark.slow
def test_a_set_that_is_deleted_meanwhile_stays_in_the_table_and_a_new_visit_leaves_it_out(
    process_manager: JobManager,
) -> None:
    stays, gone = made(process_manager.runs_root), made(process_manager.runs_root, seed=1)
    page = opened(compare="my runs", sets=f"{stays.id}:real-2,{gone.id}:real-2@3")
    assert page.query_params["sets"] == f"{stays.id}:real-2@4,{gone.id}:real-2@3"
    before = page.session_state["own_made"][1].table
    delete_run(gone)
    run_page(page)
    assert any("was deleted: what has arrived of it stays" in element.value for element in page.caption)
    assert page.session_state["own_made"][1].table == before
    fresh = opened(compare="my runs", sets=f"{gone.id}:real-2@3")
    assert any("is not here any more" in element.value for element in fresh.caption)
    assert "Choose at least one set" in text_of(fresh)


def test_a_run_that_is_being_computed_can_be_chosen_once_it_has_ended(process_manager: JobManager) -> None:
    done = made(process_manager.runs_root)
    job = start(process_manager, TINY.model_copy(update={"iterations": 10**6}), "Under way")
    until(lambda: job.snapshot is not None and job.snapshot.iteration > 1)
    page = opened(compare="my runs", sets=f"{done.id}:real-2,{job.run_id}:real-2")
    waits = "Under way is still being computed: it can be chosen once it has ended."
    assert any(waits in element.value for element in page.caption)
    assert page.multiselect(key="accuracy_own_sets").value == [f"{done.id}:real-2"]
    assert "@" not in page.query_params["sets"].split(",")[-1], "no unfinished images in the address"
    process_manager.stop()
    ended(job)
    run_page(page)
    assert f"{job.run_id}:real-2" in page.multiselect(key="accuracy_own_sets").value


def test_a_data_set_of_a_run_that_is_not_on_this_machine_says_so(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DM_DATA", str(tmp_path / "nothing"))
    run = made(process_manager.runs_root)
    change_description(run.path, data=run.description.data.model_copy(update={"name": "fashion_mnist"}))
    gone = available_datasets(list_runs(process_manager.runs_root))["Fashion-MNIST"]
    assert not gone.on_disk
    page = opened(data="Fashion-MNIST")
    assert any("started on the Watch page, downloads it" in element.value for element in page.caption)
    table = table_of(data=gone)
    process_manager.submit(TableWork(table=table))
    until(lambda: table_state(process_manager, table).status == "failed", "the data set is not there")
    page.query_params["sizes"] = "1"
    run_page(page)


def test_the_page_imports_no_torch_on_its_path() -> None:
    assert_no_torch("app.views.accuracy.sections", "app.server.routes")


def test_a_set_of_other_data_is_refused_with_a_remedy_before_anything_is_computed(
    process_manager: JobManager,
) -> None:
    run = made(process_manager.runs_root)
    page = open_page("accuracy.py", compare="my runs", sets=f"{run.id}:real-2", data=SUBSET.label)
    told = text_of(page).replace("\\", "")
    assert "cannot be tested on Fashion-MNIST subset: it has other images and classes" in told
    assert "Choose Digits as the data set" in told
    assert not [button for button in page.button if button.key == "table_run"]
    page.selectbox(key="data").set_value("Digits").run()
    assert page.button(key="table_run")


@pytest.mark.parametrize(
    ("of", "names", "on", "refused"),
    [
        ("mnist", "0123456789", "fashion_mnist", True),
        ("fashion_mnist", FASHION_NAMES, "mnist", True),
        ("fashion", FASHION_NAMES, "fashion_mnist", False),
        ("svhn", "0123456789", "cifar10", True),
        ("cifar10", "abcdefghij", "svhn", True),
        ("cifar10", "abcdefghij", "cifar10", False),
        ("/photos", "abcdefghij", "mnist", True),
        ("/photos", "9876543210", "mnist", False),
        ("", "0123456789", "fashion_mnist", False),
        ("/photos", "abcdefghij", "cifar10", False),
    ],
)
def test_a_set_of_the_same_shape_is_refused_where_its_classes_are_known_to_be_others(
    tmp_path: Path, of: str, names: Sequence[str], on: str, refused: bool
) -> None:
    facts = catalogue_facts(on)
    assert facts is not None
    channels, side, _ = facts.shape
    run = made(tmp_path / "runs")
    data = described_data(of, "Own data", tuple(names), channels, side)
    change_description(run.path, data=data)
    chosen = list(offered_sets([open_run(run.id, tmp_path / "runs")], on).values())
    told = other_data_text(chosen, AvailableDataset(facts, CATALOGUE[on].title, 10))
    if refused:
        assert f"cannot be tested on {CATALOGUE[on].title}: it has other classes. Choose Own data" in told
    else:
        assert told == ""


def test_rows_with_long_names_are_as_high_as_these_and_say_them_on_hover() -> None:
    short, long = ("DM", "Random"), ("DM", "A run that somebody has given a rather long name, for Monday")
    column = ("ConvNet",)
    assert dots_height(long, column, 1) > dots_height(short, column, 1)
    place = DotRows(long, column)
    assert place.row_height >= 3 * LABEL_HEIGHT, "three lines"
    assert place.at(long[1], "ConvNet") == place.middle(long[1]), "the line stands beside the name's middle"
    notes = dots_figure(long, column, [], {})["layout"]["annotations"]
    assert [note["hovertext"] for note in notes if "hovertext" in note] == [long[1]]


def test_the_scores_of_the_field_stand_below_the_verdicts(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DM_GALLERY")
    page = open_page("accuracy.py")  # the recorded table 1
    (expander,) = (each for each in page.expander if each.label.startswith("Scores of the field"))
    assert "LRS" in " ".join(each.value for each in expander.caption)
    (table,) = (each for each in tables_of(page) if "Improvement over random (IOR), points" in each)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")]
    by_name = {cells[0]: cells[1:] for cells in rows if cells}
    assert "Random" not in by_name
    assert by_name["DM"][0].startswith("+19.6 ("), "71.5 against 51.9 % at 1 per class"
