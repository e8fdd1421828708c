"""Import of files from elsewhere: read right, or refused in one sentence before memory is taken."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from support.hostile.sets import (
    FACTS,
    HUGE,
    IMAGES,
    LABEL,
    RAW,
    READ,
    REFUSED,
    as_npz,
    as_pt,
    class_folders,
    stating,
    two_thousand_experiments,
)

from dmcore.cli import exchange, main
from dmcore.data import limits
from dmcore.data.images import Statistics
from dmcore.files.atomic import StorageError
from dmcore.runs.formats.pixel_scale import PixelScale
from dmcore.runs.imports import import_run, load_condensed
from dmcore.runs.runs_root import open_run, read_runs

FASHION = Statistics((0.2861,), (0.3530,))


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_in_one_sentence_and_leaves_no_run(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    build, words = REFUSED[name]
    (tmp_path / "from").mkdir()
    path, root = build(tmp_path / "from"), tmp_path / "runs"
    capfd.readouterr()
    code = main(["import", str(path), "--dataset", "fashion_mnist", "--runs-root", str(root)])
    printed = capfd.readouterr()
    (sentence,) = printed.err.splitlines()
    assert (code, printed.out) == (1, "")
    assert sentence.startswith("dmcore: ")
    assert ": " in sentence.removeprefix("dmcore: "), "no remedy"
    assert len(sentence) < 400
    assert re.search(words, sentence), sentence
    assert not root.exists()
    words = "experiment-2000: choose one" if name == "2,000 experiments" else words
    with pytest.raises(ValueError, match=words):
        load_condensed(path, dataset="fashion_mnist")


def test_what_is_huge_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    """In a fresh process that has read an ordinary set: its peak of memory hardly grows."""
    paths = []
    for number, name in enumerate(HUGE):
        (tmp_path / str(number)).mkdir()
        paths.append(str(REFUSED[name][0](tmp_path / str(number))))
    ordinary = str(as_pt(IMAGES)(tmp_path))
    script = f"""
import resource
from pathlib import Path
from dmcore.runs.imports import load_condensed

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

load_condensed(Path({ordinary!r}), dataset="fashion_mnist")
for path in {paths!r}:
    before = peak()
    try:
        load_condensed(Path(path), dataset="fashion_mnist")
    except ValueError:
        print(peak() - before)
"""
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    kilobytes = dict(zip(HUGE, map(int, finished.stdout.split()), strict=True))
    print(kilobytes)
    assert max(kilobytes.values()) < 50_000


@pytest.mark.parametrize("name", READ)
def test_images_are_read_right(name: str, tmp_path: Path) -> None:
    build, images = READ[name]
    run = import_run(build(tmp_path), tmp_path / "runs", "fashion_mnist")
    stored = load_condensed(run)
    assert torch.equal(stored.images, images)
    assert torch.equal(stored.label, LABEL)


def test_the_type_that_images_were_stored_in_is_a_note(tmp_path: Path) -> None:
    run = import_run(as_pt(IMAGES.bfloat16())(tmp_path), tmp_path / "runs", "fashion_mnist")
    assert "The images were stored as bfloat16." in [note.sentence for note in run.notes()]


@pytest.mark.parametrize(("pixels", "white"), [("0-1", 1), ("0-255", 255)])
def test_raw_pixels_are_normalised_when_named_and_a_note_says_so(
    tmp_path: Path, pixels: PixelScale, white: int
) -> None:
    path = as_pt(RAW * white)(tmp_path)
    run = import_run(path, tmp_path / "runs", "fashion_mnist", pixels=pixels)
    normalised = (RAW - FASHION.mean[0]) / FASHION.std[0]
    loaded = load_condensed(path, dataset="fashion_mnist", pixels=pixels)
    for condensed in (load_condensed(run), loaded):
        torch.testing.assert_close(condensed.images, normalised, atol=1e-5, rtol=0)
    assert any("normalised at the import" in note.sentence for note in run.notes())


@pytest.mark.parametrize(("mean", "std"), [(0.98, 0.05), (0.02, 0.1), (0.0, 1.0), (0.5, 0.001)])
def test_normalised_images_of_light_dark_or_even_data_are_read(
    tmp_path: Path, mean: float, std: float
) -> None:
    raw = (RAW - 0.5) * 2 * std * (1 if mean else 0) + mean
    images = (raw - mean) / std
    path = as_npz(images=images.numpy(), facts=np.array(json.dumps(FACTS | {"mean": [mean], "std": [std]})))
    assert torch.equal(load_condensed(path(tmp_path)).images, images)


def test_unusual_pixels_are_taken_as_they_are_when_called_normalised(tmp_path: Path) -> None:
    run = import_run(as_pt(RAW)(tmp_path), tmp_path / "runs", "fashion_mnist", pixels="normalised")
    assert torch.equal(load_condensed(run).images, RAW)


def test_pixels_that_are_not_what_is_said_of_them_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="they are not 0-1"):
        load_condensed(as_pt(RAW * 255)(tmp_path), dataset="fashion_mnist", pixels="0-1")
    with pytest.raises(ValueError, match="8-bit"):
        load_condensed(class_folders(tmp_path), pixels="normalised")


def test_one_of_2000_experiments_is_imported_alone(tmp_path: Path) -> None:
    path = two_thousand_experiments(tmp_path)
    run = import_run(path, tmp_path / "runs", "fashion_mnist", set="experiment-1500")
    assert run.set_names == ("experiment-1500",)
    expected = IMAGES + 1499 / 1000
    assert torch.equal(load_condensed(run).images, expected)
    assert torch.equal(load_condensed(path, "experiment-1500", dataset="fashion_mnist").images, expected)
    with pytest.raises(ValueError, match="no set 'experiment-2001'"):
        import_run(path, tmp_path / "runs", "fashion_mnist", set="experiment-2001")


def test_more_memory_than_is_free_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_pt(IMAGES)(tmp_path)
    monkeypatch.setattr(limits, "MEMORY_FACTOR", 10**12)
    with pytest.raises(ValueError, match="GiB are free"):
        load_condensed(path, dataset="fashion_mnist")


def test_memory_that_ends_while_a_pt_is_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_pt(IMAGES)(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("torch.load", full)
    with pytest.raises(ValueError, match=r"set\.pt takes more memory than is free: give fewer images"):
        load_condensed(path, dataset="fashion_mnist")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--iteration", "-5"], "--iteration -5: choose 0 to 1000000000"),
        (["--iteration", "1" + "0" * 30], "choose 0 to 1000000000"),
        (["--pixels", "0-2"], "--pixels 0-2: did you mean 0-"),
    ],
)
def test_options_that_are_not_allowed_are_wrong_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    path = as_pt(IMAGES)(tmp_path)
    assert main(["import", str(path), "--runs-root", str(tmp_path / "runs"), *options]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_the_command_line_offers_every_pixel_scale() -> None:
    assert get_args(PixelScale) == exchange.PIXELS


FAILURES: dict[str, BaseException] = {
    "a full disk": OSError(errno.ENOSPC, "No space left on device"),
    "a disk error": OSError(errno.EIO, "Input/output error"),
    "no memory": MemoryError(),
    "Ctrl-C": KeyboardInterrupt(),
    "an error of ours": RuntimeError("unexpected"),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("place", ["write_snapshot", "write_checkpoint", "os.rename", "os.fsync"])
def test_an_import_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, place: str
) -> None:
    path, root = as_pt(IMAGES)(tmp_path), tmp_path / "runs"
    expected = type(FAILURES[failure])

    def fail(*_: object, **__: object) -> None:
        assert read_runs(root) == ([], []), "listed before it is complete"
        raise FAILURES[failure]

    monkeypatch.setattr(place if place.startswith("os.") else f"dmcore.runs.complete.{place}", fail)
    with pytest.raises(StorageError if expected is OSError else expected):
        import_run(path, root, "fashion_mnist")
    assert not list(root.iterdir())


def test_an_import_that_is_killed_is_not_listed(tmp_path: Path) -> None:
    path, root = as_pt(IMAGES)(tmp_path), tmp_path / "runs"
    script = f"""
import os
from pathlib import Path
from dmcore.runs import complete, imports
complete.write_checkpoint = lambda *_: os.kill(os.getpid(), 9)
imports.import_run(Path({str(path)!r}), Path({str(root)!r}), "fashion_mnist")
"""
    finished = subprocess.run([sys.executable, "-c", script], timeout=120, check=False)
    assert finished.returncode == -9
    assert read_runs(root) == ([], [])
    run = import_run(path, root, "fashion_mnist")
    assert open_run(run.id, root).set_names == ("imported",)


@pytest.mark.parametrize("kind", ["npz", "pt", "folder"])
def test_a_damaged_file_is_read_as_it_was_or_refused_in_one_sentence(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = {"npz": stating(), "pt": as_pt(IMAGES), "folder": class_folders}[kind]
    path = build(tmp_path)
    file = path / "cat" / "0.png" if path.is_dir() else path
    intact, options = file.read_bytes(), [] if path.is_dir() else ["--dataset", "fashion_mnist"]
    random = np.random.default_rng(0)
    for number in range(40):
        content, place = bytearray(intact), int(random.integers(len(intact)))
        if number % 4 == 0:
            content[place] ^= 1 << (number % 8)
        elif number % 4 == 1:
            del content[place:]
        elif number % 4 == 2:
            content[place : place + 4] = b"\xff" * 4
        else:
            content[place:place] = random.bytes(5)
        file.write_bytes(content)
        root = tmp_path / f"runs{number}"
        code = main(["import", str(path), "--runs-root", str(root), *options])
        errors = capsys.readouterr().err.splitlines()
        if code == 0 and not path.is_dir():  # a picture has no checksum over all of it
            (run,) = root.iterdir()
            assert torch.equal(load_condensed(run).images, IMAGES)
        elif code != 0:
            assert (code, len(errors), root.exists()) == (1, 1, False)


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are text there")
def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = as_pt(IMAGES)(tmp_path).rename(tmp_path / os.fsdecode(b"\xff.pt"))
    with pytest.raises(ValueError, match="no text: rename it"):
        import_run(path, tmp_path / "runs", "fashion_mnist")
    run = import_run(stating()(tmp_path), tmp_path / "runs", title=os.fsdecode(b"a\xff"))
    assert run.description.title == "a\N{REPLACEMENT CHARACTER}"


SYSTEM_FILES = (
    *("__MACOSX/cat/._0.png", "__MACOSX/cat/0.png", ".DS_Store", "cat/.DS_Store", "cat/._0.png"),
    *("cat/Thumbs.db", "dog/desktop.ini", ".hidden/0.png", "@eaDir/0.png"),
)


def test_files_of_operating_systems_are_no_class_and_no_image_of_a_set(tmp_path: Path) -> None:
    top = class_folders(tmp_path)
    for name in SYSTEM_FILES:
        (top / name).parent.mkdir(exist_ok=True, parents=True)
        (top / name).write_bytes(b"no image")
    condensed = load_condensed(top)
    assert condensed.class_names == ("cat", "dog")
    assert condensed.statistics.denormalise(condensed.images)[:, 0, 0, 0].tolist() == [10, 11, 200, 201]
