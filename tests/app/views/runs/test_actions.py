"""Search, sort, rename, continue and clone on the Runs page, with real runs."""

import json
import shutil
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.waiting import until

from app.jobs.manager import JobManager
from app.setup.clone import clone_title
from app.views.runs.search import best_accuracy, matching_runs
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.rename import rename_run
from dmcore.runs.runs_root import create_run_folder, list_runs, open_run

RUNS, WATCH = "../pages/runs.py", "../pages/watch.py"
TINY = CondenseConfig(images_per_class=1, width=8, depth=1, real_batch=4, iterations=3)


@pytest.fixture
def root(process_manager: JobManager) -> Path:
    return process_manager.runs_root


def made(root: Path, title: str, config: CondenseConfig = TINY, steps: int | None = None) -> RunFolder:
    """A run, finished or stopped after some steps."""
    dataset = load_dataset("digits")
    plan = make_plan(config, dataset.shape, len(dataset.class_names), "cpu")
    run = create_run(root, config, dataset, plan, title)
    recording = record(run, dataset)
    for step in recording:
        if step.iteration == steps:
            break
    recording.close()
    return open_run(run.id, root)


def judged(run: RunFolder, mean: float, kind: str = "condensed") -> None:
    result = StoredResult(
        set=run.set_names[0],
        iteration=3,
        network="convnet",
        mean=mean,
        std=0,
        n=1,
        accuracies=(mean,),
        protocol=EvaluateConfig(repeats=1, epochs=1),
        kind=kind,  # type: ignore[arg-type]
        created="2026-01-01T00:00:00+00:00",
    )
    (run.path / "results" / f"{kind}.json").write_text(result.model_dump_json())


def imported(root: Path) -> RunFolder:
    like = made(root, "Donor")
    run = create_run_folder(
        root,
        title="From elsewhere",
        origin="import",
        config=None,
        plan=None,
        data=like.description.data,
        sets=[description.model_copy(update={"spec": None}) for description in like.sets],
    )
    snapshot = like.snapshot_folder(like.set_names[0]) / "0000003.safetensors"
    shutil.copy(snapshot, run.snapshot_folder(run.set_names[0]))
    return run


def shown(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception[0].value
    return page


def on_runs(visit: AppTest, **query: str) -> AppTest:
    for name, value in query.items():
        visit.query_params[name] = value
    page = shown(visit)
    for name, value in query.items():
        page.query_params[name] = value
    return shown(page.switch_page(RUNS))


def titles(page: AppTest) -> list[str]:
    bold = [str(element.value) for element in page.markdown if str(element.value).startswith("**")]
    return [title.strip("*") for title in bold]


def test_search_finds_all_words_in_any_case_and_can_be_cleared(visit: AppTest, root: Path) -> None:
    made(root, "Alpha one")
    made(root, "Beta one", steps=1)
    page = on_runs(visit)
    assert titles(page) == ["Beta one", "Alpha one"]
    for query, matches in {
        "ONE alpha": ["Alpha one"],
        "stopped": ["Beta one"],
        "finished DIGITS convnet": ["Alpha one"],
        "one": ["Beta one", "Alpha one"],
    }.items():
        page.text_input(key="runs_search").set_value(query)
        assert titles(shown(page)) == matches
    page.text_input(key="runs_search").set_value("<b>zebra")
    shown(page)
    assert titles(page) == []
    assert any(r"None of the 2 runs has “\<b\>zebra”" in str(element.value) for element in page.markdown)
    page.button(key="runs_clear_search").click()
    assert len(titles(shown(page))) == 2


def test_runs_are_sorted_by_age_title_data_set_and_accuracy(root: Path) -> None:
    third, first, second = made(root, "c"), made(root, "A"), made(root, "b")
    judged(first, 40.0)
    judged(second, 60.0)
    judged(third, 99.0, kind="all_real")
    runs = list_runs(root)
    assert [run.id for run in runs] == [second.id, first.id, third.id]
    order = {sort: [run.description.title for run in matching_runs(runs, "", sort)] for sort in ORDERS}
    assert order == ORDERS
    (first.path / "results" / "condensed.json").write_text("{")
    assert best_accuracy(first) < 0


ORDERS = {
    "newest": ["b", "A", "c"],
    "oldest": ["c", "A", "b"],
    "title": ["A", "b", "c"],
    "data set": ["b", "A", "c"],
    "best accuracy": ["b", "A", "c"],
}


def test_search_and_sort_stand_in_the_address(visit: AppTest, root: Path) -> None:
    made(root, "Alpha")
    made(root, "Beta")
    page = on_runs(visit, runs_search="a", runs_sort="title")
    assert titles(page) == ["Alpha", "Beta"]
    assert page.selectbox(key="runs_sort").value == "title"


def test_five_hundred_runs_are_searched_in_a_moment(visit: AppTest, root: Path) -> None:
    like = made(root, "Like")
    description = json.loads((like.path / "run.json").read_text())
    for number in range(500):
        folder = root / f"20250101-000000-digits-{number:04d}"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({**description, "title": f"Number {number}"}))
    page = on_runs(visit)
    began = time.monotonic()
    page.text_input(key="runs_search").set_value("number 49 stopped")
    shown(page)
    assert time.monotonic() - began < 5
    assert len(titles(page)) == 10
    assert any("15 of 501 runs" in str(element.value) for element in page.caption)


def test_a_run_is_renamed_in_place_and_a_refused_title_says_why(visit: AppTest, root: Path) -> None:
    run = made(root, "Before")
    page = on_runs(visit)
    page.button(key=f"rename_{run.id}").click()
    shown(page)
    page.text_input(key=f"title_{run.id}").set_value("x" * 121)
    page.button(key="rename_it").click()
    shown(page)
    assert any("at most 120 characters, this one 121" in element.value for element in page.error)
    page.text_input(key=f"title_{run.id}").set_value("  After <b>  it ")
    page.button(key="rename_it").click()
    shown(page)
    assert titles(page) == [r"After \<b\> it"]
    assert open_run(run.id, root).description.title == "After <b> it"


def test_a_title_given_in_a_terminal_is_shown(visit: AppTest, root: Path) -> None:
    run = made(root, "Before")
    page = on_runs(visit)
    rename_run(run, "After")
    assert titles(shown(page)) == ["After"]


def test_a_finished_run_continues_to_more_iterations_and_shows_it(
    visit: AppTest, process_manager: JobManager
) -> None:
    run = made(process_manager.runs_root, "Short")
    page = on_runs(visit)
    page.button(key=f"continue_{run.id}").click()
    shown(page)
    assert page.number_input(key=f"iterations_{run.id}").value == 6
    for bad in (3, -1):
        page.number_input(key=f"iterations_{run.id}").set_value(bad)
        page.button(key="continue_it").click()
        assert any("has done 3 iterations: choose more" in element.value for element in shown(page).error)
    page.number_input(key=f"iterations_{run.id}").set_value(9)
    page.button(key="continue_it").click()
    shown(page)
    assert page.query_params["run"] == run.id
    until(lambda: (done := open_run(run.id, run.path.parent).result()) is not None and done.iteration == 9)


def test_continuing_beside_a_run_at_work_says_that_it_waits(
    visit: AppTest, process_manager: JobManager
) -> None:
    run = made(process_manager.runs_root, "Short")
    process_manager.start(TINY.model_copy(update={"iterations": 10**6}))
    until(lambda: process_manager.current is not None and process_manager.current.snapshot is not None)
    page = on_runs(visit)
    page.button(key=f"continue_{run.id}").click()
    shown(page)
    assert page.button(key="continue_it").label == "Continue after the running job"
    page.button(key="continue_it").click()
    shown(page)
    assert [job.run_id for job in process_manager.queued] == [run.id]
    assert page.button(key=f"continue_{run.id}").disabled


def test_a_fork_fills_the_form_and_its_title_says_what_was_changed(
    visit: AppTest, process_manager: JobManager
) -> None:
    config = TINY.model_copy(update={"init": "noise", "momentum": 0.25, "iterations": 4})
    run = made(process_manager.runs_root, "Origin", config)
    page = on_runs(visit)
    page.button(key=f"clone_{run.id}").click()
    shown(page)
    assert any("A clone of **Origin**" in str(element.value) for element in page.markdown)
    assert page.number_input(key="iterations").value == 4
    assert page.number_input(key="width").value == 8
    assert page.query_params["momentum"] in ("0.25", ["0.25"])
    shown(page.switch_page(WATCH))  # AppTest itself forgets where the script went
    page.number_input(key="iterations").set_value(5)
    shown(page)
    page.button(key="watch_start").click()
    shown(page)
    until(lambda: len(list_runs(process_manager.runs_root)) == 2)
    new = list_runs(process_manager.runs_root)[0]
    assert new.description.title == "Clone of Origin: iterations 5 instead of 4"
    assert new.config == config.model_copy(update={"iterations": 5})
    shown(page)
    assert not any("A clone of" in str(element.value) for element in page.markdown)


def test_a_failed_run_can_be_forked_and_an_import_says_why_not(
    visit: AppTest, process_manager: JobManager
) -> None:
    foreign = imported(process_manager.runs_root)
    job = process_manager.start(TINY.model_copy(update={"image_lr": 1e30, "iterations": 40}), "Ran away")
    until(lambda: job.state == "failed")
    page = on_runs(visit)
    page.button(key=f"clone_{foreign.id}").click()
    shown(page)
    assert any("was not condensed here" in element.value for element in page.error)
    page.button(key=f"clone_{job.run_id}").click()
    shown(page)
    assert page.multiselect(key="image_lr").value == ["1e+30"]


def test_a_fork_of_a_deleted_run_is_an_ordinary_run() -> None:
    assert clone_title(TINY) is None


def test_a_run_that_vanishes_or_is_renamed_wrongly_leaves_the_page_standing(
    visit: AppTest, root: Path
) -> None:
    stays, goes = made(root, "Stays"), made(root, "Goes")
    page = on_runs(visit)
    page.button(key=f"rename_{goes.id}").click()
    shown(page)
    page.text_input(key=f"title_{goes.id}").set_value("Gone")
    shutil.rmtree(goes.path)
    page.button(key="rename_it").click()
    shown(page)
    assert titles(page) == ["Stays"]
    assert not goes.path.exists()
    assert stays.path.is_dir()
