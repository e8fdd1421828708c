"""Order and names of classes: numbers as numbers, and the order that a stored run has."""

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.image_folders import fill

from dmcore.cli import main
from dmcore.data.labels.class_names import in_natural_order, wordnet_names
from dmcore.data.load import load_dataset
from dmcore.runs.runs_root import read_runs


@pytest.mark.parametrize(
    "ordered",
    [
        ("1", "2", "10", "11"),
        ("-1", "0", "1"),
        ("class 1", "class 2", "class 10"),
        ("a2b9", "a2b10", "a10b1"),
        ("01", "1", "2"),
        ("Zebra", "apple", "b 1"),
        ("n01443537", "n02012849"),
        ("9" * 5000, "1" + "0" * 5000),
        ("3", "a", "b"),
    ],
)
def test_numbers_in_names_are_in_the_order_of_numbers(ordered: tuple[str, ...]) -> None:
    shuffled = list(ordered)
    random.Random(0).shuffle(shuffled)
    assert tuple(in_natural_order(shuffled)) == ordered


def test_class_folders_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    fill(tmp_path, ["1", "2", "10", "11"])
    data = load_dataset(tmp_path)
    assert data.class_names == ("1", "2", "10", "11")
    shades = [int(data.train.images[members[0], 0, 0, 0]) for members in data.train.by_class]
    assert shades == [20, 30, 40, 50]


def test_a_run_with_the_classes_in_another_order_gets_its_images_as_they_were(tmp_path: Path) -> None:
    """Runs were begun when 10 came before 2; their digest is that of the images in that order."""
    fill(tmp_path / "numbers", ["1", "2", "10"])
    fill(tmp_path / "letters", ["a", "c", "b"])  # 1, 10, 2 by characters
    as_it_was = load_dataset(tmp_path / "letters")
    now = load_dataset(tmp_path / "numbers")
    assert now.train_digest != as_it_was.train_digest
    stored = load_dataset(tmp_path / "numbers", class_names=("1", "10", "2"))
    assert stored.class_names == ("1", "10", "2")
    assert stored.train_digest == as_it_was.train_digest
    assert stored.digest == as_it_was.digest
    other = load_dataset(tmp_path / "numbers", class_names=("1", "10", "3"))
    assert other.class_names == now.class_names


def test_numbers_of_wordnet_get_their_meanings() -> None:
    text = "n02012849\tcrane\nn03126707\tcrane\nn01443537\tgoldfish, Carassius auratus\n"
    numbers = ("n01443537", "n02012849", "n03126707")
    assert wordnet_names(numbers, text) == ("goldfish", "crane (n02012849)", "crane (n03126707)")
    assert wordnet_names(("n01443537",), "n01443537 goldfish, Carassius auratus") == ("goldfish",)
    assert wordnet_names((*numbers, "n00000001"), text) is None


SMALL = ["--width", "8", "--depth", "1", "--images-per-class", "1", "--real-batch", "2", "--device", "cpu"]


def test_a_run_that_was_begun_in_another_order_is_resumed_and_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "mine", ["1", "2", "10"])
    root = ["--runs-root", str(tmp_path / "runs")]
    with monkeypatch.context() as before:
        before.setattr("dmcore.data.labels.class_names.in_natural_order", sorted)
        begin = ["condense", "--dataset", str(tmp_path / "mine"), "--iterations", "1", *SMALL, *root]
        assert main(begin) == 0
    assert main(["resume", "latest", "--iterations", "2", *root]) == 0
    (run,) = read_runs(tmp_path / "runs")[0]
    assert run.class_names == ("1", "10", "2")
    assert run.iteration() == 2
    protocol = ["--epochs", "1", "--repeats", "1", "--device", "cpu"]
    assert main(["evaluate", "latest", *protocol, *root]) == 0
    assert "other training images" not in capsys.readouterr().err


def test_a_run_that_was_begun_on_another_scale_is_told_why_it_does_not_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for shade, name in ((1000, "cat"), (3000, "dog")):
        (tmp_path / "scans" / name).mkdir(parents=True)
        for number in range(5):
            pixels = np.full((8, 8), shade + number, dtype=np.uint16)
            Image.fromarray(pixels).save(tmp_path / "scans" / name / f"{number}.png")
    root = ["--runs-root", str(tmp_path / "runs")]
    with monkeypatch.context() as before:
        before.setattr("dmcore.data.image_folder.used_bits", lambda headers: 16)
        begin = ["condense", "--dataset", str(tmp_path / "scans"), "--iterations", "1", *SMALL, *root]
        assert main(begin) == 0
    protocol = ["--epochs", "1", "--repeats", "1", "--device", "cpu"]
    for command in (["resume", "latest", "--iterations", "2"], ["evaluate", "latest", *protocol]):
        assert main([*command, *root]) == 1
        assert "of which earlier versions made darker images" in capsys.readouterr().err
