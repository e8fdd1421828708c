"""`dmcore experiment figure4`: output, files, stopping and going on, wrong arguments."""

import json
from functools import partial

import pytest

from dmcore.cli import race
from dmcore.experiments.figure4.config import Figure4Config

SMALL = ["--dataset", "digits", "--images-per-class", "1", "--seconds", "1", "--seeds", "1", "--repeats", "1"]
SMALL += ["--epochs", "1", "--width", "4", "--real-batch", "4", "--methods", "dm,dc"]


@pytest.fixture
def figure4(dmcore):
    return partial(dmcore, "experiment", "figure4")


def test_a_race_is_run_printed_and_written_and_then_only_printed(figure4, tmp_path):
    code, out, _ = figure4(*SMALL, "--out", str(tmp_path / "out"))
    assert code == 0
    assert "1 race of DM and DC" in out
    assert "on one GTX 1080" in out
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "figure4.png",
        "figure4.csv",
        "figure4.json",
    }
    code, out, _ = figure4(*SMALL, "--json")
    printed = json.loads(out)
    assert code == 0
    assert printed["complete"]
    stored = json.loads((tmp_path / "out" / "figure4.json").read_text())
    assert printed["points"] == stored["points"]


def test_a_stopped_race_says_how_it_goes_on(figure4, monkeypatch):
    class Stopped:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def is_set(self):
            return True

    monkeypatch.setattr(race, "stop_requests", lambda _what: Stopped())
    code, out, _ = figure4(*SMALL)
    assert code == 0
    assert "the same command continues; an iteration of DC or DSA that was cut short is done again" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--images-per-class", "7"], "no published loops for 7 images per class: race with 1, 10"),
        (["--images-per-class", "1,10"], "--images-per-class 1,10: must be a whole number"),
        (["--methods", "dm"], "a race needs at least two methods"),
        (["--methods", "dm,mtt"], "--methods mtt: choose from dm, dc, dsa"),
        (["--seconds", "0"], "--seconds 0: must be at least 1"),
        (["--runs", "x"], "--runs: figure4 has no such option"),
    ],
)
def test_wrong_arguments_get_one_sentence(figure4, arguments, sentence):
    code, _, err = figure4(*arguments)
    assert code == 2
    assert sentence in err
    assert len(err.strip().splitlines()) == 1


def test_the_command_line_of_a_race_gives_it_again():
    config = Figure4Config(dataset="digits", methods=("dm", "dsa"), images_per_class=1, seconds=60, width=8)
    assert config.command_line == (
        "dmcore experiment figure4 --dataset digits --methods dm,dsa "
        "--images-per-class 1 --seconds 60 --width 8"
    )
