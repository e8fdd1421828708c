"""Runs of DC and DSA on the pages: shown like others; what a page does not have is said in a sentence."""

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.jobs import ended, resume
from support.pages import (
    components_of,
    figures_of,
    html_of,
    lines_of,
    open_page,
    open_script,
    run_page,
    tables_of,
    text_of,
)
from support.recomputed import recomputed
from support.run_equality import assert_equal_runs
from support.small_runs import TINY, record_run
from support.waiting import until

from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.work import CondenseWork
from app.run.run_bar import bar_line
from app.views.compare.sides import setting_rows
from dmcore.config import DcConfig, DsaConfig
from dmcore.data.load import load_dataset
from dmcore.runs.runs_root import open_run

DIGITS = load_dataset("digits")
SMALL = {"dataset": "digits", "width": 8, "depth": 2, "real_batch": 8, "images_per_class": 1}
DSA = DsaConfig(**SMALL, iterations=3)
SLOW = DsaConfig(**SMALL, outer_steps=4, inner_epochs=2, iterations=4)


@pytest.mark.parametrize(
    "page_file",
    [
        "watch.py",
        "feature_space.py",
        "accuracy.py",
        "architectures.py",
        "network_distribution.py",
    ],
)
def test_every_page_opens_with_such_a_run_in_the_folder(root: Path, page_file: str) -> None:
    run = record_run(root, DSA)
    page = open_page(page_file, run=run.id)
    assert not page.exception
    assert not page.error


def test_the_watch_page_shows_the_run_with_its_method_and_command(root: Path) -> None:
    run = record_run(root, DcConfig(**SMALL, iterations=3), steps=2)
    page = open_page("watch.py", run=run.id)
    assert f"{run.description.data.title}, DC" in [header.value for header in page.subheader]
    assert "iteration 2 of 3" in " ".join(lines_of(page))
    assert any(code.value.startswith("dmcore condense --method dc ") for code in page.code)
    (test,) = (code.value for code in page.code if code.value.startswith("dmcore evaluate "))
    assert " --protocol dm " in test
    assert "by DC" in " ".join(html.proto.body for html in page.get("html"))


def test_the_runs_page_names_its_method(root: Path) -> None:
    record_run(root, DSA, "Gradients")
    said = text_of(open_page("runs.py"))
    assert "Gradients" in said
    assert "by DSA" in said


def test_compared_with_distribution_matching_it_differs_in_the_method(root: Path) -> None:
    ours, theirs = record_run(root, TINY), record_run(root, DSA)
    rows = setting_rows([ours, theirs])
    assert rows is not None
    assert ("Method", "DM", "DSA") in rows
    page = open_page("compare.py", a=ours.id, b=theirs.id)
    assert not page.exception
    assert "their heights cannot be compared" in text_of(page)
    assert "(loss of each method)" in str(figures_of(page))
    assert "(distance of gradients)" in str(figures_of(open_page("watch.py", run=theirs.id)))
    assert "DSA" in "".join(tables_of(page))


def matching_on(page: AppTest) -> dict[str, Any]:
    """Header of the scene of a matching step on a page."""
    (proto,) = components_of(page, "dm_matching")
    return unpack_frame(proto.bytes)[0]


def test_step_by_step_shows_a_matching_step_and_the_link_to_distribution_matching(root: Path) -> None:
    run = record_run(root, SLOW, steps=3)
    page = open_page("watch.py", run=run.id, beside="step by step", at="2")
    assert not components_of(page, "dm_pull")
    assert "Iteration 2 → 3" in text_of(page)
    head = matching_on(page)
    first = recomputed(run, DIGITS, 2, 0)
    assert head["scene"]["loss"] == first.loss
    assert [layer["name"] for layer in head["scene"]["layers"]] == [each.name for each in first.layers]
    assert "network 2 of the run (convnet of width 8). It is drawn for this iteration" in head["sentences"][0]
    assert "trained on the learned images for 2 epochs" in head["sentences"][-1]
    said = " ".join((text_of(page), *html_of(page)))
    assert "The link to distribution matching" in said
    assert first.last_layer[0].gradient == pytest.approx(first.last_layer[0].weighted_mean, abs=1e-5)
    assert f"<td data-heading='Gradient, length'>{first.last_layer[0].gradient:.5f}</td>" in said
    page.selectbox(key=f"watch_step_outer_{run.id}").select_index(3)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(7)
    head = matching_on(run_page(page))
    last = recomputed(run, DIGITS, 2, 7, 3)
    assert head["scene"]["loss"] == last.loss
    assert "has been trained on the learned images for 6 epochs since" in head["sentences"][0]
    assert "the last matching step with this network" in head["sentences"][-1]


def test_a_matching_step_that_the_run_has_not_made_and_one_that_cannot_be_computed_are_sentences(
    root: Path,
) -> None:
    run = record_run(root, DSA)
    page = open_page("watch.py", run=run.id, beside="step by step")
    assert "The run stands at iteration 3: this is the update that comes next if it goes on." in text_of(page)
    assert "This was the only matching step with this network" in matching_on(page)["sentences"][-1]
    assert not [box for box in page.selectbox if (box.key or "").startswith("watch_step_outer")]
    for folder in (run.checkpoint_folder, run.snapshot_folder(run.set_names[0])):
        for file in folder.glob("0000001.*"):
            file.unlink()
    script = f"""
from pathlib import Path
from app.views.watch.step_by_step import show_step_by_step
from dmcore.runs.folder import RunFolder
show_step_by_step(RunFolder(Path({str(run.path)!r})), 1)
"""
    page = open_script(script)
    assert "has not stored all images of iteration 1" in text_of(page)
    assert not components_of(page, "dm_matching")


def test_a_click_is_an_iteration_whose_loss_is_shown_at_once(process_manager: JobManager, root: Path) -> None:
    stopped = record_run(root, SLOW, steps=0)
    job = resume(process_manager, stopped.id, speed="step")
    for iteration in range(1, SLOW.iterations):
        until(lambda done=iteration - 1: job.snapshot is not None and job.snapshot.iteration == done)
        process_manager.throttle.step()
        until(lambda done=iteration: job.snapshot.iteration == done)
        ((iterations, _),) = job.snapshot.loss.values()
        assert iterations.tolist() == list(range(1, iteration + 1))
    process_manager.throttle.set_speed("full")
    assert ended(job) == "finished"
    assert job.snapshot is not None
    ((iterations, _),) = job.snapshot.loss.values()
    assert iterations.tolist() == list(range(1, SLOW.iterations + 1))


def test_progress_names_the_step_and_a_stop_within_an_iteration_says_what_is_done_again(
    process_manager: JobManager, root: Path
) -> None:
    stopped = record_run(root, SLOW, steps=0)
    job = start_held(process_manager, stopped.id)
    seen = []
    for _ in range(SLOW.loops.outer + 1):
        before = job.snapshot
        process_manager.throttle.step()
        until(lambda before=before: job.snapshot is not before)
        assert job.snapshot is not None
        seen.append(job.snapshot.progress_text)
    assert seen == [
        "iteration 1 of 4, step 1 of 4",
        "iteration 1 of 4, step 2 of 4",
        "iteration 1 of 4, step 3 of 4",
        "iteration 1 of 4",
        "iteration 2 of 4, step 1 of 4",
    ]
    page = open_page("watch.py", run=stopped.id)
    assert "iteration 2 of 4, step 1 of 4" in " ".join(lines_of(page))
    (step,) = (button for button in page.button if button.key == "one_iteration")
    assert step.label == "One step"
    process_manager.throttle.step()
    until(lambda: job.snapshot is not None and job.snapshot.outer == 2)
    process_manager.stop()
    assert ended(job) == "stopped"
    said = text_of(open_page("watch.py", run=stopped.id))
    assert (
        "Stopped within iteration 2, after step 2 of 4: these are the images after iteration 1. "
        "Resume does those 2 steps again."
    ) in said
    assert ended(resume(process_manager, stopped.id)) == "finished"
    assert "Stopped within" not in text_of(open_page("watch.py", run=stopped.id))


def start_held(manager: JobManager, run_id: str) -> Job:
    """Resume a run and pause it before its first iteration."""
    job = resume(manager, run_id, speed="step")
    until(lambda: job.snapshot is not None)
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    return job


def test_the_run_bar_names_the_method_where_the_title_does_not(process_manager: JobManager) -> None:
    for title, shown in (("Mine", "Mine, by DSA"), ("", "digits, 1 per class, DSA")):
        process_manager.current = Job(CondenseWork(title=title, config=DSA))
        assert bar_line(process_manager, 0, None).parts[1].text == shown


def test_the_thread_resumes_it_pauses_between_matching_steps_and_ends_as_unbroken(
    process_manager: JobManager, root: Path
) -> None:
    unbroken, stopped = record_run(root, SLOW), record_run(root, SLOW, steps=0)
    job = resume(process_manager, stopped.id)
    until(lambda: job.snapshot is not None)
    process_manager.throttle.pause()
    until(lambda: job.state == "paused")
    before = open_run(stopped.id, root).iteration()
    time.sleep(0.3)
    assert open_run(stopped.id, root).iteration() == before
    process_manager.stop()
    assert ended(job) == "stopped"
    assert ended(resume(process_manager, stopped.id)) == "finished"
    assert_equal_runs(open_run(stopped.id, root), unbroken)
