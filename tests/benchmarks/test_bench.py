"""`dmcore bench` from end to end on its smallest problem, and what it refuses."""

import json
import subprocess
import sys

import pytest

from dmcore.bench.arithmetic import image_flops
from dmcore.bench.cases import CASES
from dmcore.bench.rounds import ContenderError, Timing, time_case
from dmcore.cli import main


def test_a_case_is_timed_by_parts_and_against_the_reference(capsys):
    assert main(["bench", "--cases", "digits", "--rounds", "3", "--against", "reference", "--json"]) == 0
    printed = capsys.readouterr()
    (case,) = json.loads(printed.out)["cases"]
    assert len(case["seconds"]) == len(case["reference_seconds"]) == case["n"] == 3
    assert min(*case["seconds"], *case["reference_seconds"], *case["parts"].values()) >= 0
    assert list(case["parts"]) == [
        *("draw", "augment", "real features", "synthetic forward", "backward", "update", "bookkeeping")
    ]
    assert case["parts"]["real features"] > 0
    assert case["largest_loss_difference"] < 1e-4  # both condense alike
    assert 0 < case["share_of_rate"] < 3
    assert case["peak_bytes"] > 0 < case["reference_peak_bytes"]
    assert "times as fast as the reference" in printed.err
    assert "n = 3" in printed.err


def test_gradient_matching_is_timed_by_parts_and_against_the_reference(capsys):
    arguments = ["--cases", "dsa-digits", "--rounds", "2", "--threads", "1", "--against", "reference"]
    assert main(["bench", *arguments, "--json"]) == 0
    printed = capsys.readouterr()
    (case,) = json.loads(printed.out)["cases"]
    assert len(case["seconds"]) == len(case["reference_seconds"]) == case["n"] == 2
    assert (case["method"], case["unit"]) == ("dsa", "a matching step with its training")
    assert list(case["parts"]) == [
        *("draw", "real gradients", "synthetic gradients", "update", "training", "bookkeeping")
    ]
    assert case["largest_loss_difference"] < 1e-4  # of the first matching step, before any training
    assert 0 < case["share_of_rate"] < 3
    assert case["peak_bytes"] > 0 < case["reference_peak_bytes"]
    assert "a matching step with its training" in printed.err


def test_operations_are_those_of_arithmetic():
    first, second, third = 32 * 32 * 27, 16 * 16 * 1152, 8 * 8 * 1152
    assert image_flops(CASES["colour-10"]) == 2 * 128 * (first + second + third)
    timing = Timing(CASES["colour-10"], image_flops=[image_flops(CASES["colour-10"])])
    assert timing.flops == timing.reference_flops
    assert 279e9 < timing.flops < 281e9
    replay = Timing(CASES["colour-10-replay"], image_flops=timing.image_flops)
    assert replay.flops < 0.2 * replay.reference_flops


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cases", "huge"], "--cases"),
        (["--cases", ""], "name at least one"),
        (["--rounds", "0"], "at least 1"),
        (["--against", "yesterday"], "--against"),
        (["--cases", "digits,dsa-1", "--precision", "bfloat16"], "--cases dm"),
    ],
)
def test_wrong_arguments_are_named(arguments, sentence, capsys):
    assert main(["bench", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_a_contender_that_dies_is_named_and_none_is_left_behind(monkeypatch):
    started = []
    popen = subprocess.Popen

    def start(command, **options):
        if "plain" in command:
            command = [sys.executable, "-c", "raise SystemExit(7)"]
        started.append(popen(command, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(ContenderError, match="ended with code 7"):
        list(time_case(CASES["digits"], 1, against_plain=True))
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_what_cannot_be_computed_here_is_refused_in_one_sentence(capsys):
    assert main(["bench", "--cases", "digits", "--rounds", "1", "--device", "cuda:77"]) == 1
    printed = capsys.readouterr()
    assert "use --device cpu or auto" in printed.err
    assert "Traceback" not in printed.err
