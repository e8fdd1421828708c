"""One bad run hides nothing: every page shows the sound run, and a sentence on the damaged one."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from support.hostile.damage import damage
from support.pages import open_page, text_of

from app.jobs.manager import JobManager, get_manager
from dmcore.runs.folder import RunFolder

PAGES = {
    "run.json": ("100,000 brackets", "a folder", "a flipped digit"),
    "sets/real-2/set.json": ("half",),
    "results/1.json": ("a folder",),
    "result.json": ("100,000 objects",),
    "events.jsonl": ("NaN",),
    "guess.json": ("10,000 digits",),
}


@pytest.fixture
def manager(sound: RunFolder) -> Iterator[JobManager]:
    """The process's manager on the root of the two runs."""
    get_manager.release()
    yield get_manager()
    get_manager.release()


def read_page(page_file: str, **query: str) -> str:
    """Text of a page, unescaped; fails when the page raises."""
    return text_of(open_page(page_file, **query)).replace("\\", "")


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, ways in PAGES.items() for how in ways])
def test_every_page_shows_the_sound_run_and_a_sentence_on_the_damaged_one(
    sound: RunFolder, spoilt: RunFolder, manager: JobManager, name: str, how: str
) -> None:
    damage(spoilt, name, how)
    sentence = f"{name} is damaged ("
    runs = read_page("runs.py")
    assert sentence in runs
    assert sound.id in runs
    for text in (
        read_page("watch.py", run=spoilt.id),
        read_page("feature_space.py", run=spoilt.id),
        read_page("compare.py", a=sound.id, b=spoilt.id),
    ):
        assert sentence in text or (name == "run.json" and "is damaged (" in text)
    for text in (read_page("watch.py", run=sound.id), read_page("feature_space.py", run=sound.id)):
        assert "is damaged" not in text
        assert "iteration 3" in text


def without_sets(run: RunFolder) -> None:
    shutil.rmtree(run.path / "sets")


def with_a_file_for_snapshots(run: RunFolder) -> None:
    shutil.rmtree(run.path / "sets" / "real-2" / "snapshots")
    (run.path / "sets" / "real-2" / "snapshots").write_text("")


def with_half_of_the_newest_images(run: RunFolder) -> None:
    newest = run.path / "sets" / "real-2" / "snapshots" / "0000003.safetensors"
    os.truncate(newest, newest.stat().st_size // 2)


def with_files_for_folders(run: RunFolder) -> None:
    for name in ("results", "checkpoints"):
        shutil.rmtree(run.path / name)
        (run.path / name).write_text("")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (without_sets, "sets/real-2/set.json is damaged (it is missing)"),
        (
            with_a_file_for_snapshots,
            "sets/real-2/snapshots is damaged (it cannot be listed, not a directory)",
        ),
        (with_half_of_the_newest_images, "sets/real-2/snapshots/0000003.safetensors is damaged ("),
        (with_files_for_folders, "results is damaged (it cannot be listed, not a directory)"),
    ],
)
def test_every_page_stands_when_folders_or_images_of_a_run_are_damaged(
    sound: RunFolder,
    spoilt: RunFolder,
    manager: JobManager,
    spoil: Callable[[RunFolder], None],
    sentence: str,
) -> None:
    spoil(spoilt)
    for text in (
        read_page("runs.py"),
        read_page("watch.py", run=spoilt.id),
        read_page("compare.py", a=sound.id, b=spoilt.id),
    ):
        assert sentence in text
    assert "is damaged" not in read_page("feature_space.py", run=sound.id)
    for page_file in ("feature_space.py", "accuracy.py", "architectures.py"):
        read_page(page_file, run=spoilt.id)
