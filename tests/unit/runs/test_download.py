"""Download of a run's images as one file: the exported files, and the lines of torch that train on them."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
import torch
from PIL import Image
from support.recorded_runs import described_data

from dmcore.config import CondenseConfig, SetChange
from dmcore.runs.checkpoint import Checkpoint, write_checkpoint
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.ddranking_files import RANKED
from dmcore.runs.formats.download import (
    DOWNLOADS,
    download_name,
    downloadable,
    is_exact,
    offered_downloads,
    pack_download,
    stem_of,
)
from dmcore.runs.formats.export import FORMATS
from dmcore.runs.formats.ranked_classes import CLASSES as RANKED_CLASSES
from dmcore.runs.formats.training_example import EXAMPLES, training_example
from dmcore.runs.imports import load_condensed
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import Snapshot, write_snapshot

CLASSES = ("连衣裙", "Ähre/Korn", "कपड़ा")
_DRAWN = torch.Generator().manual_seed(0)
PIXELS = torch.randn(3, 1, 3, 8, 8, generator=_DRAWN) + 0.1 * torch.randn(3, 2, 3, 8, 8, generator=_DRAWN)
"""A pattern for each class."""


CIFAR_PIXELS = torch.randn(10, 1, 3, 8, 8, generator=_DRAWN).repeat(1, 2, 1, 1, 1)
"""As many patterns as CIFAR-10 has classes."""


@pytest.fixture
def run(tmp_path) -> RunFolder:
    """A run of two sets of three classes: snapshots at 0 and 7, a checkpoint at 7."""
    return stored(tmp_path, CLASSES, PIXELS)


@pytest.fixture
def cifar_run(tmp_path) -> RunFolder:
    """The same of the ten classes of CIFAR-10."""
    return stored(tmp_path, RANKED_CLASSES["cifar10"], CIFAR_PIXELS)


def stored(tmp_path, class_names, pixels) -> RunFolder:
    names = ("one", "two")
    sets = tuple(SetChange(name=name) for name in names)
    run = create_run_folder(
        tmp_path / f"{len(class_names)} classes",
        title="",
        origin="condense",
        config=CondenseConfig(dataset="cifar10", iterations=7, images_per_class=2, sets=sets),
        plan=None,
        data=described_data("cifar10", class_names=class_names, channels=3),
        sets=[SetDescription(name=name, images_per_class=2) for name in names],
        notes=[],
    )
    for iteration in (0, 7):
        half = pixels.half().numpy()
        for name in names:
            write_snapshot(run.snapshot_folder(name), Snapshot(iteration, half, half * 0), run.id)
    state = {f"{name}/pixels": pixels.clone() for name in names}
    state |= {f"{name}/momentum": torch.zeros_like(pixels) for name in names}
    write_checkpoint(run.checkpoint_folder, Checkpoint(7, state))
    return run


def files_of(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sorted(archive.namelist())


@pytest.mark.parametrize("format", [name for name in DOWNLOADS if FORMATS[name].read_back])
def test_a_download_comes_back_as_the_set(run, cifar_run, tmp_path, format):
    run = cifar_run if format == "ddranking" else run
    name, content = download_name(run, ["one"], format, 7), pack_download(run, ["one"], format, 7)
    file = tmp_path / name
    file.write_bytes(content)
    if format == "png":
        with Image.open(file) as grid:
            assert grid.size == (2 * 8, 3 * 8)  # a row for each class
        return
    if name.endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(tmp_path / "out")
        (first, *_) = (tmp_path / "out").iterdir()
        file = next((tmp_path / "out").glob("*.pt"), first)
    if format == "ddranking":  # normalised with its own constants
        facts = json.loads((file / "normalisation.json").read_text(encoding="utf-8"))
        mean, std = (torch.tensor(facts[name]).view(-1, 1, 1) for name in ("mean", "std"))
        pixels = torch.load(file / "images.pt") * std + mean
        assert torch.allclose(pixels, CIFAR_PIXELS.flatten(0, 1) * 0.25 + 0.5, atol=1e-6)
        return
    loaded = load_condensed(file)
    assert loaded.class_names == CLASSES
    assert torch.equal(loaded.label, torch.tensor([0, 0, 1, 1, 2, 2]))
    if DOWNLOADS[format].exact:
        assert torch.equal(loaded.images, PIXELS.flatten(0, 1))


@pytest.mark.parametrize("format", DOWNLOADS.values(), ids=DOWNLOADS)
def test_a_download_says_what_it_loses(format):
    assert format.exact == FORMATS[format.export].exact
    assert format.pictures == FORMATS[format.export].pictures
    assert format.exact == ("lossless" in format.sentence)
    assert format.pictures == ("8 bits" in format.sentence)
    assert format.exact or format.pictures or "rounded to float32" in format.sentence


def test_class_names_of_any_language_are_in_the_names_of_the_files(run):
    folders = {name.split("/")[1] for name in files_of(pack_download(run, ["one"], "imagefolder", 7))}
    assert folders == {"0-连衣裙", "1-Ähre-Korn", "2-कपड़ा", "normalisation.json"}


def test_several_sets_come_in_one_zip(run):
    name = download_name(run, run.set_names, "npz", 7)
    assert name == f"{run.id}-7-npz.zip"
    files = files_of(pack_download(run, run.set_names, "npz", 7))
    assert files == [f"{run.id}-{name}-7.npz" for name in ("one", "two")]
    grids = files_of(pack_download(run, run.set_names, "png", 7))
    assert grids == [f"{run.id}-{name}-7.png" for name in ("one", "two")]


def test_the_iteration_is_a_stored_one_and_says_whether_it_is_exact(run):
    assert [downloadable(run, at) for at in (None, 9, 7, 6, 0)] == [7, 7, 7, 0, 0]
    assert (is_exact(run, 7), is_exact(run, 0)) == (True, False)
    for name in run.set_names:
        for file in run.snapshot_folder(name).iterdir():
            file.unlink()
    assert downloadable(run) == 7  # of the checkpoint


@pytest.mark.slow
@pytest.mark.parametrize("format", EXAMPLES)
def test_the_lines_of_torch_that_are_shown_train_a_network(run, cifar_run, tmp_path, format):
    run, pixels = (cifar_run, CIFAR_PIXELS) if format == "ddranking" else (run, PIXELS)
    file = tmp_path / download_name(run, ["one"], format, 7)
    file.write_bytes(pack_download(run, ["one"], format, 7))
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            archive.extractall(tmp_path)
    real = pixels[:, 0] * 0.25 + 0.5  # as these 8×8 images of the classes have their pixels
    torch.save(real.clamp(0, 1) if format in ("png", "imagefolder") else real, tmp_path / "real.pt")
    (tmp_path / "train.py").write_text(training_example(format, stem_of(run, "one", 7)), encoding="utf-8")
    (tmp_path / "try.py").write_text(
        "import json, torch\nfrom train import loss, recognise\n"
        "print(json.dumps([loss.item(), [str(recognise(image)) for image in torch.load('real.pt')]]))\n"
    )
    command = [sys.executable, "-X", "utf8", "try.py"]
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # the images are few: more threads wait for each other
    ran = subprocess.run(
        command, cwd=tmp_path, env=alone, capture_output=True, encoding="utf-8", timeout=250, check=False
    )
    assert ran.returncode == 0, ran.stderr
    loss, recognised = json.loads(ran.stdout)
    assert recognised == list(run.description.data.class_names)
    assert loss < (0.1 if len(pixels) == 3 else 1.0), "far less than chance, log 3 or log 10"


def test_every_download_to_train_on_has_its_lines():
    assert {*EXAMPLES} == {*DOWNLOADS} - {"tensorboard"}


def test_a_format_for_some_data_is_offered_for_these_only(run, cifar_run, tmp_path):
    assert "ddranking" in offered_downloads(cifar_run)
    assert "ddranking" not in offered_downloads(run), "its classes are others"
    digits = create_run_folder(
        tmp_path / "other",
        title="",
        origin="import",
        config=None,
        plan=None,
        data=described_data("digits"),
        sets=[SetDescription(name="one", images_per_class=1)],
    )
    assert offered_downloads(digits) == tuple(name for name in DOWNLOADS if name != "ddranking")
    assert DOWNLOADS["ddranking"].datasets == tuple(RANKED)


def test_what_can_only_fail_is_not_offered(run, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "tensorboard" not in offered_downloads(run)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    assert "tensorboard" in offered_downloads(run)
    two_channels = create_run_folder(
        tmp_path / "other",
        title="",
        origin="import",
        config=None,
        plan=None,
        data=described_data(channels=2),
        sets=[SetDescription(name="one", images_per_class=1)],
    )
    assert offered_downloads(two_channels) == ("npz", "safetensors", "pt")
