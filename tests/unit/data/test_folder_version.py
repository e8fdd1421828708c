"""Version of a folder of images: it changes with the folders that are read, at a small cost."""

import os
from pathlib import Path

import pytest

from dmcore.data import folder_version as module
from dmcore.data.folder_version import folder_version
from dmcore.data.listing import open_listing


def age(top: Path) -> None:
    """Let the folders have been written long ago: two writes within one tick of the clock look alike."""
    for path, _, _ in os.walk(top):
        os.utime(path, (1, 1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of two classes, one of them a link to a folder elsewhere; it is looked at whenever it is asked for."""
    monkeypatch.setattr(module, "PAUSE_FACTOR", 0)
    for path in (tmp_path / "elsewhere" / "inner", tmp_path / "top" / "light"):
        path.mkdir(parents=True)
    (tmp_path / "top" / "dark").symlink_to(tmp_path / "elsewhere")
    age(tmp_path)
    return tmp_path / "top"


def test_a_named_data_set_has_one_version_and_what_is_no_path_another() -> None:
    assert folder_version("digits") == ()
    for name in ("~nosuchuser/x", "a\0b", "/there/is/nothing"):
        assert folder_version(name) == (0,)


@pytest.mark.parametrize("inside", ["", "light", "dark", "dark/inner"])
def test_a_file_that_is_listed_changes_the_version(folder: Path, inside: str) -> None:
    before = folder_version(str(folder))
    assert folder_version(str(folder)) == before
    (folder / inside / "1.png").touch()
    with open_listing(folder) as files:
        assert len(files) == 1
    assert folder_version(str(folder)) != before


@pytest.mark.parametrize("table", ["labels.csv", "light/METADATA.JSONL", "train.parquet"])
def test_a_table_that_is_written_in_place_changes_it(folder: Path, table: str) -> None:
    (folder / table).write_text("a")
    (folder / "light" / "1.png").touch()
    os.utime(folder / table, (1, 1))
    before = folder_version(str(folder))
    (folder / table).write_text("b")
    after = folder_version(str(folder))
    assert after != before
    os.utime(folder / "light" / "1.png", (5, 5))
    assert folder_version(str(folder)) == after


def test_what_is_not_listed_does_not_change_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "light" / "deep").mkdir()
    (folder / "light" / "deep" / "link").symlink_to(tmp_path / "far")
    age(tmp_path)
    before = folder_version(str(folder))
    (tmp_path / "far" / "1.png").touch()
    (folder / ".hidden" / "1.png").touch()
    with open_listing(folder) as files:
        assert files == []
    assert folder_version(str(folder)) == before


def test_a_link_whose_folder_comes_later_changes_it(folder: Path, tmp_path: Path) -> None:
    (folder / "third").symlink_to(tmp_path / "later")
    before = folder_version(str(folder))
    (tmp_path / "later").mkdir()
    age(tmp_path / "later")
    between = folder_version(str(folder))
    assert between != before
    (tmp_path / "later" / "1.png").touch()
    assert folder_version(str(folder)) != between


def test_files_are_not_looked_at_again_where_no_folder_was_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folder_version(str(folder))
    monkeypatch.setattr(os, "scandir", lambda path: pytest.fail(f"{path} was listed again"))
    assert folder_version(str(folder)) == before


def test_a_slow_look_is_followed_by_a_long_pause(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, looks = [0.0], []

    def write_times(path: Path) -> list[int]:
        clock[0] += 2.0
        looks.append(clock[0])
        return [len(looks)]

    monkeypatch.setattr(module, "PAUSE_FACTOR", 10)
    monkeypatch.setattr(module, "_write_times", write_times)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    folder_version(str(folder))
    for clock[0] in range(3, 30):
        folder_version(str(folder))
    assert looks == [2.0, 24.0]
