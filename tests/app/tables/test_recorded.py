"""Recorded results on the pages of tables: shown until a person's own arrive, then in small beside them."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.gallery.made_up import DIGITS, PROVENANCE, RECORDED_TABLE1, made_up_results
from support.pages import figures_of, image_grids_of, open_page, run_page, tables_of, text_of

from app.data.recorded import recorded_hidden, set_recorded_hidden
from app.jobs.manager import JobManager
from app.tables import controls, sections
from app.tables.sections import with_recorded
from app.tables.state import table_state
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.experiments.report.computation import same_computation
from dmcore.experiments.report.formats import table_lines
from dmcore.experiments.report.table_differences import (
    other_differences,
    recorded_difference,
    recorded_title,
)
from dmcore.experiments.results import CellResult, Results, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config

PAGES = {
    "accuracy.py": ("data", "Digits"),
    "architectures.py": ("table3_data", "digits"),
    "network_distribution.py": ("table4_data", "Digits"),
}
TABLE1, TABLE3 = RECORDED_TABLE1.table(DIGITS), Table3Config().table(DIGITS)
"""What the pages are set to on arrival, on the digits: the recorded tables."""


def opened(page_file: str = "accuracy.py") -> AppTest:
    name, value = PAGES[page_file]
    return open_page(page_file, **{name: value})


def read(page: AppTest) -> str:
    """Text of a page without Markdown's escapes."""
    return text_of(page).replace("\\", "")


def own_results(table: Table, cells: int | None = None) -> Results:
    run = find_recorded("from-real").run
    assert run is not None
    return made_up_results(table, run, cells)


def symbol_of_dm(page: AppTest) -> str:
    """Symbol of the mean accuracies of DM in a page's first figure."""
    traces = json.loads(figures_of(page)[0]["figure"])["data"]
    symbols = [trace["marker"]["symbol"] for trace in traces if trace["name"] == "DM" and "error_x" in trace]
    return symbols[0] if symbols else ""


@pytest.mark.parametrize("page_file", PAGES)
def test_a_page_of_a_fresh_installation_shows_the_recorded_result_with_its_provenance(
    page_file: str, gallery: Path
) -> None:
    page = opened(page_file)
    assert PROVENANCE in read(page)
    assert "no numbers yet" not in read(page)
    assert "not started" not in read(page)
    assert page.button(key="table_run").label.startswith("Run it here")
    assert page.button(key="table_run").proto.type == "primary"
    assert any("dmcore gallery build table" in element.value for element in page.code)
    assert figures_of(page)
    assert not any(figure["source"] for figure in figures_of(page)), "nothing of it moves"


def test_the_sections_below_are_of_the_recorded_table_too(gallery: Path) -> None:
    page = open_page("accuracy.py", data="Digits", repeats="2")
    table, verdicts = tables_of(page)
    assert "DM above" in verdicts
    assert "Herding" in table
    assert "Whole set" not in table, "it was recorded without"
    assert [lane["name"] for lane in image_grids_of(page)[0]["lanes"]] == ["Random", "Herding", "DM"]
    assert "3 networks each; you chose 2 networks each." in read(page)
    assert page.get("download_button"), "recorded numbers can be taken along"


def test_the_first_own_result_takes_the_place_and_recorded_ones_stay_in_small(
    gallery: Path, process_manager: JobManager
) -> None:
    assert symbol_of_dm(opened()) == "star-open"
    write_results(process_manager.runs_root, own_results(TABLE1))
    assert symbol_of_dm(opened()) == "star"
    write_results(process_manager.runs_root, own_results(TABLE1, cells=1))
    page = opened()
    assert symbol_of_dm(page) == "", "it has none yet"
    assert PROVENANCE not in read(page)
    assert page.button(key="table_run").label == "Continue"
    table = tables_of(page)[0]
    assert table.count("recorded ") == len(RECORDED_TABLE1.methods) * len(RECORDED_TABLE1.images_per_class)


def test_accuracy_opens_on_the_networks_and_rows_that_were_recorded(
    gallery: Path, process_manager: JobManager
) -> None:
    page = opened()
    assert "you chose" not in read(page)
    assert "Recorded at " not in read(page), "nothing differs: nothing was chosen"
    assert page.number_input(key="repeats").placeholder == "3, as recorded"
    assert "--repeats 3" in " ".join(element.value for element in page.code)
    set_recorded_hidden(True)
    assert opened().number_input(key="repeats").placeholder == "3, as recorded", "hiding changes no table"
    write_results(process_manager.runs_root, own_results(Table1Config().table(DIGITS)))
    assert opened().number_input(key="repeats").placeholder == "2, as the preset", "with results of one's own"


@pytest.mark.parametrize(
    "changed",
    [{"width": 16}, {"iterations": 7}, {"epochs": 7}, {"real_batch": 7}, {"data": "fashion"}],
    ids=str,
)
def test_recorded_numbers_that_were_computed_otherwise_do_not_stand_beside_own_ones(
    gallery: Path, process_manager: JobManager, changed: dict[str, int]
) -> None:
    fields = {name: value for name, value in changed.items() if name != "data"}
    table = Table1Config(**fields).table(DIGITS)  # type: ignore[arg-type]
    if "data" in changed:
        table = table.model_copy(update={"dataset": changed["data"]})
    recorded = RECORDED_TABLE1.table(DIGITS)
    assert same_computation(recorded, TABLE1, "DM", "10 per class"), "fewer networks are no other computation"
    assert not same_computation(recorded, table, "DM", "10 per class")
    assert not same_computation(recorded, TABLE1, "Whole set", "10 per class"), "it was not recorded"
    write_results(process_manager.runs_root, own_results(table))
    state = table_state(process_manager, table)
    assert state.recorded is not None
    lines = [with_recorded(state, line) for line in table_lines(state.results)[1:]]
    dm = next(line for line in lines if line[0] == "DM")
    assert not any("recorded" in str(cell) for cell in dm)
    assert ("published 70.7" in str(dm)) == (table.dataset == "fashion")


def test_where_none_can_stand_beside_own_ones_a_sentence_says_in_what_they_differ(
    gallery: Path, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(sections, "show_table_line", lambda *_, **__: None)
    monkeypatch.setattr(sections.st, "html", lambda *_: None)
    monkeypatch.setattr(sections.st, "caption", said.append)
    for config, differs in ((Table1Config(width=16), True), (Table1Config(), False)):
        said.clear()
        table = config.table(DIGITS)
        write_results(process_manager.runs_root, own_results(table))
        sections.show_numbers(table_state(process_manager, table), "10 per class", "numbers")
        assert any("you chose" in text and "width 16" in text for text in said) == differs
        assert sum("of other settings" in text for text in said) == differs


@pytest.mark.parametrize("own", [False, True])
def test_a_file_of_recorded_numbers_is_named_so(
    gallery: Path, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    names: list[str] = []
    monkeypatch.setattr(
        controls.st, "download_button", lambda label, data, name, *_, **__: names.append(name)
    )
    if own:
        write_results(process_manager.runs_root, own_results(TABLE1))
    opened()
    name = "table1" if own else "table1-recorded"
    assert [each for each in names if each.startswith("table1")] == [
        f"{name}.{ending}" for ending in ("csv", "md", "tex")
    ]


def test_recorded_numbers_of_other_data_do_not_stand_beside_own_ones(
    gallery: Path, process_manager: JobManager
) -> None:
    fashion = Table1Config().table(DIGITS).model_copy(update={"dataset": "fashion"})
    write_results(process_manager.runs_root, own_results(fashion))
    state = table_state(process_manager, fashion)
    assert state.recorded is not None, "the nearest is of the digits"
    assert state.shown is state
    page = open_page("accuracy.py")
    assert not any("recorded " in table for table in tables_of(page))


def test_a_table_whose_first_cell_failed_is_the_persons_own(
    gallery: Path, process_manager: JobManager
) -> None:
    failed = Results(table=TABLE3, cell_results={0: CellResult(failure="out of memory")})
    write_results(process_manager.runs_root, failed)
    page = opened("architectures.py")
    assert PROVENANCE not in read(page)
    assert "Out of memory" in read(page)


def test_the_sentence_names_what_differs_and_nothing_where_all_is_the_same() -> None:
    recorded = RECORDED_TABLE1.table(DIGITS)
    assert recorded_difference(recorded, recorded) == ""
    changed = RECORDED_TABLE1.model_copy(
        update={"images_per_class": (50,), "methods": ("random", "dm"), "iterations": 1000, "seeds": 5}
    )
    other = changed.table(DIGITS).model_copy(update={"dataset": "fashion"})
    sentence = recorded_difference(recorded, other).replace("\u202f", " ")
    assert sentence == (
        "1 and 10 per class, with Herding, 3 sets, 500 iterations; "
        "you chose 50 per class, 5 sets, 1 000 iterations."
    )
    assert recorded_title(recorded, other) == "Recorded on Digits, not on Fashion-MNIST subset."
    assert recorded_title(recorded, recorded) == ""


def test_settings_that_differ_between_methods_have_the_method_with_each() -> None:
    recorded = RECORDED_TABLE1.table(DIGITS)
    chosen = RECORDED_TABLE1.model_copy(update={"methods": ("random", "dm", "dc")}).table(DIGITS)
    sentence = recorded_difference(recorded, chosen)
    assert "500 iterations of DM, 300 and 10 of DC" in sentence
    assert "500, 300 and 10" not in sentence
    texts = (sentence, *other_differences(recorded, chosen))
    assert any("1 of DM, 0.1 of DC" in text for text in texts)


def test_settings_beyond_the_named_ones_are_listed_and_networks_are_named_in_words() -> None:
    laptop, paper = Table1Config().table(DIGITS), Table1Config(preset="paper").table(DIGITS)
    assert recorded_title(laptop, paper).startswith("Recorded at other settings")
    fewer = Table1Config(images_per_class=(10,)).table(DIGITS)
    assert recorded_title(laptop, fewer) == "Recorded at these settings, with more besides."
    assert "500 iterations, not 20\u202f000 iterations" in other_differences(laptop, paper)
    few, many = (Table4Config(sources=("random", *more)).table(DIGITS) for more in ((), ("all",)))
    assert not any(":" in text for text in (recorded_difference(few, many), *other_differences(few, many)))
    assert "source" not in recorded_difference(few, many)


def test_one_click_hides_the_recorded_results_on_all_pages(
    gallery: Path, process_manager: JobManager
) -> None:
    page = opened()
    page.button(key="table_recorded_hide").click()
    page = run_page(page)
    assert recorded_hidden()
    assert PROVENANCE not in read(page)
    assert "There are no numbers yet" in read(page)
    assert page.button(key="table_run").label == "Run this table"
    other = opened("architectures.py")
    assert PROVENANCE not in read(other)
    other.button(key="table_recorded_show").click()
    assert PROVENANCE in read(run_page(other)), "the place that hid them shows them again"
    assert PROVENANCE in read(opened())


def test_where_they_cannot_be_hidden_a_sentence_says_why(
    gallery: Path, process_manager: JobManager, tmp_path: Path
) -> None:
    page = opened()
    process_manager.runs_root.rmdir() if process_manager.runs_root.exists() else None
    process_manager.runs_root.write_text("no folder")
    page.button(key="table_recorded_hide").click()
    page = run_page(page)
    assert page.warning
    assert PROVENANCE in read(page)


@pytest.mark.parametrize("page_file", PAGES)
def test_without_a_gallery_a_page_is_as_before(page_file: str, process_manager: JobManager) -> None:
    page = opened(page_file)
    assert "no numbers yet" in read(page)
    assert page.button(key="table_run").label == "Run this table"


@pytest.mark.parametrize("other", [False, True])
def test_the_first_line_says_that_numbers_were_recorded_on_other_data(gallery: Path, other: bool) -> None:
    page = open_page("accuracy.py", data="Fashion-MNIST subset" if other else "Digits")
    line = "Recorded on Digits, not on Fashion-MNIST subset. Run it here on Fashion-MNIST subset for numbers"
    assert (line in read(page)) == other
    assert PROVENANCE in read(page)
