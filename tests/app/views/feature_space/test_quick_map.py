"""The quick map: PCA of a few real images, there at once, on the Watch page until the t-SNE is there."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.jobs import start
from support.live_routes import live_client
from support.pages import components_of, switch_page, text_of
from support.small_runs import TINY, made
from support.waiting import until

from app.answers.question import Look, Progress
from app.jobs.manager import JobManager
from app.views.feature_space.quick_map import MOST_REAL, QuickMap, quick_map
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run


def known(run: RunFolder, at: int | None = None) -> QuickMap:
    return until(lambda: quick_map(run, at).value, interval=0.05)


def test_a_stored_iteration_lies_among_a_few_real_images(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    last, first = known(run), known(run, 0)
    assert len(last.cloud.positions) == len(last.cloud.label) == MOST_REAL
    assert np.bincount(last.cloud.label).min() > 40  # of each class its share
    assert (first.projection.iteration, last.projection.iteration) == (0, 4)
    assert first.cloud.key == last.cloud.key
    assert first.projection.sets["real-2"].positions.shape == (20, 2)
    moved = first.projection.sets["real-2"].positions - last.projection.sets["real-2"].positions
    assert np.abs(moved).max() > 0


def test_of_a_run_in_progress_the_newest_images_lie_there(process_manager: JobManager) -> None:
    start(process_manager, TINY.model_copy(update={"iterations": 100_000}), speed="step")
    job = until(lambda: process_manager.current)
    until(lambda: job.snapshot is not None and job.snapshot.pixels)
    run = open_run(job.run_id, process_manager.runs_root)
    first = known(run)
    process_manager.throttle.step()
    until(lambda: job.snapshot.iteration != first.projection.iteration)
    later = until(lambda: second if (second := known(run)) is not first else None, interval=0.05)
    assert later.projection.iteration > first.projection.iteration
    address = f"/live/runs/{run.id}/quick?on="
    newest, _ = unpack_frame(live_client().get(f"{address}{first.cloud.key}").content)
    assert newest["iteration"] == later.projection.iteration
    assert live_client().get(f"{address}another").content == b""


def test_it_stands_on_the_watch_page_while_the_t_sne_is_computed(
    process_manager: JobManager, visit: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    computing: Look[object] = Look(progress=Progress("fitting t-SNE to the real images", 0.4, waited=75.0))
    for name in ("cloud_projection", "scene_projection"):
        monkeypatch.setattr(f"app.views.watch.compact_map.{name}", lambda *_: computing)
    run = made(process_manager.runs_root)
    known(run)
    page = switch_page(visit, "watch.py", run=run.id, beside="features")
    text = text_of(page).replace("\\", "")
    assert (
        "A quick map (PCA) for now. The t-SNE map comes by itself: fitting t-SNE to the real images, 40%, "
        "75 s so far …" in text
    )
    (drawn,) = components_of(page, "dm_feature_map")
    head, _ = unpack_frame(drawn.bytes)
    assert head["iteration"] == 4
    assert (head["source"], head["film"], head["thumbs"]) == ("", "", "")  # those are of the t-SNE
