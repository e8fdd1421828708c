"""Disk cache of projections on a second visit of the feature map, reference sets and the joint t-SNE."""

import os
from collections.abc import Generator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from support.pages import open_page, run_page
from support.small_runs import made
from support.waiting import until

from app.answers.process import ProcessAnswers
from app.answers.question import Progress
from app.jobs.manager import JobManager
from app.views.feature_space.map_questions import VERSIONS, Cloud, Fresh, Joint, get_projections
from app.views.feature_space.projection_values import FRESH_PANEL, StoredSet, cloud_choice
from app.views.feature_space.projections import (
    cloud_projection,
    missing_projections,
    newest_projection,
    stored_projection,
)
from app.views.feature_space.reference_sets import (
    FRESH,
    OTHER,
    STARTS,
    comparable_runs,
    reference_metrics,
    stored_reference_sets,
)
from app.views.feature_space.run_questions import Stored, known_projections
from app.views.feature_space.scene import Scene, scene_joint_projection
from dmcore.files.message_cache import (
    cache_path,
    read_cached_message,
    write_cached_message,
)
from dmcore.files.messages import Message
from dmcore.runs.runs_root import delete_run, list_runs
from dmcore.runs.snapshots import write_snapshot

pytestmark = pytest.mark.slow

opened = partial(open_page, "feature_space.py")


def test_a_fresh_server_has_cloud_placements_and_numbers_at_once_and_without_a_process(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(process_manager.runs_root)
    choice = cloud_choice(run, "random", "pca")
    cloud = until(lambda: cloud_projection(choice).value, interval=0.05)
    until(lambda: newest_projection(choice, run).value, interval=0.05)
    until(lambda: not missing_projections(choice, run), interval=0.05)
    before = known_projections(choice, run)
    get_projections.release()  # what a server knows dies with it

    def refused(self: object) -> None:
        raise AssertionError("the projection worker was asked")

    monkeypatch.setattr("app.answers.process.ProcessAnswers._running_child", refused)
    again = cloud_projection(choice).value
    assert again is not None
    np.testing.assert_array_equal(again.positions, cloud.positions)
    missing_projections(choice, run)
    after = known_projections(choice, run)
    assert (
        [projection.iteration for projection in after]
        == [projection.iteration for projection in before]
        == [0, 1, 2, 3, 4]
    )
    for new, old in zip(after, before, strict=True):
        np.testing.assert_array_equal(new.sets["real-2"].positions, old.sets["real-2"].positions)
        assert new.metrics_by_set == old.metrics_by_set


def test_what_earlier_versions_cached_is_found(process_manager: JobManager) -> None:
    run, cache = made(process_manager.runs_root), process_manager.runs_root.parent / "cache"
    choice = cloud_choice(run, "random", "pca")
    on_map, stamps = f"{choice.key} abc", run.snapshot_stamps(4)
    stored = StoredSet(run, "real-2", 4)
    panel = (str(run.path), f"{run.id}/real-2/4")
    placements = partial(cache_path, cache / "placements", *VERSIONS)
    assert Cloud(choice).cache_file() == cache_path(cache / "clouds", *VERSIONS, choice.key)
    assert Stored(choice, "abc", run, 4).cache_file() == placements("stored", on_map, run.path, 4, *stamps)
    assert Fresh(choice, "abc", 2).cache_file() == placements("fresh", on_map, 2)
    assert Joint(choice, "abc", (stored,), 2).cache_file() == placements("joint", on_map, panel, 2, stamps)
    assert Stored(choice, "abc", run, 3000).cache_file() is None  # nothing is stored of it


def test_a_moment_that_was_written_anew_and_another_map_are_not_believed(process_manager: JobManager) -> None:
    run = made(process_manager.runs_root)
    choice = cloud_choice(run, "random", "pca")
    cloud = until(lambda: cloud_projection(choice).value, interval=0.05)
    until(lambda: newest_projection(choice, run).value, interval=0.05)
    file = run.snapshot_folder("real-2") / "0000004.safetensors"
    stale = cache_path(process_manager.runs_root.parent / "cache" / "clouds", *VERSIONS, choice.key)
    cached = read_cached_message(stale)
    assert cached is not None
    get_projections.release()
    images_of_start = replace(run.snapshot("real-2", 0), iteration=4)
    write_snapshot(run.snapshot_folder("real-2"), images_of_start, run.id)
    os.utime(file, ns=(1, 1))
    write_cached_message(stale, Message({**cached.header, "map_key": "of another time"}, cached.arrays))
    stale_cloud = cloud_projection(choice).value
    assert stale_cloud is not None
    assert stale_cloud.map_key == "of another time"
    until(lambda: newest_projection(choice, run).value, interval=0.05)
    assert until(lambda: cloud_projection(choice).value, interval=0.05).map_key == cloud.map_key
    newest = until(lambda: newest_projection(choice, run).value, interval=0.05)
    start = until(lambda: stored_projection(choice, run, 0).value, interval=0.05)
    assert newest.metrics_by_set == start.metrics_by_set


def test_a_moment_that_is_written_anew_while_it_is_projected_is_not_cached_as_the_new_one(
    process_manager: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made(process_manager.runs_root)
    choice = cloud_choice(run, "pixels", "pca")
    cloud = until(lambda: cloud_projection(choice).value, interval=0.05)
    exchange = ProcessAnswers.exchange

    def rewritten(self: ProcessAnswers, message: Message) -> Generator[Progress, None, Message]:
        os.utime(run.snapshot_folder("real-2") / "0000004.safetensors", ns=(1, 1))
        return (yield from exchange(self, message))

    monkeypatch.setattr(ProcessAnswers, "exchange", rewritten)
    until(lambda: stored_projection(choice, run, 4).value, interval=0.05)
    assert Stored(choice, cloud.map_key, run, 4).load() is None


def test_another_run_stands_beside_and_is_measured_on_the_same_map(process_manager: JobManager) -> None:
    root = process_manager.runs_root
    run, other = made(root), made(root, "Another seed", seed=5)
    assert [run.id for run in comparable_runs(run, list(list_runs(root)))] == [other.id]
    scene = Scene.of(run, "pixels", "pca", OTHER, 2, other.id)
    until(lambda: cloud_projection(scene.choice).value, interval=0.05)
    (beside,) = scene.reference_sets(run)
    assert (beside.run.id, beside.iteration) == (other.id, 2)
    until(lambda: stored_projection(scene.choice, beside.run, beside.iteration).value, interval=0.05)
    (records,) = reference_metrics(scene.choice, [beside]).values()
    assert {record["name"] for record in records} >= {"coverage", "outliers"}
    page = opened(run=run.id, features="pixels", map="PCA", map_beside=OTHER, map_other=other.id)
    until(lambda: cloud_projection(scene.choice).value, interval=0.05)
    run_page(page)
    assert page.selectbox(key="map_other").value == other.id
    delete_run(other)
    assert stored_reference_sets(run, OTHER, other.id, None) == []
    run_page(page)
    assert any("No other run" in caption.value for caption in page.caption)


@pytest.mark.parametrize("beside", [FRESH, STARTS])
def test_a_joint_map_holds_all_that_is_shown_and_is_of_one_moment(
    process_manager: JobManager, beside: str
) -> None:
    run = made(process_manager.runs_root)
    scene = Scene.of(run, "pixels", "joint", beside, 4)
    cloud = until(lambda: cloud_projection(scene.choice).value, interval=0.05)
    projection = until(lambda: newest_projection(scene.choice, run).value, interval=0.05)
    joint = until(lambda: scene_joint_projection(scene, run, projection).value, interval=0.05)
    assert joint.positions.shape == cloud.positions.shape
    assert not np.array_equal(joint.positions, cloud.positions)
    (own,) = [projected for name, projected in joint.sets.items() if name.endswith("real-2/4")]
    assert own.positions.shape == (20, 2)
    others = set(joint.sets) - {f"{run.id}/real-2/4"}
    assert others == ({FRESH_PANEL} if beside == FRESH else {f"{run.id}/real-2/0"})
    get_projections.release()
    assert not get_projections().look(Cloud(scene.choice)).known
    again = scene_joint_projection(scene, run, projection).value  # at once, from the disk
    assert again is not None
    np.testing.assert_array_equal(again.positions, joint.positions)
    page = opened(run=run.id, features="pixels", map="joint t-SNE", map_beside=beside)
    assert any("paper's figure 3" in caption.value for caption in page.caption)
