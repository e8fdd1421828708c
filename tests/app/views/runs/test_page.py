"""The Runs page: whatever is on disk is shown or named, and every button does what it says."""

import json
import platform
import subprocess
import sys

import psutil
import pytest
from streamlit.testing.v1 import AppTest
from support.fresh_interpreter import assert_no_torch
from support.jobs import ended, start
from support.pages import lines_of, tables_of, text_of
from support.waiting import until

from app.jobs.job import Job
from app.jobs.manager import JobManager
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.coresets import laptop_source, select
from dmcore.data.load import load_dataset
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run, own_runs
from dmcore.runs.selection import create_selected_run

TINY = CondenseConfig(
    dataset="digits",
    images_per_class=1,
    width=8,
    depth=1,
    real_batch=8,
    iterations=12,
    sets=(SetChange(init="noise"),),
)
LONG = TINY.model_copy(update={"iterations": 100_000})
RUNS = "../pages/runs.py"


def made(
    manager: JobManager,
    config: CondenseConfig = TINY,
    title: str = "",
    evaluate: EvaluateConfig | None = None,
) -> RunFolder:
    """A run that came to its end, whichever."""
    job = start(manager, config, title, evaluate)
    ended(job)
    assert job.run_id is not None
    return open_run(job.run_id, manager.runs_root)


def begun(manager: JobManager) -> tuple[Job, RunFolder]:
    """A run that is at work and has something to show."""
    job = start(manager, LONG)
    until(lambda: job.snapshot is not None and job.snapshot.iteration > 1)
    assert job.run_id is not None
    return job, open_run(job.run_id, manager.runs_root)


def stopped(manager: JobManager) -> RunFolder:
    job, run = begun(manager)
    manager.stop()
    until(lambda: job.state == "stopped")
    return run


def on_runs(visit: AppTest) -> AppTest:
    page = visit.run().switch_page(RUNS).run()
    assert not page.exception
    return page


def test_without_runs_the_page_says_what_to_do_next(visit: AppTest, process_manager: JobManager) -> None:
    page = on_runs(visit)
    assert "Start one on the Watch page" in text_of(page)
    assert str(process_manager.runs_root) in text_of(page)
    assert page.code[0].value.startswith("dmcore condense ")
    page.button(key="runs_go_to_watch").click().run()
    assert not page.exception
    assert "Runs" not in [header.value for header in page.header]


def test_a_thumbnail_comes_with_the_page(visit: AppTest, process_manager: JobManager) -> None:
    made(process_manager)
    [element] = on_runs(visit).get("image")
    [picture] = element.proto.imgs
    assert picture.url.startswith("data:image/png;base64,")
    assert picture.alt == "Newest images of a run on Digits"


def test_a_finished_run_stands_with_its_facts_and_results(
    visit: AppTest, process_manager: JobManager
) -> None:
    made(process_manager, title="A *title*", evaluate=EvaluateConfig(repeats=2, epochs=3))
    page = on_runs(visit)
    text = text_of(page)
    assert r"A \*title\*" in text
    assert "**finished**, iteration 12 of 12" in text
    assert "Digits" in text
    assert "noise" in text
    assert "2 fresh networks, 3 epochs each" in text
    assert "s ago" in text
    (table,) = tables_of(page)
    assert "±" in table
    assert "(2 networks)" in table
    assert len(page.get("image")) == 1


def test_images_that_a_table_chose_are_no_runs_of_ones_own(
    visit: AppTest, process_manager: JobManager
) -> None:
    root, dataset = process_manager.runs_root, load_dataset("digits")
    coreset = select("random", dataset, 1, 2, laptop_source(dataset, root / "cache", 0))
    of_table = create_selected_run(root, dataset, [coreset], "Random ones", made_for="table")
    chosen = create_selected_run(root, dataset, [coreset], "My choice")
    assert [run.id for run in own_runs(root)] == [chosen.id]
    text = text_of(visit.switch_page(RUNS).run())
    assert "My choice" in text
    assert "chosen from real images" in text
    assert "imported" not in text
    assert "Random ones" not in text
    (toggle,) = (toggle for toggle in visit.toggle if toggle.key == "runs_of_tables")
    assert toggle.label == "1 set of images, made for tables"
    assert "Random ones" in text_of(toggle.set_value(True).run())
    older = open_run(of_table.id, root).description.model_copy(update={"made_for": ""})
    assert not older.is_of_table
    for title in ("Digits, random, 1 per class, seed 2", "Digits, k center, 1, 10 per class, seed 0"):
        assert older.model_copy(update={"title": title}).is_of_table
    for title in (
        "My favourites, seed 3",
        "Digits, random, mine, seed 3",
        "Digits, random, 1 per class, seed 2b",
    ):
        assert not older.model_copy(update={"title": title}).is_of_table


def test_a_run_of_a_terminal_is_shown_with_its_process(visit: AppTest, process_manager: JobManager) -> None:
    run = stopped(process_manager)
    terminal = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        owner = {
            "pid": terminal.pid,
            "process_started": psutil.Process(terminal.pid).create_time(),
            "host": platform.node(),
            "state": "running",
            "since": "2026-01-01T00:00:00+00:00",
        }
        (run.path / "owner.json").write_text(json.dumps(owner))
        page = on_runs(visit)
        assert "**running**" in text_of(page)
        assert f"by process {terminal.pid}" in text_of(page)
        assert page.button(key=f"delete_{run.id}").disabled
        assert f"resume_{run.id}" not in [button.key for button in page.button]
    finally:
        terminal.kill()
        terminal.wait()


def test_open_puts_the_run_on_the_watch_page(visit: AppTest, process_manager: JobManager) -> None:
    run = made(process_manager, title="To be opened")
    page = on_runs(visit)
    page.button(key=f"open_{run.id}").click().run()
    assert not page.exception
    assert page.query_params["run"] == run.id
    assert "To be opened" in text_of(page)


def test_resume_goes_on_and_shows_it(visit: AppTest, process_manager: JobManager) -> None:
    run = stopped(process_manager)
    page = on_runs(visit)
    assert "**stopped**" in text_of(page)
    page.button(key=f"resume_{run.id}").click().run()
    assert not page.exception
    until(lambda: run.status() is Status.RUNNING)
    assert page.query_params["run"] == run.id


def test_resume_beside_a_run_at_work_says_that_it_waits(visit: AppTest, process_manager: JobManager) -> None:
    run = stopped(process_manager)
    begun(process_manager)
    page = on_runs(visit)
    button = page.button(key=f"resume_{run.id}")
    assert button.label == "Resume after the running job"
    button.click().run()
    assert not page.exception
    assert [job.run_id for job in process_manager.queued] == [run.id]
    page.run()
    assert page.button(key=f"resume_{run.id}").label == "Queued"
    assert page.button(key=f"delete_{run.id}").disabled


def test_a_run_is_deleted_only_after_it_was_asked_twice(visit: AppTest, process_manager: JobManager) -> None:
    run = made(process_manager)
    page = on_runs(visit)
    page.button(key=f"delete_{run.id}").click().run()
    assert run.path.is_dir()
    page.button(key="keep_it").click().run()
    assert run.path.is_dir()
    page.button(key=f"delete_{run.id}").click().run()
    page.button(key="delete_it").click().run()
    assert not page.exception
    assert not run.path.exists()
    assert "There are no runs yet" in text_of(page)


def page_without_runs() -> None:
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    from app.views.runs.run_list import show_no_runs

    manager: Any = SimpleNamespace(active=SimpleNamespace(title="Table 1, Digits"))
    show_no_runs(manager, Path("runs"))


def test_without_runs_the_page_says_what_is_at_work() -> None:
    page = AppTest.from_function(page_without_runs).run()
    assert "There are no runs yet. At work now: **Table 1, Digits**. Start one" in text_of(page)


def test_a_failed_run_says_why_and_what_to_do(visit: AppTest, process_manager: JobManager) -> None:
    made(process_manager, TINY.model_copy(update={"image_lr": 1e30}))
    page = on_runs(visit)
    assert "**failed**" in text_of(page)
    assert "no longer a number" in page.error[0].value
    assert "learning rate" in page.error[0].value


def test_runs_that_cannot_be_read_are_named(visit: AppTest, process_manager: JobManager) -> None:
    good, newer, damaged, spoilt = (made(process_manager) for _ in range(4))
    description = json.loads((newer.path / "run.json").read_text())
    (newer.path / "run.json").write_text(json.dumps({**description, "format": 99}))
    (damaged.path / "run.json").write_text("{")
    snapshot = spoilt.snapshot_folder("noise-1") / "0000012.safetensors"
    snapshot.write_bytes(snapshot.read_bytes()[:40])
    page = on_runs(visit)
    warnings = [warning.value.replace("\\", "") for warning in page.warning]
    assert any(newer.id in warning and "update dm-explorer" in warning for warning in warnings)
    assert any(damaged.id in warning and "damaged" in warning for warning in warnings)
    assert any("snapshot" in warning and "damaged" in warning for warning in warnings)
    keys = [button.key for button in page.button]
    assert f"open_{good.id}" in keys
    assert f"delete_{spoilt.id}" in keys


def test_the_run_bar_names_the_run_at_work_on_every_page(visit: AppTest, process_manager: JobManager) -> None:
    job, _ = begun(process_manager)
    process_manager.throttle.pause()
    until(lambda: job.state == "paused")
    waiting = start(process_manager, TINY, "Waits", queue=True)
    for page in (visit.run(), on_runs(visit)):
        (bar,) = lines_of(page)
        assert "● paused" in bar
        assert "iteration " in bar
        assert "CPU" in bar or "CUDA" in bar or "MPS" in bar
        assert f"cancel_{id(waiting)}" in [button.key for button in page.button]
    page.button(key=f"cancel_{id(waiting)}").click().run()
    assert process_manager.queued == ()
    assert waiting.state == "stopped"


@pytest.mark.parametrize(
    "module",
    ["app.main", "app.views.watch.run_sections", "app.views.runs.run_list", "app.views.compare.sections"],
)
def test_no_page_imports_torch_on_its_path(module: str) -> None:
    assert_no_torch(module)
