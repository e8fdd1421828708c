"""The Architectures page: choices make a table, cells fill in, and whatever cannot be filled says why."""

import shlex
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tyro
from filelock import FileLock
from streamlit.testing.v1 import AppTest
from support.fresh_interpreter import assert_no_torch
from support.jobs import ended, start
from support.live_routes import live_client
from support.pages import figures_of, lines_of, open_page, open_script, run_page, text_of, type_new_option
from support.small_tables import DIGITS
from support.small_zip import made_zip
from support.waiting import until

from app.data.available import known_facts, read_facts
from app.jobs.manager import JobManager
from app.jobs.table_work import TableWork
from app.plots.colour_scales import CIVIDIS, DIVERGING, colour_at, contrast, text_on
from app.tables.state import TableState, table_id, table_line, table_state
from app.views.architectures.live import cells_of, live_matrix
from app.views.architectures.row_runs import queue_rows, row_runs
from dmcore.cli.experiment import Experiment
from dmcore.cli.flags import config_of
from dmcore.config import NetworkSpec
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.report.matrix import MatrixCell, cell_lines, matrix_summary
from dmcore.experiments.report.notes import failure_notes
from dmcore.experiments.results import CellResult, NetworkResult, Results, results_file, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table3 import Table3Config
from dmcore.runs.runs_root import list_runs

opened = partial(open_page, "architectures.py")
PAPERS_SWITCHES = """
from app.views.architectures.matrix_view import MATRIX
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.table3 import Table3Config
cifar = DataFacts("cifar10", "CIFAR-10", (3, 32, 32), 50_000)
MATRIX.choose(Table3Config(preset="paper").table(cifar))
"""
USUAL = Table3Config(dataset="digits").table(DIGITS)
TINY_CONFIG = Table3Config(
    dataset="digits",
    learners=("convnet",),
    testers=("convnet", "mlp"),
    repeats=1,
    iterations=2,
    epochs=1,
    images_per_class=(1,),
)
TINY = TINY_CONFIG.table(DIGITS)
TINY_QUERY = {
    "laptop_rows": "ConvNet",
    "laptop_columns": ["ConvNet", "MLP"],
    "laptop_networks": "1",
    "laptop_iterations": "2",
    "laptop_epochs": "1",
    "laptop_images": "1",
}
"""The address of `TINY`."""


def matrix_of(page: AppTest) -> dict[str, Any]:
    (figure,) = figures_of(page)
    return figure


def with_numbers(table: Table, **by_cell: float) -> Results:
    """Results in which each place has two networks around a number, by row and column: `ConvNet_MLP=40`."""
    filled = {}
    for index, cell in enumerate(table.cells):
        number = by_cell.get(f"{cell.row}_{cell.column}".replace("-", ""))
        if number is not None:
            cells = tuple(
                NetworkResult(repeat=repeat, accuracy=number + repeat - 0.5, file=f"{index}/{repeat}")
                for repeat in (0, 1)
            )
            filled[index] = CellResult(digest=f"{cell.row} {cell.recipe.seed}", network_results=cells)
    return Results(table=table, cell_results=filled)


def state_of(results: Results) -> TableState:
    return TableState(results, None, None, "")


def cell_at(state: TableState, row: str, column: str) -> MatrixCell:
    return next(cell for line in cells_of(state) for cell in line if (cell.row, cell.column) == (row, column))


def texts_of(state: TableState, *options: str) -> list[str]:
    layout = live_matrix(state, dict.fromkeys(options, "1")).figure["layout"]
    assert isinstance(layout, dict)
    return [annotation["text"] for annotation in layout["annotations"]]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "preset": "paper",
            **{n: Table3Config.usual["paper"][n] for n in ("learners", "testers")},
        },
        {"learners": ("convnet", "resnet18"), "testers": ("mlp", "lenet"), "norm": "batch"},
        {"seeds": 3, "repeats": 4, "images_per_class": (5,)},
        {"iterations": 7, "epochs": 3, "norm": "none"},
    ],
)
def test_the_command_line_fills_the_same_table_as_the_page(changes: dict[str, Any]) -> None:
    chosen = Table3Config(dataset="digits", **changes).left_open(DIGITS)
    table = Table3Config(dataset="digits", **changes).table(DIGITS)
    assert chosen.table(DIGITS) == table
    words = shlex.split(chosen.command_line)
    assert words[:3] == ["dmcore", "experiment", "table3"]
    typed = config_of(tyro.cli(Experiment, args=words[2:]), Table3Config)
    assert typed.table(DIGITS).key == table.key


def test_the_address_holds_the_choices_and_each_preset_keeps_its_own(process_manager: JobManager) -> None:
    page = opened(**TINY_QUERY)
    assert matrix_of(page)["subject"] == table_id(TINY)
    page = opened()
    assert matrix_of(page)["subject"] == table_id(USUAL)
    page = opened(table3_preset="paper", laptop_norm="batch norm")
    assert matrix_of(page)["subject"] == table_id(
        Table3Config(preset="paper", dataset="digits").table(DIGITS)
    )
    page.session_state["paper_columns"] = []
    page.run()
    assert "Choose at least one row and one column" in text_of(page)


def test_a_row_of_dsa_is_chosen_and_explained(process_manager: JobManager) -> None:
    rows = {"laptop_rows": ["ConvNet", "ConvNet by DSA"], "laptop_protocol": "as DC", "matrix_drop": "true"}
    page = opened(**{**TINY_QUERY, **rows})
    assert "--learners convnet,dsa" in page.code[0].value
    assert "--protocol dc" in page.code[0].value
    text = text_of(page)
    assert "ConvNet by DSA: missing" in text
    assert "ConvNet by DSA: matched in gradients on a ConvNet." in text
    assert "ConvNet by DSA: against the images that the tested architecture learned by DM." in text
    assert "1 epochs without augmentation" in text
    page = opened(**{**TINY_QUERY, **rows, "laptop_images": "5"})
    assert "DC and DSA have no published loops for 5 images per class" in text_of(page)


def test_without_numbers_the_page_says_what_to_do_next(process_manager: JobManager) -> None:
    page = opened(**TINY_QUERY)
    assert "There are no numbers yet" in text_of(page)
    assert [button.label for button in page.button] == ["Run this table", "Condense"]
    summary, status = lines_of(page)
    assert "each row is learned on one architecture" in summary
    assert "not started | 0 of 2 networks" in status
    figure = matrix_of(page)
    assert "0 of 2 cells computed" in figure["alt"]
    assert "dmcore experiment table3" in page.code[0].value


def test_the_table_is_filled_and_every_view_of_it_tells(process_manager: JobManager) -> None:
    page = opened(**TINY_QUERY)
    page.button(key="table_run").click().run()
    assert not page.exception
    job = process_manager.job_about("table", TINY.key)
    assert job is not None
    assert ended(job) == "finished"
    page.run()
    summary, status = lines_of(page)
    assert "each row is learned on one architecture" in summary  # one row: nothing to compare
    assert "finished | 2 of 2 networks trained and tested" in status
    figure = matrix_of(page)
    assert "2 of 2 cells computed: ConvNet on ConvNet" in figure["alt"]
    assert "table_run" not in [button.key for button in page.button]
    assert "ConvNet: done" in text_of(page)
    with live_client() as client:
        name = table_id(TINY)
        assert client.get(f"/live/tables/{name}/matrix").json()["figure"] == figure["figure"]
        dropped = client.get(f"/live/tables/{name}/matrix?drop=1").json()
        assert dropped["source"].endswith("matrix?drop=1")
        assert "the tested one's own images" in dropped["figure"]
        live_summary = client.get(f"/live/tables/{name}/says").json()["parts"][0]["text"]
        assert live_summary.replace("\u00a0", " ") == summary
        assert client.get("/live/tables/table3-000000000000/matrix").status_code == 404
    again = process_manager.submit(TableWork(table=TINY))  # known: nothing is computed again
    assert ended(again) == "finished"
    assert len(list_runs(process_manager.runs_root)) == 1


def test_a_rows_images_are_queued_alone_and_found_when_the_table_is_filled(
    process_manager: JobManager,
) -> None:
    page = opened(**TINY_QUERY)
    page.button(key="architectures_queue_ConvNet").click().run()
    until(lambda: not process_manager.busy, seconds=120)
    (run,) = list_runs(process_manager.runs_root)
    assert run.config == TINY.cells[0].recipe.condense
    page.run()
    assert "ConvNet: done" in text_of(page)
    assert queue_rows(process_manager, TINY, "Digits", "ConvNet") == 0
    assert ended(process_manager.submit(TableWork(table=TINY))) == "finished"
    assert [run.id for run in list_runs(process_manager.runs_root)] == [run.id]
    page.run()
    page.button(key="architectures_watch_ConvNet")  # it can be looked at


def test_behind_a_run_at_work_a_table_waits_and_can_be_taken_out(process_manager: JobManager) -> None:
    long = TINY.cells[0].recipe.condense
    assert long is not None
    job = start(process_manager, long.model_copy(update={"iterations": 10**6}))
    until(lambda: job.active)
    page = opened(**TINY_QUERY)
    assert page.button(key="table_run").label == "Queue this table"
    page.button(key="architectures_queue_ConvNet").click().run()
    assert row_runs(process_manager, TINY, "Digits")["ConvNet"][0].state == "queued"
    page.button(key="table_run").click().run()
    assert "queued" in lines_of(page)[1]
    assert "Running the table makes what is missing" in text_of(page)
    page.button(key="table_cancel").click().run()
    assert [job.work.kind for job in process_manager.queued] == ["condense"]
    assert "table_run" in [button.key for button in page.button]


def test_the_state_of_the_table_is_read_once_for_a_page(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []

    def read(file: Path) -> None:
        reads.append(file)

    monkeypatch.setattr("app.tables.state.cached_results", read)
    opened(**TINY_QUERY)
    assert len(reads) == 1


def test_what_is_refused_is_a_sentence_in_its_cell_and_the_rest_is_filled(
    process_manager: JobManager,
) -> None:
    table = TINY
    refused = NetworkSpec(network="mlp", norm="batch")
    places = [
        cell.model_copy(update={"network": refused}) if cell.column == "MLP" else cell for cell in table.cells
    ]
    table = table.model_copy(update={"cells": tuple(places)})
    table = Table.model_validate(table.model_dump())
    assert ended(process_manager.submit(TableWork(table=table))) == "finished"
    state = table_state(process_manager, table)
    assert (
        state.status,
        state.results.complete_cells,
        state.results.failed_cells,
        state.results.network_counts,
    ) == (
        "finished",
        1,
        1,
        (1, 1),
    )
    assert "1 of 2 cells cannot be computed" in " ".join(
        part.text for part in table_line(process_manager, state).parts
    )
    assert failure_notes(state.results) == [
        "ConvNet on MLP: Mlp has no normalisation layers: leave norm open, or choose another network."
    ]
    number, sentence = texts_of(state)
    assert "n = 1 × 1" in number
    assert sentence.replace("<br>", " ").startswith("mlp has no normalisation layers: leave norm open")
    assert any("leave norm open" in line for line in cell_lines(cell_at(state, "ConvNet", "MLP")))


def test_a_data_set_that_is_not_there_is_said_before_and_while_filling(
    process_manager: JobManager, tmp_path: Path
) -> None:
    page = opened(table3_data="/nowhere/at all.zip")
    page.button(key="read_this_folder").click()
    assert "There is nothing at" in text_of(run_page(page))
    page = opened(table3_data="svhn")
    assert "not on this machine" in text_of(page)
    gone = TINY_CONFIG.table(DataFacts(str(tmp_path / "gone"), "Gone", (1, 8, 8), 10))
    job = process_manager.submit(TableWork(table=gone))
    assert ended(job) == "failed"
    line = table_line(process_manager, table_state(process_manager, gone))
    assert line.parts[0].text == "failed"
    assert "there is nothing at" in line.parts[2].text.lower()


def test_a_path_in_the_address_is_read_after_a_click_and_a_typed_one_at_once(
    process_manager: JobManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(made_zip(tmp_path))
    read: list[str] = []
    monkeypatch.setattr(
        "app.views.architectures.choices.read_facts", lambda path: read.append(path) or read_facts(path)
    )
    page = opened(table3_data=name)
    assert "Nothing there has been read yet" in text_of(page)
    assert read == []
    page.button(key="read_this_folder").click()
    assert "24 training images of 8×8" in text_of(run_page(page))
    assert set(read) == {name}
    page = opened()
    type_new_option(page, "table3_data", name)
    assert "24 training images of 8×8" in text_of(run_page(page))


def test_a_zip_that_no_run_knows_is_read_once(process_manager: JobManager, tmp_path: Path) -> None:
    name = str(made_zip(tmp_path))
    assert known_facts(name, list_runs(process_manager.runs_root)) is None
    facts = read_facts(name)
    page = opened(table3_data=name, **TINY_QUERY)
    page.button(key="read_this_folder").click()
    assert "24 training images of 8×8" in text_of(run_page(page))
    page.button(key="architectures_queue_ConvNet").click().run()
    until(lambda: not process_manager.busy, seconds=120)
    assert known_facts(name, list_runs(process_manager.runs_root)) == facts


def test_the_matrix_says_what_it_shows() -> None:
    table = Table3Config(seeds=2).table(DIGITS)
    state = state_of(
        with_numbers(
            table,
            **{"ConvNet_ConvNet": 60, "ConvNet_AlexNet": 50, "ConvNet_MLP": 40},
            **{"AlexNet_ConvNet": 45, "AlexNet_AlexNet": 48, "VGG11_MLP": 20},
        )
    )
    plain = texts_of(state)
    assert "60.0" in plain[0]
    assert "± 0.5<br>n = 2 × 2" in plain[0]
    dropped = texts_of(state, "drop")
    assert "+2.0" in dropped[1]  # by column: 50 against AlexNet's own 48
    assert "0.0" in dropped[0]
    assert "−15.0" in dropped[3]
    assert "no own images" in dropped[8]  # MLP learns none
    lines = cell_lines(cell_at(state, "ConvNet", "AlexNet"))
    assert "2 sets of images, 4 networks in all" in lines
    assert "mean of each set: 50.0, 50.0" in lines
    assert "+2.0 points against AlexNet's own images" in lines
    assert "not resolved: a verdict needs 3 independent sets on each side" in lines


def spread_around(table: Table, spread: float, **by_cell: float) -> Results:
    """Results whose sets differ: their numbers lie `spread` apart, around a number for each place."""
    filled = {}
    for index, cell in enumerate(table.cells):
        number = by_cell.get(f"{cell.row}_{cell.column}")
        if number is not None:
            networks = (
                NetworkResult(repeat=0, accuracy=number + spread * (cell.recipe.seed - 1), file=f"{index}/0"),
            )
            digest = f"{cell.row} {cell.recipe.seed}"
            filled[index] = CellResult(digest=digest, network_results=networks)
    return Results(table=table, cell_results=filled)


FOUR_CELLS = {"ConvNet_ConvNet": 60, "ConvNet_AlexNet": 50, "AlexNet_ConvNet": 45, "AlexNet_AlexNet": 40}


def test_with_one_set_each_the_summary_claims_nothing() -> None:
    state = state_of(with_numbers(Table3Config(seeds=1).table(DIGITS), **FOUR_CELLS))
    text = matrix_summary(cells_of(state))
    assert text.startswith("One set each: too few to say whether")
    assert "a verdict needs 3 independent sets on each side" in text
    assert "points" not in text
    two = matrix_summary(cells_of(state_of(with_numbers(Table3Config(seeds=2).table(DIGITS), **FOUR_CELLS))))
    assert two.startswith("Too few to say whether")


@pytest.mark.parametrize(
    ("spread", "says"),
    [
        (
            0.5,
            "ConvNet's images teach AlexNet more (+10.0 points); "
            "AlexNet's images teach ConvNet less (−15.0 points).",
        ),
        (7.5, "2 of 2 differences may be chance."),
    ],
)
def test_the_summary_names_what_is_resolved(spread: float, says: str) -> None:
    table = Table3Config(seeds=3).table(DIGITS)
    text = matrix_summary(cells_of(state_of(spread_around(table, spread, **FOUR_CELLS))))
    prefix = "Against the images that an architecture learned itself: "
    assert text == prefix + says


def test_the_papers_values_are_the_same_experiment_only_where_they_are() -> None:
    cifar = DataFacts("cifar10", "CIFAR-10", (3, 32, 32), 50_000)
    paper = Table3Config(preset="paper")
    state = state_of(Results(table=paper.table(cifar), cell_results={}))
    cell = cell_at(state, "ConvNet", "AlexNet")
    assert "the paper, table 3: 61.3, the same experiment" in cell_lines(cell)
    assert "paper 61.3" in texts_of(state, "published")[1]
    short = state_of(
        Results(table=Table3Config(preset="paper", iterations=1000).table(cifar), cell_results={})
    )
    lines = cell_lines(cell_at(short, "ConvNet", "AlexNet"))
    assert any(line.startswith("published: 61.3") for line in lines)
    assert any(line.startswith("differs in 1\u202f000 iterations") for line in lines)
    assert "published 61.3*" in texts_of(short, "published")[1]
    assert "61.3" not in texts_of(short)[1]


def test_the_papers_values_are_offered_only_where_it_has_some() -> None:
    assert opened(matrix_published="true").toggle(key="matrix_published").disabled
    assert not open_script(PAPERS_SWITCHES).toggle(key="matrix_published").disabled


def test_how_to_get_the_papers_data_is_said_with_its_preset() -> None:
    note = "The paper's numbers are of CIFAR-10, which is not on this machine"
    assert note in text_of(opened(table3_preset="paper"))
    assert note not in text_of(opened())


@pytest.mark.parametrize("stops", [CIVIDIS, DIVERGING])
def test_words_can_be_read_on_every_colour(stops: tuple[str, ...]) -> None:
    for step in range(101):
        colour = colour_at(stops, step / 100)
        assert contrast(colour, text_on(colour)) >= 4.5


def test_a_kept_table_is_shown_after_a_restart(process_manager: JobManager) -> None:
    results = with_numbers(USUAL, ConvNet_ConvNet=60, AlexNet_MLP=30)
    write_results(process_manager.runs_root, results)
    page = opened()
    assert "stopped | 4 of 18 networks" in lines_of(page)[1]
    assert page.button(key="table_run").label == "Continue"
    assert "2 of 9 cells computed" in matrix_of(page)["alt"]
    assert [button.label for button in page.get("download_button")] == [
        "CSV",
        "Markdown table",
        "LaTeX table",
    ]


def test_damaged_results_are_named_and_the_table_can_be_run_again(process_manager: JobManager) -> None:
    write_results(process_manager.runs_root, with_numbers(USUAL, ConvNet_ConvNet=60))
    file = results_file(process_manager.runs_root, USUAL)
    file.write_text(file.read_text().replace('"accuracy": 60', '"accuracy": 90'))
    page = opened()
    text = text_of(page).replace("\\", "")
    assert f"{file} is damaged (its checksum differs): run the table again" in text
    assert "not started | 0 of 18 networks" in lines_of(page)[1]
    assert page.button(key="table_run").label == "Run this table"


def test_what_a_terminal_fills_is_watched_and_not_begun_twice(process_manager: JobManager) -> None:
    write_results(process_manager.runs_root, with_numbers(USUAL, ConvNet_ConvNet=60))
    file = results_file(process_manager.runs_root, USUAL)
    with FileLock(file.with_suffix(".lock")):
        page = opened()
        assert "running elsewhere | 2 of 18 networks" in lines_of(page)[1]
        assert "table_run" not in [button.key for button in page.button]
    page.run()
    assert "stopped" in lines_of(page)[1]
    assert page.button(key="table_run").label == "Continue"


def test_choices_that_say_the_same_are_equal() -> None:
    usual = Table3Config(dataset="digits")
    assert usual.resolved(DIGITS).left_open(DIGITS) == usual
    assert usual.resolved(DIGITS).table(DIGITS) == USUAL


def test_the_page_does_not_import_torch() -> None:
    assert_no_torch("app.views.architectures.matrix_view", "app.views.architectures.row_runs_view")
