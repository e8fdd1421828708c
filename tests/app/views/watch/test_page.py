"""The Watch page without a browser: what it shows and asks for, against what the run folder holds."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.pages import components_of, html_of, image_grids_of, open_page, run_page, text_of
from support.recorded_runs import store
from support.small_runs import made, record_run
from support.waiting import until

from app.components.html_table import html_table
from app.data.folders import find_run
from app.jobs.manager import JobManager, get_manager
from app.jobs.page_answers import get_page_answers
from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.timings import job_estimate
from app.run.run_view import view_of_folder
from app.run.stage_content import align_losses
from app.text.escaping import plain_text
from app.views.accuracy.address import comparison_query
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.cost import total_workload
from dmcore.execution.plan import make_plan
from dmcore.execution.speed_record import START_SECONDS
from dmcore.runs.creation import create_run
from dmcore.runs.description import Status, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import FILE as PROGRAM_FILE
from dmcore.runs.program import note_program
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.results.evaluation_tasks import evaluation_tasks
from dmcore.runs.results.summary import accuracy_table, latest_results
from dmcore.runs.results.test_wish import write_test_networks
from dmcore.runs.runs_root import open_run

TINY = {"dataset": "digits", "width": "8", "depth": "1", "real_batch": "4", "init": "noise"}
QUICK = EvaluateConfig(repeats=1, epochs=1)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("app.run.controls.SMALL_PROTOCOL", QUICK)
    monkeypatch.setattr("app.setup.testing.SMALL_PROTOCOL", QUICK)
    get_manager.release()
    yield tmp_path / "runs"
    get_page_answers.release()
    get_manager.release()


def opened(**params: str) -> AppTest:
    """The page as a link with these parameters opens it, torch loaded."""
    manager = get_manager()
    manager.warm_up()
    until(lambda: manager.device is not None)
    return open_page("watch.py", **params)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def started(page: AppTest, manager: JobManager) -> RunFolder:
    """Press Start and wait until the run is on screen."""
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: manager.current is not None and manager.current.snapshot is not None)
    assert manager.current is not None
    assert manager.current.run_id is not None
    run_page(page)
    return open_run(manager.current.run_id, manager.runs_root)


def test_first_screen_shows_real_images_and_one_click_starts(runs: Path) -> None:
    page = opened(setup="open")
    text = text_of(page)
    assert "Real images of Fashion-MNIST subset" in text
    assert "**Differs from the paper** in: data set fashion (not in the paper); network width 32" in text
    assert page.pills(key="form_preset").value == "Ten images from noise"
    assert page.button(key="watch_start").label == "Start"
    assert "test by 1 network of 1 epoch on one set instead of 20 of 1 000 on each of 5 sets" in text
    assert "--init noise" in page.code[0].value
    assert "--dataset fashion" in page.code[0].value
    assert "--seed 0" in page.code[0].value
    assert page.code[1].value == (
        "dmcore evaluate latest --kind condensed,random_real "
        "--networks convnet --repeats 1 --epochs 1 --seed 0"
    )


def test_the_command_line_tests_all_that_the_app_tests(runs: Path) -> None:
    page = opened(setup="open", dataset="digits", init="real")
    tests = page.code[1].value.splitlines()
    usual = "--networks convnet --repeats 1 --epochs 1 --seed 0"
    assert tests == [
        f"dmcore evaluate latest --kind condensed,random_real,all_real {usual}",
        f"dmcore evaluate latest --iteration 0 {usual}",
    ]


def test_the_command_line_tests_with_as_many_networks_as_were_chosen(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.setup.testing.SMALL_PROTOCOL", SMALL_PROTOCOL)
    assert "--repeats 3 --epochs 200" in opened(setup="open", test_networks="3").code[1].value


def test_the_command_line_beside_a_run_tests_as_the_run_was_tested(runs: Path) -> None:
    run = made(runs)
    write_test_networks(run, 3)
    assert "--repeats 3 " in opened(run=run.id, test_networks="2").code[1].value
    store(run, 4, (50.0, 52.0, 54.0, 56.0), EvaluateConfig(epochs=30, repeats=4))
    page = opened(run=run.id, test_networks="2")
    assert "--repeats 4 --epochs 30" in page.code[1].value
    assert "start no other run until it has ended" in text_of(page)


def test_the_images_looked_at_and_a_film_are_downloaded(runs: Path) -> None:
    run = made(runs)
    page = opened(run=run.id, at="2")
    page.button(key="watch_download").click()
    assert "Iteration 2." in text_of(run_page(page))
    page.segmented_control(key="watch_download_part").set_value("Film")
    text = text_of(run_page(page)).replace("\\", "")
    assert "5 iterations are stored, from 0 to 4" in text
    buttons = [button.label for button in page.get("download_button")]
    assert buttons == ["Save the GIF", "Save before and after"]
    page.session_state["download_errors"] = {run.id: "its images are damaged"}
    run_page(page)
    assert [error.value.replace("\\", "") for error in page.error] == ["Its images are damaged."]


def test_link_shows_the_same_setup(runs: Path) -> None:
    page = opened(images_per_class="7", iterations="123", init="wrong class", replay="true")
    assert page.multiselect(key="images_per_class").value == ["7"]
    assert page.number_input(key="iterations").value == 123
    assert page.pills(key="init").value == ["wrong_class"]
    assert page.toggle(key="replay").value is True


def test_absurd_values_in_a_link_are_named_or_dropped_and_start_is_off(runs: Path) -> None:
    page = opened(images_per_class="0", iterations="-3")
    assert "Images per class is '0'" in text_of(page)
    assert page.button(key="watch_start").disabled
    assert page.number_input(key="iterations").value >= 1


def test_start_pause_go_on_stop_and_resume_reach_the_run_folder(runs: Path) -> None:
    page = opened(iterations="100000", **TINY)
    manager = get_manager()
    run = started(page, manager)
    assert page.query_params["run"] in (run.id, [run.id]) or page.query_params["run"] == run.id
    assert "running" in text_of(page)
    assert "of 100 000" in text_of(page)
    assert run.status() is Status.RUNNING

    page.button(key="pause").click()
    run_page(page)
    until(lambda: run.status() is Status.PAUSED)
    assert "paused" in text_of(run_page(page))

    assert page.button(key="pause").label == "Go on"
    page.button(key="pause").click()
    run_page(page)
    until(lambda: run.status() is Status.RUNNING)

    page.button(key="stop").click()
    run_page(page)
    until(lambda: not manager.busy)
    assert run.status() is Status.INTERRUPTED
    reached = run.iteration()
    assert "stopped" in text_of(run_page(page))

    page.button(key="resume").click()
    run_page(page)
    until(lambda: run.iteration() > reached)
    assert run.status() is Status.RUNNING


def test_step_pace_makes_one_iteration_a_click(runs: Path) -> None:
    page = opened(iterations="100000", **TINY)
    manager = get_manager()
    started(page, manager)
    page.segmented_control(key="speed").set_value("step")
    run_page(page)
    job = manager.current
    assert job is not None
    time.sleep(0.3)
    before = job.snapshot
    assert before is not None
    page.button(key="one_iteration").click()
    run_page(page)
    until(lambda: job.snapshot is not None and job.snapshot.iteration > before.iteration)
    assert job.snapshot is not None
    assert job.snapshot.iteration == before.iteration + 1


def test_finished_run_is_judged_at_once_on_digits_and_says_how(runs: Path) -> None:
    page = opened(iterations="3", images_per_class="1", **TINY)
    manager = get_manager()
    run = started(page, manager)
    until(lambda: not manager.busy, seconds=120)
    assert {result.kind for result in run.results()} == {"condensed", "random_real", "all_real"}
    text = text_of(run_page(page))
    assert "finished" in text
    assert "How good are they?" in text
    assert "1 fresh network, 1 epoch each, tested on 360 test images" in text
    assert "More networks on one set say nothing about another set." in text


def test_reloaded_page_shows_its_run_from_the_address(runs: Path) -> None:
    page = opened(iterations="2", **TINY)
    run = started(page, get_manager())
    until(lambda: not get_manager().busy, seconds=120)
    again = opened(run=run.id)
    assert "finished" in text_of(again)
    assert again.number_input(key="iterations").value == 2
    assert again.pills(key="init").value == ["noise"]


def test_run_that_is_not_there_is_said_and_its_setup_offered(runs: Path) -> None:
    page = opened(run="20261123-000000-digits-zzzz", iterations="321", **TINY)
    assert plain_text("No run '20261123-000000-digits-zzzz'") in text_of(page)
    assert page.number_input(key="iterations").value == 321
    assert not page.button(key="watch_start").disabled


@pytest.mark.parametrize("name", ["../elsewhere", "/etc", "<b>x</b>"])
def test_address_never_opens_a_folder_outside_the_runs(runs: Path, name: str) -> None:
    assert "is no run's id" in text_of(opened(run=name))


def test_changed_setup_is_named_and_nothing_starts_unasked(runs: Path) -> None:
    page = opened(iterations="100000", **TINY)
    manager = get_manager()
    run = started(page, manager)
    page.number_input(key="iterations").set_value(5)
    texts = " ".join(html_of(run_page(page)))
    assert "The set-up differs from the run on screen: iterations 5 instead of 100 000." in texts
    assert not manager.queued
    page.button(key="watch_queue").click()
    run_page(page)
    assert len(manager.queued) == 1
    assert run.status() is Status.RUNNING


def test_stop_and_start_puts_the_new_run_on_screen(runs: Path) -> None:
    page = opened(iterations="100000", **TINY)
    manager = get_manager()
    first = started(page, manager)
    page.number_input(key="iterations").set_value(200_000)
    run_page(page)
    page.button(key="watch_stop_and_start").click()
    run_page(page)
    until(lambda: manager.current is not None and manager.current.run_id not in (None, first.id))
    assert manager.current is not None
    until(lambda: manager.current is not None and manager.current.snapshot is not None)
    assert "of 200 000" in text_of(run_page(page))
    assert first.status() is Status.INTERRUPTED


def test_a_run_is_tested_at_its_end_and_its_head_says_what_came_out(runs: Path) -> None:
    page, manager = opened(iterations="3", **TINY), get_manager()
    run = started(page, manager)
    until(lambda: not manager.busy)
    text = text_of(run_page(page)).replace("\\", "")
    assert re.search(r"\d+ % right \(1 network, \d+ test images\); one draw of as many random real", text)
    assert "guessing 10 %" in text
    assert page.button(key="watch_compare_accuracy").label == "Is it any good? Compare"
    query = comparison_query(run)
    assert query["sets"] == f"{run.id}:{run.set_names[0]}@3"
    chosen = open_page("accuracy.py", **query)
    assert chosen.multiselect(key="accuracy_own_sets").value == [f"{run.id}:{run.set_names[0]}"]


def test_a_run_is_not_tested_where_the_person_switched_that_off(runs: Path) -> None:
    page, manager = opened(iterations="3", **TINY), get_manager()
    page.checkbox(key="test_at_end").set_value(False)
    run_page(page)
    run = started(page, manager)
    until(lambda: not manager.busy)
    assert not [result for result in run.results() if result.protocol == QUICK]
    assert "guessing" not in text_of(run_page(page))


def test_a_run_at_work_is_no_dead_end_on_the_page_of_another(runs: Path) -> None:
    like_the_other = TINY | {"images_per_class": "2", "init": "real"}
    page, manager = opened(iterations="100000", **like_the_other), get_manager()
    at_work = started(page, manager)
    other = finished_run(runs)
    shorter = opened(run=other.id)
    shorter.number_input(key="iterations").set_value(5)
    assert "Stop the running job and start this" in labels(run_page(shorter))
    shorter.button(key="watch_queue").click()
    assert not run_page(shorter).error
    assert len(manager.queued) == 1
    assert at_work.status() is Status.RUNNING
    waits = f"Queued: waits for “{at_work.description.title}”, which is running."
    assert waits in text_of(shorter).replace("\\", "")
    assert not {"Queue it", "Stop the running job and start this"} & set(labels(shorter))
    shorter.button(key="watch_remove_queued").click()
    assert "Queue it" in labels(run_page(shorter))
    assert not manager.queued
    shorter.number_input(key="iterations").set_value(100_000)
    assert "Running: show it" in labels(run_page(shorter))
    shorter.button(key="watch_show_running").click()
    run_page(shorter)
    assert shorter.query_params["run"] in (at_work.id, [at_work.id])


def test_a_stopped_run_waits_for_the_one_at_work(runs: Path) -> None:
    stopped, manager = finished_run(runs), get_manager()
    stored = stopped.description.model_copy(
        update={"config": stopped.description.config.model_copy(update={"iterations": 9})}
    )
    (stopped.path / "run.json").write_text(stored.model_dump_json())
    started(opened(iterations="100000", **TINY), manager)
    page = opened(run=stopped.id)
    assert page.button(key="resume").label == "Resume after the running job"
    page.button(key="resume").click()
    assert not run_page(page).error
    assert page.button(key="resume").label == "Queued"


def test_run_written_by_a_terminal_is_shown_from_its_folder(runs: Path) -> None:
    config = CondenseConfig(
        dataset="digits",
        images_per_class=1,
        width=8,
        depth=1,
        real_batch=4,
        iterations=50,
        sets=(SetChange(init="noise"),),
    )
    dataset = load_dataset("digits")
    plan = make_plan(config, dataset.shape, len(dataset.class_names))
    run = create_run(runs, config, dataset, plan, "from *a* terminal")
    steps = record(run, dataset)
    for _ in range(4):
        next(steps)
    page = opened(run=run.id)
    assert "running" in text_of(page)
    assert page.subheader[0].value == r"from \*a\* terminal"
    assert "pause" not in [button.key for button in page.button]
    steps.close()
    assert "stopped" in text_of(run_page(page))
    assert "Resume" in labels(page)


def test_failure_is_a_sentence_with_a_remedy(runs: Path) -> None:
    page = opened(**TINY | {"dataset": "digitz"})
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: not get_manager().busy)
    assert "digits" in text_of(run_page(page)).split("digitz")[-1]
    assert page.error
    assert page.button(key="watch_start").label == "Start"


def test_view_of_a_folder_follows_its_files(runs: Path) -> None:
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=6, init="noise"
    )
    run = record_run(runs, config, device="auto")
    view = view_of_folder(find_run(run.id, runs))
    assert (view.status, view.iteration, view.iterations) == ("finished", 6, 6)
    assert view.images["noise-1"].shape == (10, 1, 1, 8, 8)
    assert view.images["noise-1"].dtype == np.uint8
    iterations, losses = align_losses(view.loss)
    assert list(iterations) == [1, 2, 3, 4, 5, 6]
    assert list(losses) == ["noise-1"]
    assert view.noise_floor is not None
    assert view.noise_floor > 0


def test_events_that_take_long_to_read_are_not_read_at_every_look(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2, init="noise"
    )
    run = record_run(runs, config, device="auto")
    now = [0.0]

    def slow_clock() -> float:
        now[0] += 1.0  # a second passes between two looks at it, so reading takes one
        return now[0]

    monkeypatch.setattr("app.run.run_view.time", SimpleNamespace(monotonic=slow_clock))
    first = view_of_folder(run)
    with run.events_file.open("a") as events:
        events.write('{"iteration": 2, "note": "one more"}\n')
    assert view_of_folder(run) is first
    now[0] += 10
    assert view_of_folder(run) is not first


def test_a_run_damaged_in_the_middle_is_shown_with_a_sentence_and_a_remedy(runs: Path) -> None:
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2
    )
    run = record_run(runs, config, device="auto")
    _, *others = run.events_file.read_text().splitlines(keepends=True)
    run.events_file.write_text("".join(["{torn\n", *others]))
    page = opened(run=run.id)
    assert "events.jsonl is damaged (line 1): their losses are left out" in text_of(page).replace("\\", "")
    assert image_grids_of(page)[0]["subject"] == run.id


def finished_run(root: Path, iterations: int = 6) -> RunFolder:
    config = CondenseConfig(
        dataset="digits", images_per_class=2, width=8, depth=1, real_batch=4, iterations=iterations
    )
    return record_run(root, config, device="auto")


def component(page: AppTest, name: str) -> dict | None:
    """What the script gave a component, where that is JSON."""
    drawn = components_of(page, name)
    return json.loads(drawn[0].json) if drawn else None


def test_a_link_opens_run_layer_moment_and_image(runs: Path) -> None:
    run = finished_run(runs)
    page = opened(run=run.id, layer="change ×16", at="3", image="real-2.4.1")
    assert "on screen: iteration 3" in text_of(page)
    timeline = component(page, "dm_timeline")
    assert timeline is not None
    assert (timeline["at"], timeline["stops"], timeline["newest"]) == (3, list(range(7)), 6)
    assert page.segmented_control(key="layer").value == "change ×16"
    loss = component(page, "dm_live_figure")
    assert loss is not None
    assert loss["mark"] == 3
    assert page.session_state["look_image"] == "real-2.4.1"


def test_a_run_says_when_where_and_from_which_seed_it_was_computed(runs: Path) -> None:
    run = finished_run(runs)
    (run.path / PROGRAM_FILE).unlink()  # as of a run from before it was kept
    text = text_of(opened(run=run.id)).replace("\\", "")
    assert run.description.plan is not None
    version = re.escape(f"torch {run.description.plan['torch_version']}, seed 0, condensed in ")
    begun = r"Begun \d+ \w+ \d{4} on cpu \(.*\), \d processor cores?"
    said = rf"{begun}, version and commit of dm-explorer not recorded, {version}\d+.s\. Kept in "
    assert re.search(said, text)
    note_program(run, "dm-explorer 1.2.3, commit abc1234")
    note_program(run, "dm-explorer 1.2.4, commit not known")
    text = text_of(opened(run=run.id)).replace("\\", "")
    programs = "dm-explorer 1.2.3, commit abc1234; then dm-explorer 1.2.4, commit not known"
    assert re.search(rf"{begun}, {programs}, {version}", text)


@pytest.mark.parametrize(("at", "shown_at"), [("99999", 6), ("nonsense", None), ("-3", None)])
def test_a_link_to_a_moment_that_is_not_stored_shows_the_nearest_or_the_newest(
    runs: Path, at: str, shown_at: int | None
) -> None:
    run = finished_run(runs)
    timeline = component(opened(run=run.id, at=at), "dm_timeline")
    assert timeline is not None
    assert timeline["at"] == shown_at


def test_looking_back_at_images_that_were_not_tested_says_which_were(runs: Path) -> None:
    run = finished_run(runs)
    for _ in evaluate_run(run, None, load_dataset("digits"), QUICK):
        pass
    assert "tested at iteration 6 only" in text_of(opened(run=run.id, at="2"))
    assert "tested at iteration" not in text_of(opened(run=run.id))


def test_a_moment_whose_snapshot_is_damaged_is_a_sentence_above_the_newest_images(runs: Path) -> None:
    run = finished_run(runs)
    (run.snapshot_folder(run.set_names[0]) / "0000002.safetensors").write_bytes(b"torn")
    page = opened(run=run.id, at="2")
    assert "is damaged" in text_of(page)
    timeline = component(page, "dm_timeline")
    assert timeline is not None
    assert timeline["at"] is None


def test_leaving_a_run_forgets_the_moment_looked_at(runs: Path) -> None:
    run = finished_run(runs)
    page = opened(run=run.id, at="2")
    page.button(key="new_run").click()
    run_page(page)
    assert "at" not in page.query_params
    assert page.session_state["look_at"] is None


@pytest.mark.parametrize("beside", ["accuracy", "step by step"])
def test_a_run_is_left_from_any_view_beside_the_images(runs: Path, beside: str) -> None:
    page = opened(run=finished_run(runs).id, beside=beside)
    assert page.segmented_control(key="beside").value == beside
    page.button(key="new_run").click()
    run_page(page)
    assert not page.exception
    assert page.button(key="watch_start")


def test_what_was_not_judged_to_the_end_is_offered_again(runs: Path) -> None:
    run = finished_run(runs)

    def stored(kind: str, n: int, number: int, iteration: int = 0, draws: int = 1) -> None:
        result = _result("real-2", kind, 50.0, str(number), iteration=iteration)
        changed = result.model_copy(update={"n": n, "accuracies": (50.0,) * n, "draws": draws})
        (run.path / "results").mkdir(exist_ok=True)
        (run.path / "results" / f"{number}.json").write_text(changed.model_dump_json())

    def offers() -> list[str]:
        return [
            button.label.split(" on ")[1]
            for button in opened(run=run.id).button
            if "Evaluate" in button.label
        ]

    whole = "all real images, for comparison"
    start, random = "the real images they started from", "as many random real images"
    assert offers() == [f"the condensed images, {start} and {random}", whole]
    stored("condensed", 5, 1, iteration=6)
    assert offers() == [f"{start} and {random}", whole]
    stored("condensed", 5, 2)
    assert offers() == [random, whole]
    stored("random_real", 2, 3, draws=2)
    assert offers() == [random, whole]
    stored("random_real", 5, 4)
    assert offers() == [random, whole], "all of one draw, as older runs have it"
    stored("random_real", 5, 5, draws=5)
    assert offers() == [whole]


def test_presenting_keeps_the_stage_and_names_the_keys(runs: Path) -> None:
    run = finished_run(runs)
    page = opened(run=run.id, presenter="true")
    assert page.toggle(key="app_presenter").value
    assert "Keys: S start" in text_of(page)
    assert component(page, "dm_timeline") is not None


def test_another_learning_rate_is_offered_as_a_race_against_the_run_on_screen(runs: Path) -> None:
    manager, page = get_manager(), opened(run=finished_run(runs).id)
    page.multiselect(key="image_lr").set_value(["5"])
    run_page(page)
    page.button(key="watch_race").click()
    run_page(page)
    until(lambda: manager.current is not None and manager.current.state == "finished")
    assert manager.current is not None
    assert manager.current.run_id is not None
    raced = open_run(manager.current.run_id, runs)
    assert raced.config is not None
    assert [config.image_lr for config in raced.config.all_sets()] == [1.0, 5.0]
    assert "A race of 2 sets" in text_of(run_page(page))


def test_another_norm_is_no_lane_but_a_run_beside(runs: Path) -> None:
    page = opened(run=finished_run(runs).id)
    page.selectbox(key="norm").set_value("layer")
    run_page(page)
    assert "race_both" not in [button.key for button in page.button]
    assert page.button(key="watch_start_next_to").label == "Start it next to this run"


def test_result_table_escapes_and_reuses_real_images_of_the_same_size(runs: Path) -> None:
    config = CondenseConfig(dataset="digits",
        images_per_class=1, width=8, depth=1, real_batch=4, iterations=2,
        sets=(SetChange(init="real"), SetChange(init="noise")),
    )  # fmt: skip
    dataset = load_dataset("digits")
    run = create_run(runs, config, dataset, make_plan(config, dataset.shape, 10), "")
    old, new = _result("real-1", "condensed", 50.0, "1"), _result("real-1", "condensed", 60.0, "2")
    beside = _result("real-1", "random_real", 40.0, "3")
    results = latest_results([old, new, beside, _result("noise-1", "condensed", 1.0, "4", iteration=9)], 2)
    assert new in results
    assert old not in results
    shown_table = html_table(*accuracy_table(run, results)).replace("\u00a0", " ")
    assert shown_table.count("40.0 ± 1.0 % (5 networks)") == 2
    assert shown_table.count("60.0 ± 1.0 % (5 networks)") == 1
    assert "from noise" in shown_table


def test_button_to_judge_says_how_long_it_takes_and_the_estimate_grows_with_the_networks(
    runs: Path,
) -> None:
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2
    )
    dataset = load_dataset("digits")
    run = create_run(runs, config, dataset, make_plan(config, dataset.shape, 10), "")

    def seconds(repeats: int) -> float | None:
        protocol = EvaluateConfig(repeats=repeats, epochs=1000)
        tasks = evaluation_tasks(run, protocol, ("condensed",))
        look = job_estimate(
            total_workload(task.workload(run.description.data.data_shape, 1) for task in tasks)
        )
        return None if look.value is None else look.value.seconds / look.value.slowdown

    until(lambda: seconds(1) is not None)
    few, many = seconds(1), seconds(4)
    assert few is not None
    assert many == pytest.approx(4 * (few - START_SECONDS) + START_SECONDS)


def _result(name: str, kind: str, mean: float, created: str, iteration: int = 2) -> StoredResult:
    return StoredResult.model_validate(
        {"set": name, "iteration": iteration, "network": "convnet", "mean": mean, "std": 1.0, "n": 5}
        | {"accuracies": [mean] * 5, "protocol": EvaluateConfig(), "kind": kind, "created": created}
    )
