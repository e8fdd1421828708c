"""`dmcore prepare` on a folder of one's own images: how they are read, and every file that is left out."""

import json
from pathlib import Path

import pytest
from support.image_folders import fill

from dmcore.cli import main
from dmcore.cli.prepare import MOST_LISTED


def test_every_file_that_is_left_out_is_listed_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, ["cat", "dog"])
    (tmp_path / "cow").mkdir()
    (tmp_path / "cat" / "torn.png").write_bytes(b"no image")
    for number in range(MOST_LISTED):
        (tmp_path / "dog" / f"{number:02d}.txt").write_text("a box")
    assert main(["prepare", str(tmp_path), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["datasets"]
    assert entry["classes"] == [{"name": name, "train": 4, "test": 1} for name in ("cat", "dog")]
    assert entry["shape"] == [1, 16, 16]
    assert {tuple(each.values()) for each in entry["left_out"]} == {
        ("cow/", "it holds no images"),
        ("cat/torn.png", "no image could be read in it"),
        *((f"dog/{number:02d}.txt", "its name is not an image's") for number in range(MOST_LISTED)),
    }
    assert len(entry["left_out"]) == MOST_LISTED + 2
    assert main(["prepare", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "8 training images and 2 test images of 2 classes, 16×16 pixels in grey" in printed
    assert "left out: dog/00.txt: its name is not an image's" in printed
    assert "note: 1 folder beside the classes holds no images and is no class: cow." in printed
    assert "and 2 more files: see --json" in printed


def test_a_folder_that_cannot_be_learned_from_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, ["cat"])
    assert main(["prepare", str(tmp_path), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["datasets"]
    assert entry["on_disk"]
    assert "one class only ('cat')" in entry["trouble"]
