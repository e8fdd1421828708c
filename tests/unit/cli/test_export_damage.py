"""Export of a damaged run: a sentence that names the file, exit code 1, nothing left behind; or the truth."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from support.command_line import Command
from support.hostile.damage import flip_bit
from support.small_runs import TINY, record_run

from dmcore.cli.exchange import FILMS, FORMATS
from dmcore.config import SetChange
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.formats.export import describe_export
from dmcore.runs.runs_root import open_run

SHAPE = (10, 2, 1, 8, 8)
OF_DIGITS = [format for format in FORMATS if format != "ddranking"]
"""Formats that a set of digits can be exported in."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run of two sets and four iterations, with a snapshot of each; a checkpoint of the last."""
    sets = (SetChange(init="real"), SetChange(init="noise"))
    return record_run(tmp_path_factory.mktemp("runs"), TINY.model_copy(update={"sets": sets})).path


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    """A copy of it under the runs root of the command line."""
    shutil.copytree(original, tmp_path / "runs" / original.name)
    return tmp_path / "runs" / original.name


def snapshot(run: Path, iteration: int, name: str = "noise-2") -> Path:
    return run / "sets" / name / "snapshots" / f"{iteration:07d}.safetensors"


def write_older(file: Path, pixels: np.ndarray) -> None:
    """Write a snapshot as older versions did, without checksums."""
    content = {"pixels": pixels.astype(np.float16), "momentum": np.zeros_like(pixels, np.float16)}
    file.write_bytes(safetensors.numpy.save(content, {"iteration": str(int(file.stem))}))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": flip_bit,
    "truncated": lambda file: file.write_bytes(file.read_bytes()[:-9]),
    "empty": lambda file: file.write_bytes(b""),
    "no number": lambda file: write_older(file, np.full(SHAPE, np.nan)),
    "another shape": lambda file: write_older(file, np.zeros((10, 2, 1, 8, 7))),
    "fewer images": lambda file: write_older(file, np.zeros((10, 1, 1, 8, 8))),
    "flat": lambda file: write_older(file, np.zeros((20, 64))),
    "two channels": lambda file: write_older(file, np.zeros((10, 2, 2, 8, 8))),
    "another iteration's": lambda file: shutil.copy(file.with_name("0000001.safetensors"), file),
    "another set's": lambda file: shutil.copy(file.parents[2] / "real-2" / "snapshots" / file.name, file),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("format", OF_DIGITS)
def test_damaged_snapshot_is_one_sentence_and_leaves_nothing(
    dmcore: Command, run: Path, tmp_path: Path, format: str, damage: Callable[[Path], object]
) -> None:
    damage(snapshot(run, 2))
    options = ("--format", format, "--iteration", "2", "--to", str(tmp_path / "out"))
    code, out, err = dmcore("export", run.name, *options)
    assert (code, out) == (1, "")
    assert err.startswith(f"dmcore: {snapshot(run, 2)} is damaged (")
    assert err.endswith("): choose another iteration\n")
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert dmcore("export", f"{run.name}:real-2", *options)[0] == 0  # the other set is as it was


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("format", FILMS)
def test_film_with_a_damaged_snapshot_is_one_sentence_and_leaves_nothing(
    dmcore: Command, run: Path, tmp_path: Path, format: str, damage: Callable[[Path], object]
) -> None:
    damaged = 4 if format == "before-after" else 2
    damage(snapshot(run, damaged))
    code, out, err = dmcore("export", run.name, "--format", format, "--to", str(tmp_path / "out"))
    assert code == 1
    named = {line.partition(" is damaged (")[0] for line in out.splitlines()}
    # the newest file is looked into when the run is opened; a flipped bit is noticed when its image is read
    assert named <= ({str(snapshot(run, damaged))} if format == "before-after" else set())
    assert err.startswith(f"dmcore: {snapshot(run, damaged)} is damaged (")
    assert f"`dmcore doctor {run.name} --repair` sets it aside" in err
    assert not (tmp_path / "out").exists()
    assert dmcore("doctor", run.name, "--repair")[0] == 0
    assert dmcore("export", run.name, "--format", format, "--to", str(tmp_path / "out"))[0] == 0


@pytest.mark.parametrize("format", ["npz", "safetensors", "pt"])
def test_rounded_values_are_named_with_the_reason(
    dmcore: Command, run: Path, tmp_path: Path, format: str
) -> None:
    options = ("--format", format, "--to", str(tmp_path / "out"))
    code, out, _ = dmcore("export", run.name, *options)
    assert code == 0
    assert "Nothing is lost." in out
    assert "float16" not in out

    code, out, _ = dmcore("export", run.name, "--iteration", "3", *options)
    assert code == 0
    assert "lost" not in out
    assert "noise-2 are rounded to float16 (11 bits of mantissa), because only the last 2 checkpoints" in out

    file = run / "checkpoints" / "0000004.safetensors"
    flip_bit(file)
    code, out, err = dmcore("export", run.name, "--json", *options)
    assert code == 0
    assert json.loads(out)["stored_as"] == {"real-2": "float16", "noise-2": "float16"}
    assert "lost" not in err
    assert f"because {file} is damaged (its checksum differs)" in err


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_what_it_loses(run: Path, format: str) -> None:
    folder = open_run(run)
    exact, rounded = (read_condensed_set(folder, "real-2", iteration) for iteration in (4, 3))
    sentence = describe_export(exact, format)
    said = [words in sentence for words in ("Nothing is lost", "8 bits", "rounded to float32")]
    assert sum(said) == 1, sentence
    assert "Nothing is lost" not in describe_export(rounded, format)
    assert "rounded to float16" not in sentence
    assert "rounded to float16" in describe_export(rounded, format)


def test_damaged_last_snapshot_is_exported_from_its_checkpoint(
    dmcore: Command, run: Path, tmp_path: Path
) -> None:
    flip_bit(snapshot(run, 4))
    code, out, _ = dmcore("export", run.name, "--to", str(tmp_path / "out"))
    assert code == 0
    assert "Nothing is lost." in out


def test_both_damaged_is_a_sentence(dmcore: Command, run: Path, tmp_path: Path) -> None:
    flip_bit(snapshot(run, 4))
    flip_bit(run / "checkpoints" / "0000004.safetensors")
    code, _, err = dmcore("export", run.name, "--to", str(tmp_path / "out"))
    assert code == 1
    assert f"{snapshot(run, 4)} is damaged" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", [*OF_DIGITS, *FILMS])
def test_missing_set_json_is_said(dmcore: Command, run: Path, tmp_path: Path, format: str) -> None:
    (run / "sets" / "noise-2" / "set.json").unlink()
    code, out, _ = dmcore("export", run.name, "--format", format, "--to", str(tmp_path / "out"))
    assert code == 0
    assert "set.json is damaged (it is missing): nothing is lost" in out
    assert any("noise-2" in str(file) for file in (tmp_path / "out").iterdir()) or format in FILMS
