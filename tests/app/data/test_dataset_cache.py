"""The cache of opened data sets: read once, shared by the background thread and the pages, a few kept."""

import threading
from pathlib import Path

import pytest
from support.image_folders import fill
from support.waiting import until

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

    monkeypatch.setattr(load, "load_dataset", lambda *arguments: Images())
    cache = DatasetCache()
    names = [str(number) for number in range(CACHED_DATASETS + 1)]
    opened = {name: cache.open(name, tmp_path) for name in names[:-1]}
    assert cache.open(names[0], tmp_path) is opened[names[0]]
    cache.open(names[-1], tmp_path)
    known = [name for name in names if cache.known(name, tmp_path) is not None]
    assert known == [names[0], *names[2:]]


def test_a_data_set_that_is_being_read_is_waited_for_and_the_waiting_can_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Images:
        train_digest = "digest"

    class StopError(Exception):
        """The job that waits was stopped."""

    def load_slowly(name: str, *arguments: object) -> Images:
        reads.append(name)
        assert go.wait(30)
        return Images()

    def stop(what: str, done: int, total: int) -> None:
        raise StopError

    reads: list[str] = []
    opened: list[object] = []
    go = threading.Event()
    monkeypatch.setattr(load, "load_dataset", load_slowly)
    cache = DatasetCache()
    threads = [
        threading.Thread(target=lambda: opened.append(cache.open("mine", tmp_path)), daemon=True)
        for _ in range(2)
    ]
    threads[0].start()
    until(lambda: reads)
    threads[1].start()
    with pytest.raises(StopError):
        cache.open("mine", tmp_path, progress=stop)
    go.set()
    for thread in threads:
        thread.join(30)
    assert reads == ["mine"]
    assert opened[0] is opened[1]


def test_a_run_gets_its_own_order_of_classes_and_pages_the_usual_one(tmp_path: Path) -> None:
    fill(tmp_path / "numbers", ["1", "2", "10"])
    cache, name = DatasetCache(), str(tmp_path / "numbers")
    usual = cache.open(name, tmp_path)
    assert usual.class_names == ("1", "2", "10")
    stored = cache.open(name, tmp_path, class_names=("1", "10", "2"))
    assert stored.class_names == ("1", "10", "2")
    assert stored.train_digest != usual.train_digest
    assert cache.open(name, tmp_path, class_names=("1", "10", "2")) is stored
    assert cache.open(name, tmp_path) is cache.open(name, tmp_path, class_names=("1", "2", "10")) is usual
