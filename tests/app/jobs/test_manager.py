"""The background thread: requests take effect between two events, and nothing is lost."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.jobs import ended, resume, start
from support.waiting import until

from app import ROOT
from app.data.stored_results import evaluation_results
from app.jobs.job import Job
from app.jobs.job_queue import BusyError
from app.jobs.manager import JobManager, get_manager
from app.jobs.throttle import Throttle, least_seconds
from app.jobs.work import EvaluateWork, ResumeWork
from dmcore import __version__
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.runs.description import Status
from dmcore.runs.doctor.leftovers import leftover_findings
from dmcore.runs.folder import RunFolder
from dmcore.runs.program import read_programs
from dmcore.runs.results.test_wish import read_test_networks, wants_test
from dmcore.runs.runs_root import change_description, delete_run, open_run

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
NETWORKS = EvaluateConfig(repeats=2, epochs=3)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[JobManager]:
    manager = JobManager(tmp_path / "runs")
    yield manager
    manager.shutdown()


def reached(job: Job, iteration: int) -> None:
    until(lambda: job.snapshot is not None and job.snapshot.iteration >= iteration)


def run_of(manager: JobManager, job: Job) -> RunFolder:
    assert job.run_id is not None
    return open_run(job.run_id, manager.runs_root)


def same_runs(run: RunFolder, other: RunFolder) -> bool:
    first, second = (folder.snapshot("noise-1") for folder in (run, other))
    return (
        first.iteration == second.iteration
        and np.array_equal(first.pixels, second.pixels)
        and np.array_equal(first.momentum, second.momentum)
        and np.array_equal(run.losses("noise-1").loss, other.losses("noise-1").loss)
    )


def test_start_runs_to_the_end_and_shows_it(manager: JobManager) -> None:
    job = start(manager, TINY, "My title")
    assert ended(job) == "finished"
    assert manager.current is job
    assert not manager.busy
    shown = job.snapshot
    assert shown is not None
    assert shown.run_id == job.run_id
    assert (shown.iteration, shown.iterations) == (12, 12)
    assert shown.images["noise-1"].shape == (10, 1, 1, 8, 8)
    assert shown.images["noise-1"].dtype == np.uint8
    iterations, loss = shown.loss["noise-1"]
    stored = run_of(manager, job).losses("noise-1")
    assert iterations.tolist() == list(range(1, 13))
    assert np.allclose(loss, stored.loss.mean(axis=1), rtol=1e-6)
    assert shown.noise_floor is not None
    assert shown.last.startswith("Just now: random network no.\u00a011, ")
    assert run_of(manager, job).status() is Status.FINISHED
    assert run_of(manager, job).description.title == "My title"


def test_the_start_images_are_shown_before_the_first_update(manager: JobManager) -> None:
    job = start(manager, TINY, speed="step")
    reached(job, 0)
    shown = job.snapshot
    assert shown is not None
    assert shown.iteration == 0
    assert shown.last.startswith("Nothing is learned yet")
    assert len(shown.loss["noise-1"][0]) == 0


def test_each_click_at_step_pace_is_one_iteration(manager: JobManager) -> None:
    job = start(manager, TINY, speed="step")
    for iteration in range(1, 4):
        reached(job, iteration - 1)
        manager.throttle.step()
        reached(job, iteration)
        time.sleep(0.05)
        assert job.snapshot is not None
        assert job.snapshot.iteration == iteration
    manager.throttle.set_speed("full")
    assert ended(job) == "finished"


def test_pace_and_pauses_do_not_alter_results(manager: JobManager) -> None:
    unpaced = start(manager, TINY)
    assert ended(unpaced) == "finished"
    paced = start(manager, TINY, speed="step")
    reached(paced, 0)
    manager.throttle.step()
    reached(paced, 1)
    manager.throttle.pause()
    manager.throttle.set_speed("slow")
    manager.throttle.unpause()
    assert ended(paced) == "finished"
    assert same_runs(run_of(manager, unpaced), run_of(manager, paced))


def test_slow_pace_takes_its_time_and_eases_to_full() -> None:
    assert least_seconds(0) == least_seconds(40) == 0.12
    assert 0 < least_seconds(60) < 0.05
    assert least_seconds(200) == 0
    gate = Throttle("slow")
    began = time.monotonic()
    assert all(gate.wait(iteration, lambda: None) for iteration in range(3))
    assert 0.24 <= time.monotonic() - began < 2
    assert gate.speed == "slow"
    assert gate.wait(200, lambda: None)
    assert gate.speed == "full", "from then on it is by itself"


def test_a_paused_run_says_so_on_disk_and_goes_on(manager: JobManager) -> None:
    job = start(manager, LONG)
    reached(job, 2)
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    run = run_of(manager, job)
    assert run.status() is Status.PAUSED
    still = job.snapshot
    time.sleep(0.2)
    assert job.snapshot is still, "nothing is copied while nothing changes"
    manager.throttle.step()
    until(lambda: job.snapshot is not still)
    assert still is not None
    assert job.snapshot is not None
    assert job.snapshot.iteration == still.iteration + 1
    manager.throttle.unpause()
    until(lambda: job.state == "running")
    assert run.status() is Status.RUNNING
    manager.stop()
    assert ended(job) == "stopped"
    assert run.status() is Status.INTERRUPTED


def test_a_paused_run_can_be_stopped(manager: JobManager) -> None:
    job = start(manager, LONG)
    reached(job, 1)
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    manager.stop()
    assert ended(job) == "stopped"
    assert run_of(manager, job).status() is Status.INTERRUPTED


def test_starting_beside_a_run_is_refused_unless_it_may_queue(manager: JobManager) -> None:
    first = start(manager, LONG, "First")
    reached(first, 1)
    with pytest.raises(BusyError, match=r"“First” is running at iteration .* queue"):
        start(manager, TINY)
    second, third = start(manager, TINY, queue=True), start(manager, TINY, queue=True)
    assert manager.queued == (second, third)
    assert second.state == "queued"
    manager.cancel(third)
    assert third.state == "stopped"
    manager.stop()
    assert ended(first) == "stopped"
    assert ended(second) == "finished"
    assert manager.current is second


def test_every_change_of_state_is_a_revision(manager: JobManager) -> None:
    before = manager.revision
    job = start(manager, TINY)
    assert manager.wait(before, 10) > before
    ended(job)
    after = manager.revision
    assert manager.wait(after, 0.01) == after


def test_a_run_that_fails_says_why_and_the_next_one_works(manager: JobManager) -> None:
    job = start(manager, TINY.model_copy(update={"image_lr": 1e30}))
    assert ended(job) == "failed"
    assert job.error is not None
    assert "no longer a number" in job.error.sentence
    assert "learning rate" in job.error.remedy
    run = run_of(manager, job)
    assert run.status() is Status.FAILED
    stored = run.error()
    assert stored is not None
    assert (stored.sentence, stored.remedy) == (job.error.sentence, job.error.remedy)
    assert ended(start(manager, TINY)) == "finished"


def test_an_unknown_data_set_fails_with_the_nearest_name(manager: JobManager) -> None:
    job = start(manager, TINY.model_copy(update={"dataset": "digit"}))
    assert ended(job) == "failed"
    assert job.error is not None
    assert "digits" in f"{job.error.sentence} {job.error.remedy}"
    assert job.run_id is None


def test_an_unknown_run_is_refused_at_once(manager: JobManager) -> None:
    job = start(manager, TINY)
    assert ended(job) == "finished"
    work = ResumeWork(run=run_of(manager, job))
    delete_run(work.run)
    with pytest.raises(ValueError, match="no run"):
        manager.submit(work)


def test_a_finished_run_is_judged_beside_real_images(manager: JobManager) -> None:
    job = start(manager, TINY, evaluate=NETWORKS)
    assert ended(job) == "finished"
    assert job.snapshot is not None
    progress = job.snapshot.evaluation
    assert progress is not None
    assert progress.fraction == 1
    stored = {result.kind: result for result in run_of(manager, job).results()}
    assert set(stored) == {"condensed", "random_real", "all_real"}
    assert all(result.n == len(result.accuracies) == 2 for result in stored.values())
    assert stored["random_real"].draws == 2, "each network has a draw of its own"
    assert wants_test(run_of(manager, job))
    assert read_test_networks(run_of(manager, job)) == 2, "kept for when it is resumed"
    assert not list(leftover_findings(run_of(manager, job).path))
    untested = start(manager, TINY)
    assert ended(untested) == "finished"
    assert not wants_test(run_of(manager, untested)), "kept for when it is resumed"


def test_the_result_of_each_network_is_stored_while_the_next_is_trained(manager: JobManager) -> None:
    job = start(manager, TINY, evaluate=EvaluateConfig(repeats=3, epochs=20))
    until(lambda: job.run_id is not None)
    run, counts = run_of(manager, job), set()

    def count() -> bool:
        counts.update(result.n for result in evaluation_results(run) if result.kind == "condensed")
        return job.state == "finished"

    until(count, interval=0.001)
    assert 3 in counts
    assert counts & {1, 2}


def test_judging_can_be_paused_and_stopped_and_asked_for_later(manager: JobManager) -> None:
    first = start(manager, TINY)
    assert ended(first) == "finished"
    assert first.run_id is not None
    work = EvaluateWork(
        run=run_of(manager, first), config=EvaluateConfig(epochs=100_000), kinds=("condensed",)
    )
    job = manager.submit(work)
    until(lambda: job.snapshot is not None and job.snapshot.evaluation is not None)
    assert job.snapshot is not None
    assert job.snapshot.iteration == 12
    assert job.snapshot.images["noise-1"].shape == (10, 1, 1, 8, 8)
    manager.throttle.pause()
    until(lambda: job.state == "paused")
    assert run_of(manager, job).status() is Status.FINISHED
    manager.stop()
    assert ended(job) == "stopped"
    assert run_of(manager, job).results() == []


def test_an_evaluation_of_no_kind_is_refused_with_the_choices(tmp_path: Path) -> None:
    work = {"run": RunFolder(tmp_path), "title": "Digits", "config": EvaluateConfig()}
    with pytest.raises(ValueError, match="there is no kind 'condense': choose from condensed, random_real"):
        EvaluateWork(**work, kinds=("random_real", "condense"))


def test_a_run_of_a_manager_that_shut_down_resumes_to_the_same_end(tmp_path: Path) -> None:
    longer = TINY.model_copy(update={"iterations": 60})
    unbroken = JobManager(tmp_path / "unbroken")
    whole = start(unbroken, longer)
    assert ended(whole) == "finished"

    broken = JobManager(tmp_path / "broken")
    job = start(broken, longer, speed="slow")
    reached(job, 3)
    broken.shutdown()
    assert job.state == "stopped"
    run = run_of(broken, job)
    assert run.status() is Status.INTERRUPTED
    assert 3 <= run.iteration() < 60
    with pytest.raises(BusyError):
        start(broken, TINY)

    again = JobManager(tmp_path / "broken")
    resumed = resume(again, run.id)
    assert ended(resumed) == "finished"
    assert resumed.snapshot is not None
    assert resumed.snapshot.loss["noise-1"][0].tolist() == list(range(1, 61))
    assert same_runs(run_of(unbroken, whole), run_of(again, resumed))
    unbroken.shutdown()
    again.shutdown()


def test_a_finished_run_goes_on_to_more_iterations(manager: JobManager) -> None:
    job = start(manager, TINY)
    assert ended(job) == "finished"
    assert job.run_id is not None
    more = resume(manager, job.run_id, iterations=20)
    assert ended(more) == "finished"
    assert run_of(manager, more).iteration() == 20


def test_a_run_on_other_images_is_not_extended(manager: JobManager) -> None:
    job = start(manager, TINY)
    assert ended(job) == "finished"
    run = run_of(manager, job)
    other = run.description.data.model_copy(update={"digest": "other"})
    change_description(run.path, data=other)
    more = resume(manager, run.id, iterations=20)
    assert ended(more) == "failed"
    assert more.error is not None
    assert "other training images" in f"{more.error.sentence} {more.error.remedy}"
    assert open_run(run.path).status() is Status.FINISHED


def test_the_process_has_one_manager_even_when_pages_ask_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DM_RUNS", str(tmp_path))
    get_manager.release()
    try:
        with ThreadPoolExecutor(8) as pages:
            managers = list(pages.map(lambda _: get_manager(), range(8)))
        assert len(set(map(id, managers))) == 1
        assert get_manager().runs_root == tmp_path
    finally:
        get_manager.release()


@pytest.mark.slow
@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_told_to_end_during_a_run_exits_with_0_and_the_run_resumes(
    tmp_path: Path, which: signal.Signals
) -> None:
    """A real Streamlit server whose only page starts a run."""
    script = tmp_path / "page.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from app.jobs.manager import get_manager\n"
        "from app.jobs.work import CondenseWork\n"
        f"from dmcore.config import CondenseConfig\n"
        "manager = get_manager()\n"
        "if not manager.busy:\n"
        f"    config = CondenseConfig.model_validate_json({LONG.model_dump_json()!r})\n"
        "    manager.submit(CondenseWork(config=config))\n"
    )
    runs = tmp_path / "runs"
    driver = tmp_path / "server.py"  # the same process first visits the page, then serves it
    driver.write_text(
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        f"AppTest.from_file({str(script)!r}).run(timeout=60)\n"
        f"sys.argv = ['streamlit', 'run', {str(script)!r}, '--server.headless=true', '--server.port=0',"
        " '--server.fileWatcherType=none', '--browser.gatherUsageStats=false']\n"
        "from streamlit.web.cli import main\n"
        "main()\n"
    )
    server = subprocess.Popen(
        [sys.executable, str(driver)],
        cwd=tmp_path,
        env={**os.environ, "DM_RUNS": str(runs), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "URL" in line:
                break
        until(lambda: any(RunFolder(file.parent).iteration() > 2 for file in runs.glob("*/run.json")))
        server.send_signal(which)
        assert server.wait(60) == 0
    finally:
        server.kill()
    (file,) = runs.glob("*/run.json")
    run = RunFolder(file.parent)
    assert run.status() is Status.INTERRUPTED
    at = run.iteration()

    manager = JobManager(runs)
    job = resume(manager, run.id)
    reached(job, at + 1)
    manager.shutdown()
    assert job.snapshot is not None
    assert len(job.snapshot.loss["noise-1"][0]) == job.snapshot.iteration


def test_a_run_keeps_which_program_computed_it(manager: JobManager) -> None:
    job = start(manager, TINY)
    assert ended(job) == "finished"
    (program,) = read_programs(run_of(manager, job))
    assert not list(leftover_findings(run_of(manager, job).path)), "the file is known"
    assert re.fullmatch(rf"dm-explorer {re.escape(__version__)}, commit (not known|[\w.-]+)", program)
