"""Actions on the runs of the Runs page: rename, continue and clone, with real runs."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import start
from support.pages import run_page, switch_page, titles_of
from support.small_runs import record_run
from support.waiting import until

from app.jobs.manager import JobManager
from app.jobs.work import ResumeWork
from app.run.actions import resume_run
from app.setup.clone import clone_title
from dmcore.config import CondenseConfig
from dmcore.runs.collection.tags import change_tags, read_tags
from dmcore.runs.folder import RunFolder
from dmcore.runs.rename import rename_run
from dmcore.runs.results.test_wish import write_test_networks
from dmcore.runs.runs_root import create_run_folder, list_runs, open_run

TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=3)


def imported(root: Path) -> RunFolder:
    like = record_run(root, TINY, "Donor")
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


def test_a_run_is_renamed_in_place_and_a_refused_title_says_why(visit: AppTest, root: Path) -> None:
    run = record_run(root, TINY, "Before")
    page = switch_page(visit, "runs.py")
    page.button(key=f"rename_{run.id}").click()
    run_page(page)
    page.text_input(key=f"title_{run.id}").set_value("x" * 121)
    page.button(key="rename_it").click()
    run_page(page)
    assert any("at most 120 characters, this one 121" in element.value for element in page.error)
    page.text_input(key=f"title_{run.id}").set_value("  After <b>  it ")
    page.button(key="rename_it").click()
    run_page(page)
    assert titles_of(page) == [r"After \<b\> it"]
    assert open_run(run.id, root).description.title == "After <b> it"


def test_tags_are_given_with_the_title_and_a_refused_one_says_why(visit: AppTest, root: Path) -> None:
    run = record_run(root, TINY, "Before")
    page = switch_page(visit, "runs.py")
    for typed, stored in (("lecture  best", ("lecture", "best")), ("best a,b", None), ("best", ("best",))):
        page.button(key=f"rename_{run.id}").click()
        run_page(page)
        page.text_input(key=f"tags_{run.id}").set_value(typed)
        page.button(key="rename_it").click()
        run_page(page)
        if stored is None:
            assert any("A tag is one word" in element.value for element in page.error)
        else:
            assert read_tags(run) == stored
    assert ":gray-badge[best]" in [element.value for element in page.markdown]
    assert open_run(run.id, root).description.title == "Before"


def test_names_given_meanwhile_stay_and_a_refused_one_changes_nothing(visit: AppTest, root: Path) -> None:
    run = record_run(root, TINY, "Before")
    change_tags(run, ["old", "kept"])
    page = switch_page(visit, "runs.py")
    page.button(key=f"rename_{run.id}").click()
    run_page(page)
    change_tags(run, ["meanwhile"])
    rename_run(run, "Of a terminal")
    run_page(page)
    page.text_input(key=f"tags_{run.id}").set_value("kept new")
    page.button(key="rename_it").click()
    run_page(page)
    assert read_tags(run) == ("kept", "meanwhile", "new")
    assert open_run(run.id, root).description.title == "Of a terminal"
    page.button(key=f"rename_{run.id}").click()
    run_page(page)
    assert page.text_input(key=f"tags_{run.id}").value == "kept meanwhile new"
    for title, tags in (("Good", "a,b"), ("x" * 121, "good")):
        page.text_input(key=f"title_{run.id}").set_value(title)
        page.text_input(key=f"tags_{run.id}").set_value(tags)
        page.button(key="rename_it").click()
        run_page(page)
        assert page.error
    assert read_tags(run) == ("kept", "meanwhile", "new")
    assert open_run(run.id, root).description.title == "Of a terminal"


def test_a_title_given_in_a_terminal_is_shown(visit: AppTest, root: Path) -> None:
    run = record_run(root, TINY, "Before")
    page = switch_page(visit, "runs.py")
    rename_run(run, "After")
    assert titles_of(run_page(page)) == ["After"]


def test_a_finished_run_continues_to_more_iterations_and_shows_it(
    visit: AppTest, process_manager: JobManager
) -> None:
    run = record_run(process_manager.runs_root, TINY, "Short")
    page = switch_page(visit, "runs.py")
    page.button(key=f"continue_{run.id}").click()
    run_page(page)
    assert page.number_input(key=f"iterations_{run.id}").value == 6
    for bad in (3, -1):
        page.number_input(key=f"iterations_{run.id}").set_value(bad)
        page.button(key="continue_it").click()
        assert any("has done 3 iterations: choose more" in element.value for element in run_page(page).error)
    page.number_input(key=f"iterations_{run.id}").set_value(9)
    page.button(key="continue_it").click()
    run_page(page)
    assert page.query_params["run"] == run.id
    until(lambda: (done := open_run(run.id, run.path.parent).result()) is not None and done.iteration == 9)


def test_continuing_beside_a_run_at_work_says_that_it_waits(
    visit: AppTest, process_manager: JobManager
) -> None:
    run = record_run(process_manager.runs_root, TINY, "Short")
    start(process_manager, TINY.model_copy(update={"iterations": 10**6}))
    until(lambda: process_manager.current is not None and process_manager.current.snapshot is not None)
    page = switch_page(visit, "runs.py")
    page.button(key=f"continue_{run.id}").click()
    run_page(page)
    assert page.button(key="continue_it").label == "Continue after the running job"
    page.button(key="continue_it").click()
    run_page(page)
    assert [job.run_id for job in process_manager.queued] == [run.id]
    assert page.button(key=f"continue_{run.id}").disabled


def test_a_job_that_starts_meanwhile_does_not_queue_a_run_that_the_page_shows_as_started(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted: list[bool] = []
    networks: list[int] = []
    shown: list[str] = []

    class Starting:
        evaluation_share = 0.0
        looks = 0

        @property
        def busy(self) -> bool:
            self.looks += 1
            return self.looks > 1

        def submit(self, work: ResumeWork, *, queue: bool, evaluation_share: float) -> None:
            submitted.append(queue)
            networks.append(work.evaluate.repeats if work.evaluate else 0)

    run = record_run(root, TINY, "Stopped", steps=2)
    monkeypatch.setattr("app.run.actions.show_on_watch_page", shown.append)
    resume_run(Starting(), run)  # type: ignore[arg-type]
    assert (submitted, shown) == ([False], [run.id])
    assert networks == [5], "it is older than the choice of their number"
    write_test_networks(run, 2)
    resume_run(Starting(), run)  # type: ignore[arg-type]
    assert networks == [5, 2], "as many as it was started with"
    write_test_networks(run, 0)
    resume_run(Starting(), run)  # type: ignore[arg-type]
    assert networks == [5, 2, 0], "a run that was started without its test goes on without it"


def test_a_fork_fills_the_form_and_its_title_says_what_was_changed(
    visit: AppTest, process_manager: JobManager
) -> None:
    config = TINY.model_copy(update={"init": "noise", "momentum": 0.25, "iterations": 4})
    run = record_run(process_manager.runs_root, config, "Origin")
    page = switch_page(visit, "runs.py")
    page.button(key=f"clone_{run.id}").click()
    run_page(page)
    assert any("A clone of **Origin**" in str(element.value) for element in page.markdown)
    assert page.number_input(key="iterations").value == 4
    assert page.number_input(key="width").value == 8
    assert page.query_params["momentum"] in ("0.25", ["0.25"])
    run_page(page.switch_page("../pages/watch.py"))  # AppTest itself forgets where the script went
    page.number_input(key="iterations").set_value(5)
    run_page(page)
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: len(list_runs(process_manager.runs_root)) == 2)
    new = list_runs(process_manager.runs_root)[0]
    assert new.description.title == "Clone of Origin: iterations 5 instead of 4"
    assert new.config == config.model_copy(update={"iterations": 5})
    run_page(page)
    assert not any("A clone of" in str(element.value) for element in page.markdown)


def test_a_failed_run_can_be_forked_and_an_import_says_why_not(
    visit: AppTest, process_manager: JobManager
) -> None:
    foreign = imported(process_manager.runs_root)
    job = start(process_manager, TINY.model_copy(update={"image_lr": 1e30, "iterations": 40}), "Ran away")
    until(lambda: job.state == "failed")
    page = switch_page(visit, "runs.py")
    page.button(key=f"clone_{foreign.id}").click()
    run_page(page)
    assert any("was not condensed here" in element.value for element in page.error)
    page.button(key=f"clone_{job.run_id}").click()
    run_page(page)
    assert page.multiselect(key="image_lr").value == ["1e+30"]


def test_a_fork_of_a_deleted_run_is_an_ordinary_run() -> None:
    assert clone_title(TINY) is None


def test_a_run_that_vanishes_or_is_renamed_wrongly_leaves_the_page_standing(
    visit: AppTest, root: Path
) -> None:
    stays, goes = record_run(root, TINY, "Stays"), record_run(root, TINY, "Goes")
    page = switch_page(visit, "runs.py")
    page.button(key=f"rename_{goes.id}").click()
    run_page(page)
    page.text_input(key=f"title_{goes.id}").set_value("Gone")
    shutil.rmtree(goes.path)
    page.button(key="rename_it").click()
    run_page(page)
    assert titles_of(page) == ["Stays"]
    assert not goes.path.exists()
    assert stays.path.is_dir()
