"""The cache of opened data sets: read once, shared by the background thread and the pages, a few kept."""

from pathlib import Path

import pytest

from app.data.dataset_cache import CACHED_DATASETS, DATASETS, DatasetCache, open_dataset
from app.data.folders import data_root
from app.jobs.work import WorkerContext
from dmcore.data import load


def test_the_background_thread_and_the_pages_have_the_same_images(tmp_path: Path) -> None:
    assert WorkerContext(tmp_path).open("digits") is open_dataset("digits", data_root())
    assert DATASETS.known("digits", data_root()) is open_dataset("digits", data_root())


def test_the_data_set_that_was_opened_longest_ago_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Images:
        train_digest = "digest"

    monkeypatch.setattr(load, "load_dataset", lambda name, root, download, progress: Images())
    cache = DatasetCache()
    names = [str(number) for number in range(CACHED_DATASETS + 1)]
    opened = {name: cache.open(name, tmp_path) for name in names[:-1]}
    assert cache.open(names[0], tmp_path) is opened[names[0]]
    cache.open(names[-1], tmp_path)
    known = [name for name in names if cache.known(name, tmp_path) is not None]
    assert known == [names[0], *names[2:]]
