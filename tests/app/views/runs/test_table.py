"""Table of the Runs page: its columns, and what is done with several selected runs."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.bare_runs import bare_run
from support.jobs import start
from support.pages import open_page, run_page, switch_page, text_of
from support.recorded_runs import stored_result
from support.small_runs import TINY, made
from support.small_tables import tiny_table
from support.waiting import until

from app.jobs.manager import JobManager
from app.views.runs.selected import (
    deleted_sentence,
    plan_page_deletion,
    stayed_sentences,
    untagged_sentence,
)
from app.views.runs.table import table_columns
from app.views.runs.table_sets import sets_by_table
from dmcore.config import EvaluateConfig
from dmcore.experiments.results import CellResult, Results, write_results
from dmcore.runs.collection.deletion import Deletion, KeptRun, SizedRun
from dmcore.runs.collection.tags import UntaggedRun, change_tags, read_tags
from dmcore.runs.display.titles import run_titles
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


def in_table(visit: AppTest, **query: str) -> AppTest:
    return switch_page(visit, "runs.py", runs_view="Table", **query)


def select(page: AppTest, *rows: int) -> AppTest:
    """Select rows of the only table."""
    (table,) = page.dataframe
    page.session_state[table.key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return run_page(page)


def test_a_row_has_the_facts_of_its_run(root: Path) -> None:
    run, chosen = made(root), bare_run(root, "Chosen", selected="k_means", sizes=(1, 10))
    change_tags(run, ["best"])
    result = stored_result(run.set_names[0], 4, (61.5,), EvaluateConfig(repeats=1, epochs=1))
    (run.path / "results" / "one.json").write_text(result.model_dump_json())
    columns = table_columns([run, chosen], run_titles([run, chosen]))
    assert columns["title"] == ["Two per digit", "Chosen"]
    assert columns["method"] == ["DM", "k means"]
    assert columns["images"] == ["2", "1, 10"]
    assert columns["iterations"] == [4, None]
    assert columns["state"] == ["finished", "chosen from real images"]
    assert columns["accuracy"] == [61.5, None]
    assert columns["loss"][0] == pytest.approx(run.losses(run.set_names[0]).loss[-1].mean())
    assert columns["tags"] == [["best"], []]
    assert table_columns([run], run_titles([run]))["images"] == [2], "numbers sort as numbers"


def test_the_view_stands_in_the_address_and_cards_are_the_usual_one(visit: AppTest, root: Path) -> None:
    bare_run(root, "Alpha")
    page = switch_page(visit, "runs.py")
    assert not page.dataframe
    page.segmented_control(key="runs_view").set_value("table")
    (table,) = run_page(page).dataframe
    assert list(table.value["title"]) == ["Alpha"]
    assert f"delete_{list_runs(root)[0].id}" not in [button.key for button in page.button]


def test_sets_of_tables_have_the_view_where_there_are_no_other_runs(visit: AppTest, root: Path) -> None:
    bare_run(root, "Chosen", selected="random", made_for="table")
    page = switch_page(visit, "runs.py")
    assert "There are no runs yet" in text_of(page)
    assert "runs_view" not in [control.key for control in page.segmented_control]
    next(toggle for toggle in page.toggle if toggle.key == "runs_of_tables").set_value(True)
    assert not run_page(page).dataframe
    page.segmented_control(key="runs_view").set_value("table")
    (table,) = run_page(page).dataframe
    assert list(table.value["title"]) == ["Chosen"]


def test_selected_runs_are_deleted_after_one_question_with_number_and_size(
    visit: AppTest, root: Path
) -> None:
    for title in ("One", "Two", "Three"):
        bare_run(root, title)
    page = in_table(visit)
    assert "Select runs at the left" in text_of(page)
    assert "**2 selected**" in text_of(select(page, 0, 2))
    page.button(key="runs_delete_own").click()
    assert "2 runs, " in text_of(run_page(page))
    assert "cannot be undone" in text_of(page)
    page.button(key="runs_keep_them").click()
    run_page(page)
    assert len(list_runs(root)) == 3
    page.button(key="runs_delete_own").click()
    run_page(page)
    page.button(key="runs_delete_them").click()
    run_page(page)
    assert [run.description.title for run in list_runs(root)] == ["Two"]
    assert [element.value.split(":")[0] for element in page.toast] == ["Deleted 2 runs"]
    assert "Select runs at the left" in text_of(page), "the row that is left is not selected"


def test_other_rows_are_not_selected_in_the_place_of_those_that_were(visit: AppTest, root: Path) -> None:
    bare_run(root, "One")
    page = select(in_table(visit), 0)
    assert "**1 selected**" in text_of(page)
    bare_run(root, "Newer, and first now")
    assert "Select runs at the left" in text_of(run_page(page))


def test_a_run_with_a_job_stays(process_manager: JobManager, root: Path) -> None:
    free = bare_run(root, "Free")
    job = start(process_manager, TINY.model_copy(update={"iterations": 10**6}), "At work")
    until(lambda: job.run_id is not None)
    busy = next(run for run in list_runs(root) if run.id == job.run_id)
    planned = plan_page_deletion(process_manager, [busy, free])
    assert [each.run for each in planned.runs] == [free]
    assert [each.run for each in planned.kept] == [busy]
    process_manager.stop()


def test_selected_runs_get_tags(visit: AppTest, root: Path) -> None:
    first, second = bare_run(root, "One"), bare_run(root, "Two")
    change_tags(second, ["old"])
    page = select(in_table(visit), 0, 1)
    page.text_input(key="runs_add_tags_own").set_value("lecture best")
    page.text_input(key="runs_remove_tags_own").set_value("old")
    page.button(key="runs_apply_tags_own").click()
    run_page(page)
    assert (read_tags(first), read_tags(second)) == (("lecture", "best"), ("lecture", "best"))
    page = select(page, 0)
    page.text_input(key="runs_add_tags_own").set_value("a,b")
    page.button(key="runs_apply_tags_own").click()
    assert "A tag is one word" in text_of(run_page(page))


def test_a_run_that_cannot_be_tagged_is_told_and_the_others_are_tagged(visit: AppTest, root: Path) -> None:
    damaged, sound = bare_run(root, "Damaged"), bare_run(root, "Sound")
    (damaged.path / "tags.json").write_text("{")
    page = select(in_table(visit), 0, 1)
    page.text_input(key="runs_add_tags_own").set_value("lecture")
    page.button(key="runs_apply_tags_own").click()
    assert "1 of 2 runs kept the tags as they were" in text_of(run_page(page))
    assert read_tags(sound) == ("lecture",)


def test_what_could_not_be_tagged_is_told_with_the_first_reason(root: Path) -> None:
    runs = [bare_run(root, title) for title in ("One", "Two")]
    untagged = [UntaggedRun(run, f"no room in {run.description.title}") for run in runs]
    assert untagged_sentence(untagged, 3) == "2 of 3 runs kept the tags as they were. No room in One."
    assert untagged_sentence(untagged[:1], 1) == "The run kept the tags as they were. No room in One."
    assert untagged_sentence([], 3) == ""


def test_only_what_was_deleted_is_told_as_deleted_and_every_reason_is_told(root: Path) -> None:
    before, *runs = (bare_run(root, f"Run {number}") for number in range(11))
    planned = Deletion(tuple(SizedRun(run, run.id, 2000) for run in runs), (KeptRun(before, "a job"),))
    none = Deletion((), (*planned.kept, *(KeptRun(run, f"reason {n}") for n, run in enumerate(runs))))
    assert deleted_sentence(none) == ""
    assert stayed_sentences(planned, none).startswith("Reason 0. Reason 1. ")
    assert stayed_sentences(planned, none).endswith(" Reason 7. 2 more runs stayed.")
    done = Deletion(planned.runs[:1], planned.kept)
    assert deleted_sentence(done) == "Deleted 1 run: 2 kB are free again."
    assert stayed_sentences(planned, done) == ""


def test_up_to_four_selected_runs_are_compared(visit: AppTest, root: Path) -> None:
    for number in range(5):
        bare_run(root, f"Run {number}")
    page = select(in_table(visit), 0, 1, 2, 3, 4)
    assert page.button(key="runs_compare_own").disabled
    page = select(page, 0, 1, 2)
    assert page.button(key="runs_open_own").disabled
    chosen = [run.id for run in list_runs(root)[:3]]
    page.button(key="runs_compare_own").click()
    run_page(page)
    assert [page.query_params.get(letter) for letter in "abcd"] == [*chosen, None]


def store_table(root: Path, tested: RunFolder) -> None:
    """Store results of a table that tested the images of this run."""
    write_results(root, Results(table=tiny_table(("random",)), cell_results={0: CellResult(run=tested.id)}))


def test_sets_of_tables_are_folded_under_their_table(root: Path) -> None:
    first, second = (bare_run(root, title, selected="random", made_for="table") for title in ("A", "B"))
    (only,) = sets_by_table(root, [second, first])
    assert (only.label, only.runs) == ("Of tables", (second, first))
    store_table(root, first)
    of_table, others = sets_by_table(root, [second, first])
    assert of_table.label.startswith("Table 1, Digits: ")
    assert (of_table.runs, others.runs, others.label) == ((first,), (second,), "Of no stored table")
    page = open_page("runs.py", runs_of_tables="true")
    labels = [expander.label for expander in page.expander]
    assert [label.rpartition(":")[2].strip() for label in labels if "set" in label] == ["1 set", "1 set"]
    next((root / "tables").glob("*.json")).write_text("{")
    (damaged,) = sets_by_table(root, [second, first])
    assert damaged.runs == (second, first)
