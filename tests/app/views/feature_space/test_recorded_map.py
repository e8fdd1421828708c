"""The map that came with the program: on a fresh installation it is there without the projection worker."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from support.gallery.made_up import write_provenance
from support.pages import components_of, open_page, text_of
from support.small_runs import made
from support.waiting import until

from app.jobs.manager import JobManager
from app.views.feature_space import recorded_maps
from app.views.feature_space.map_questions import Cloud, get_projections
from app.views.feature_space.projection_values import cloud_choice
from app.views.feature_space.projections import (
    cloud_projection,
    fresh_images,
    missing_projections,
    newest_projection,
    stored_projection,
)
from app.views.feature_space.run_questions import known_projections
from dmcore.data.images import DataSet
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.files.messages import Message
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.map_file import map_file, read_map, write_map


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks the projection worker fails."""

    def refused(self: object) -> None:
        raise AssertionError("the projection worker was asked")

    monkeypatch.setattr("app.answers.process.ProcessAnswers._running_child", refused)


@pytest.mark.usefixtures("process_manager", "no_worker")
def test_a_fresh_installation_shows_the_finished_map_without_a_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DM_GALLERY")
    run = find_recorded("fashion-from-noise").run
    assert run is not None
    page = open_page("feature_space.py")
    assert page.selectbox(key="feature_run").value == run.id
    assert len(components_of(page, "dm_feature_map")) == 1
    text = text_of(page)
    assert "Recorded" in text
    assert "fitting" not in text
    choice = cloud_choice(run, "random", "tsne")
    newest, cloud = newest_projection(choice, run).value, cloud_projection(choice).value
    assert newest is not None
    assert cloud is not None
    assert newest.iteration == run.snapshots()[-1]
    assert len(newest.sets[run.set_names[0]].label) == len(run.class_names)
    assert len(cloud.positions) == 2000
    assert fresh_images(choice, 1).value is not None
    assert missing_projections(choice, run) == 0
    assert [known.iteration for known in known_projections(choice, run)] == run.snapshots()
    assert get_projections().idle


def _record(run: RunFolder, gallery: Path) -> RunFolder:
    """Move a run into a gallery, as its only entry."""
    target = gallery / "runs" / run.id
    target.parent.mkdir(parents=True)
    run.path.rename(target)
    write_provenance(gallery, "small", "run", "Small", run.id)
    return RunFolder(target)


def test_the_map_of_this_machine_counts_where_it_is_another_than_the_recorded_one(
    process_manager: JobManager, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made(process_manager.runs_root, "Own", seed=5)
    run = _record(made(process_manager.runs_root), tmp_path / "gallery")
    write_map(run, digits, tmp_path / "maps", "pixels", "pca")
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "gallery"))
    answers = {
        name: Message({**answer.header, "map_key": "elsewhere"}, answer.arrays)
        for name, answer in read_map(run, "pixels", "pca").items()
    }
    monkeypatch.setattr(recorded_maps, "read_map", lambda *_: MappingProxyType(answers))
    choice = cloud_choice(run, "pixels", "pca")
    assert newest_projection(choice, run).value is not None
    recorded = cloud_projection(choice).value
    assert recorded is not None
    assert recorded.map_key == "elsewhere"
    assert until(lambda: newest_projection(choice, own).value, interval=0.05).iteration == 4
    cloud = cloud_projection(choice).value
    assert cloud is not None
    assert cloud.map_key != "elsewhere"
    file = Cloud(choice).cache_file()
    assert file is not None
    assert file.is_file()
    again = until(lambda: stored_projection(choice, run, 4).value, interval=0.05)
    np.testing.assert_allclose(
        again.sets["real-2"].positions, answers["iteration 4"].arrays["real-2/place"], atol=1e-3
    )


def test_a_damaged_map_is_computed(
    process_manager: JobManager,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = _record(made(process_manager.runs_root), tmp_path / "gallery")
    monkeypatch.setenv("DM_GALLERY", str(tmp_path / "gallery"))
    file = map_file(run, "pixels", "pca")
    file.parent.mkdir()
    file.write_bytes(b"PK and no more")
    choice = cloud_choice(run, "pixels", "pca")
    assert until(lambda: newest_projection(choice, run).value, interval=0.05).iteration == 4
    assert "is damaged: write the map of run" in caplog.text
