"""Feature space page without a browser: projections, metrics, training, errors as sentences."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.jobs import start
from support.live_routes import live_client
from support.pages import html_of, open_page, text_of
from support.small_runs import TINY, made, record_run
from support.waiting import until, until_instance

from app.jobs.manager import JobManager
from app.jobs.whole_set_work import WholeSetTrainingWork
from app.run.looked_at import LOOKED_AT
from app.views.feature_space.coverage_table import format_metric, metrics_table, short_number
from app.views.feature_space.map_questions import Cloud, get_projections
from app.views.feature_space.projection_values import RunMetrics, RunProjection, cloud_choice
from app.views.feature_space.projections import (
    cloud_projection,
    missing_projections,
    newest_projection,
    retry_failed,
    stored_projection,
)
from app.views.feature_space.run_questions import known_projections
from app.views.feature_space.scene import Scene
from app.views.feature_space.texts import worst_covered
from dmcore.feature_space.coverage.metrics import METRICS
from dmcore.files.messages import Message
from dmcore.runs.runs_root import create_run_folder, open_run
from dmcore.runs.snapshots import write_snapshot

opened = partial(open_page, "feature_space.py")
pytestmark = pytest.mark.slow


def test_a_run_is_projected_measured_and_shown_by_the_page(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    choice = cloud_choice(run, "random", "pca")
    cloud = until(lambda: cloud_projection(choice).value, interval=0.05)
    assert len(cloud.positions) == len(cloud.label) == 718
    newest = until(lambda: newest_projection(choice, run).value, interval=0.05)
    assert newest.iteration == 4
    assert newest.sets["real-2"].positions.shape == (20, 2)
    assert {record["name"] for record in newest.metrics_by_set["real-2"]} == {
        metric.name for metric in METRICS
    }
    # history: every stored moment, one after the other, and none of the real images has moved
    assert missing_projections(choice, run) == 4
    until(lambda: not missing_projections(choice, run), interval=0.1)
    assert [projection.iteration for projection in known_projections(choice, run)] == [0, 1, 2, 3, 4]
    again = cloud_projection(choice).value
    assert again is not None
    assert np.array_equal(again.positions, cloud.positions)
    # the addresses
    client = live_client()
    query = "features=random&map=pca"
    film = client.get(f"/live/runs/{run.id}/placements?{query}&after=1")
    assert film.headers["content-type"] == "application/octet-stream"
    assert film.content.count(b'"iteration":') == 3
    cloud_address = f"/live/runs/{run.id}/cloud?{query}"
    until(lambda: len(client.get(cloud_address).content) > 718 * 64, interval=0.1)
    curve = client.get(f"/live/runs/{run.id}/curve?{query}&number=spread").json()
    assert "Spread" in curve["alt"]
    # the page itself
    page = opened(run=run.id, map="PCA")
    html = "".join(html_of(page))
    text = " ".join(element.value for element in page.markdown)
    assert "Covered worst" in text
    assert "Coverage" in html or "Coverage" in str(page)


def test_a_running_run_is_projected_from_its_newest_images_and_measured_less_often(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(process_manager, TINY.model_copy(update={"iterations": 100_000}), speed="step")
    job = until(lambda: process_manager.current)
    until(lambda: job.snapshot is not None and job.snapshot.pixels)
    assert job.run_id is not None
    run = open_run(job.run_id, process_manager.runs_root)
    assert job.snapshot.pixels["real-2"].dtype == np.float16
    choice = cloud_choice(run, "pixels", "pca")
    until(lambda: cloud_projection(choice).value, interval=0.05)
    first = until(lambda: newest_projection(choice, run).value, interval=0.05)
    process_manager.throttle.step()
    until(lambda: job.snapshot.iteration != first.iteration)
    later = until(
        lambda: newest if (newest := newest_projection(choice, run).value) is not first else None,
        interval=0.05,
    )
    assert later.iteration > first.iteration
    assert later.metrics is first.metrics  # too early to measure again
    assert len(known_projections(choice, run)) >= 2
    monkeypatch.setattr("app.views.feature_space.run_questions.MAX_METRICS_SECONDS", 0.0)
    measured = until(
        lambda: newest if (newest := newest_projection(choice, run).value) is not later else None,
        interval=0.05,
    )
    assert measured.metrics.iteration == measured.iteration == later.iteration  # also where it stands still
    process_manager.stop()


def test_a_live_projection_that_fails_is_tried_again_and_leaves_the_earlier_ones(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.feature_space.run_questions.MAX_PROJECTION_SECONDS", 0.0)
    monkeypatch.setattr("app.answers.question.RETRY_SECONDS", 0.5)
    start(process_manager, TINY.model_copy(update={"iterations": 100_000}), speed="step")
    job = until(lambda: process_manager.current)
    until(lambda: job.snapshot is not None and job.snapshot.pixels)
    run = open_run(job.run_id, process_manager.runs_root)
    choice, projections = cloud_choice(run, "pixels", "pca"), get_projections()
    first = until(lambda: newest_projection(choice, run).value, interval=0.05)

    def next_iteration() -> None:
        before = job.snapshot.iteration
        process_manager.throttle.step()
        until(lambda: job.snapshot.iteration != before)

    def refused(message: Message) -> None:
        raise ValueError("the map could not be computed")

    with monkeypatch.context() as broken:
        broken.setattr(projections, "exchange", refused)
        next_iteration()
        failure = until(lambda: newest_projection(choice, run).failure, interval=0.05)
        assert newest_projection(choice, run).failure is failure  # not at once again
        assert known_projections(choice, run)[-1] is first
    later = until(lambda: newest_projection(choice, run).value, interval=0.05)
    assert known_projections(choice, run) == [first, later]
    process_manager.stop()


def three_classes(folder: Path) -> Path:
    """A folder of forty small images for each of three classes, in which sixty epochs take no time."""
    random = np.random.default_rng(0)
    for name in ("dark", "grey", "light"):
        (folder / name).mkdir(parents=True)
        level = {"dark": 60, "grey": 120, "light": 180}[name]
        for number in range(40):
            pixels = (level + random.integers(-40, 40, (8, 8))).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_a_network_that_is_missing_is_offered_trained_and_then_used(
    process_manager: JobManager, tmp_path: Path
) -> None:
    pictures = three_classes(tmp_path / "pictures")
    config = TINY.model_copy(update={"dataset": str(pictures)})
    run = record_run(process_manager.runs_root, config, "Three classes")
    page = opened(run=run.id, features="trained network", map="PCA")
    until(lambda: cloud_projection(cloud_choice(run, "trained", "pca")).failure, interval=0.05)
    page.run()
    page.button(key="feature_network_action").click().run()
    assert not page.exception
    job = process_manager.current or process_manager.queued[0]
    assert (job.work.kind, job.work.subject) == ("train", str(pictures))
    process_manager.throttle.pause()
    until_instance(lambda: job.state if job.state in ("paused", "finished") else None, str)
    process_manager.throttle.unpause()
    until_instance(lambda: job.state if job.state == "finished" else None, str)
    page.run()
    cloud = until(lambda: cloud_projection(cloud_choice(run, "trained", "pca")).value, interval=0.05)
    assert "trained on all 96 real images for 60 epochs" in cloud.sentence
    # a second time there is nothing to do
    again = process_manager.submit(WholeSetTrainingWork(dataset=str(pictures)))
    until_instance(lambda: again.state if again.state == "finished" else None, str)


def test_what_cannot_be_shown_is_a_sentence_and_the_page_stands(process_manager: JobManager) -> None:
    root = process_manager.runs_root
    page = opened()
    assert "no run with images yet" in text_of(page)
    run = made(root)
    data = run.description.data
    gone = create_run_folder(
        root,
        title="Its images are gone",
        origin="condense",
        config=TINY.model_copy(update={"dataset": "/nowhere/pictures"}),
        plan=None,
        data=data.model_copy(update={"name": "/nowhere/pictures"}),
        sets=run.sets,
        notes=(),
    )
    for iteration in (0, 4):
        write_snapshot(gone.snapshot_folder("real-2"), run.snapshot("real-2", iteration), gone.id)
    failed = until(lambda: cloud_projection(cloud_choice(gone, "random", "pca")).failure, interval=0.05)
    assert "/nowhere/pictures" in failed.sentence
    page = opened(run=gone.id, map="PCA")
    assert "/nowhere/pictures" in page.error[0].value
    page = opened(run="20200101-000000-nothing-aaaa")
    assert "Choose another run" in page.warning[0].value
    # a damaged snapshot
    (run.snapshot_folder("real-2") / "0000002.safetensors").write_bytes(b"truncated")
    choice = cloud_choice(run, "pixels", "pca")
    damaged = until(lambda: stored_projection(choice, run, 2).failure, interval=0.05)
    assert "damaged" in damaged.sentence


def test_a_projection_worker_that_dies_is_started_again(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    projections = get_projections()
    until(lambda: cloud_projection(cloud_choice(run, "pixels", "pca")).value, interval=0.05)
    child = projections._child
    assert child is not None
    child.kill()
    child.wait(10)
    until(lambda: cloud_projection(cloud_choice(run, "random", "pca")).value, interval=0.05)
    assert projections._child is not child


def test_a_worker_that_dies_over_a_question_is_a_sentence_and_tried_again(
    process_manager: JobManager, caplog: pytest.LogCaptureFixture
) -> None:
    choice = cloud_choice(made(process_manager.runs_root), "pixels", "pca")
    projections = get_projections()
    cloud_projection(choice)
    until(lambda: projections._child)
    projections._child.kill()
    failure = until(lambda: cloud_projection(choice).failure)
    assert failure.sentence == (
        "The projection worker stopped (it ended without an answer): reload the page to try again."
    )
    assert "the projection worker stopped" in caplog.text
    assert cloud_projection(choice).failure is failure  # not at once again
    retry_failed(choice)
    until(lambda: cloud_projection(choice).value, interval=0.05)


def test_a_service_that_is_shut_answers_nothing_and_leaves_no_process(process_manager: JobManager) -> None:
    choice = cloud_choice(made(process_manager.runs_root), "pixels", "pca")
    projections = get_projections()
    until(lambda: cloud_projection(choice).value, interval=0.05)
    projections.shutdown()
    assert projections._child is not None
    assert projections._child.poll() is not None
    other = Cloud(cloud_choice(made(process_manager.runs_root), "random", "pca"))
    assert not projections.ask(other, patience=None).known


def test_values_are_formatted_with_their_interval_and_a_true_minus() -> None:
    coverage, mmd = (
        next(metric for metric in METRICS if metric.name == name) for name in ("coverage", "mmd")
    )
    record = {
        "name": "coverage",
        "value": 0.214,
        "low": 0.19,
        "high": 0.24,
        "by_class": [0.1, 0.3],
        "n": 5,
        "note": "",
    }
    assert format_metric(coverage, record) == ("21\u00a0%", "19 to 24")
    assert format_metric(mmd, {**record, "value": -0.019, "low": None}) == ("−0.019", "")
    assert format_metric(mmd, None) == ("–", "")
    assert short_number(12.34) == "12.3"
    table = metrics_table({"<b>": [record]})
    assert "&lt;b&gt;" in table
    assert "real images with a learned one near" in table
    assert "by chance also slightly below" in table
    assert "scroll the table sideways" not in table
    assert "7 columns: scroll the table sideways" in metrics_table({str(each): [record] for each in range(7)})


def test_from_the_menu_it_opens_on_the_run_that_this_browser_saw_last(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, newer = made(process_manager.runs_root), made(process_manager.runs_root)
    monkeypatch.setattr("app.views.feature_space.choices.person_hash", lambda: "a browser")
    assert opened().selectbox(key="feature_run").value == newer.id
    LOOKED_AT.look("a browser", seen.id, at_work=False)
    assert opened().selectbox(key="feature_run").value == seen.id


def test_the_class_that_is_covered_worst_is_named(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    shares = [0.5] * 10
    shares[3], shares[7] = 0.1, 0.9
    record = {
        "name": "coverage",
        "value": 0.5,
        "low": None,
        "high": None,
        "by_class": shares,
        "n": 1,
        "note": "",
    }
    projection = RunProjection(0, {}, RunMetrics(0, {"real-2": (record,)}, 0.0, 0.0), 0.0, 0.0)
    assert worst_covered(run, projection) == (
        "Covered worst: 3 (10% of its real images have a learned one near); best: 7 (90%)."
    )


def test_an_address_that_says_nonsense_shows_what_is_usual(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    scene = Scene.of_query(run, {"features": "x", "map": "y", "beside": "z", "at": "-1"})
    assert scene == Scene(cloud_choice(run, "random", "tsne"))
