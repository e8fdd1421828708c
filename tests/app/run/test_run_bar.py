"""The run bar: what it says of a job is what the page says, or it leaves the job to the page."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import lines_of, run_page
from support.small_tables import DIGITS
from support.waiting import until

from app.components.live_line import LinePart
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_view import RunView
from app.jobs.work import EvaluateWork
from app.run.run_bar import bar_line
from app.run.stage_content import status_line
from app.tables.state import table_line, table_state
from app.text.status import Status
from dmcore.config import EvaluateConfig
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.runs.description import RunError
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress

PROGRESS = EvaluationProgress("only", "condensed", "convnet", 2, 5, 30, 200, 0.34, 40.0)


def texts(parts: Iterable[LinePart]) -> list[str]:
    return [part.text for part in parts]


def test_bar_and_status_line_say_the_same_words_of_one_evaluation(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(EvaluateWork(title="Digits", run=RunFolder(Path("a-run")), config=EvaluateConfig()))
    job.state = Status.RUNNING
    job.snapshot = view = RunView("a-run", Status.RUNNING, 9, 9, evaluation=PROGRESS, live=True)
    monkeypatch.setattr(process_manager, "current", job)
    on_page = texts(status_line(view, "").parts)[2:]
    assert "34%" in on_page[0]
    assert texts(bar_line(process_manager, 0, None).parts)[2:] == on_page
    for on_screen in ("a-run", job.id):
        assert texts(bar_line(process_manager, 0, on_screen).parts) == []


def test_what_a_status_line_may_leave_out_stands_at_its_end() -> None:
    view = RunView(
        "a-run",
        Status.RUNNING,
        9,
        90,
        iterations_per_second=3.3,
        images_per_second=2112.0,
        seconds_left=240.0,
    )
    said = texts(status_line(view, "", at=5).parts)
    assert said[1:3] == ["iteration 9 of 90", "on screen: iteration 5"]
    assert "left" in said[3]
    assert [text.split("\u00a0")[-1].split(" ", 1)[-1] for text in said[4:]] == [
        "iterations/s",
        "real images/s",
    ]


def test_the_bar_has_nothing_to_say_while_no_job_runs_and_names_the_one_that_failed(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bar_line(process_manager, 0, None).parts == ()
    job = Job(EvaluateWork(title="Digits", run=RunFolder(Path("a-run")), config=EvaluateConfig()))
    monkeypatch.setattr(process_manager, "current", job)
    job.state = Status.FINISHED
    assert bar_line(process_manager, 0, None).parts == ()
    job.state, job.error = (
        Status.FAILED,
        RunError(sentence="The disk is full.", remedy="Free some space.", iteration=3, kind="storage"),
    )
    assert any("disk is full" in text for text in texts(bar_line(process_manager, 0, None).parts))
    assert bar_line(process_manager, 0, "another-run").parts == ()


def test_the_bar_leaves_a_table_at_work_to_the_page_that_shows_it(
    visit: AppTest, process_manager: JobManager
) -> None:
    page = run_page(run_page(visit).switch_page("../pages/accuracy.py"))
    page.button(key="table_run").click()
    run_page(page)
    until(lambda: process_manager.current is not None and process_manager.current.active)
    assert process_manager.current is not None
    title = process_manager.current.title
    bar, table = run_page(page), process_manager.current
    assert not any(title in line for line in lines_of(bar))
    elsewhere = run_page(page.switch_page("../pages/runs.py"))
    assert any(title in line for line in lines_of(elsewhere))
    process_manager.stop()
    until(lambda: not table.active)


def test_change_tokens_of_two_tables_differ_although_neither_was_started(
    process_manager: JobManager,
) -> None:
    states = [
        table_state(process_manager, config.table(DIGITS))
        for config in (Table1Config(), Table2Config(images_per_class=(1,)))
    ]
    first, second = (table_line(process_manager, state).revision for state in states)
    assert first != second
