"""The sentence on what a run's images are worth, and the advice that follows from its facts."""

from pathlib import Path
from typing import Any

import pytest

from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.config.protocols import QUICK
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import binomial_error, run_verdict

NOISE, REAL = SetChange(init="noise"), SetChange(init="real")


def make_run(root: Path, *sets: SetChange, **data: Any) -> RunFolder:
    """A run on digits, described as one of other data: their test images, classes and size."""
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2, sets=sets
    )
    dataset = load_dataset("digits")
    run = create_run(root, config, dataset, make_plan(config, dataset.shape, 10), "")
    described = run.description.data.model_copy(update=data)
    run.__dict__["description"] = run.description.model_copy(update={"data": described})
    return run


def result(
    name: str, kind: str, mean: float, std: float = 0.0, n: int = 5, iteration: int = 0
) -> StoredResult:
    return StoredResult.model_validate(
        {"set": name, "iteration": iteration, "network": "convnet", "mean": mean, "std": std, "n": n}
        | {"kind": kind, "accuracies": [mean] * n, "protocol": EvaluateConfig(repeats=n), "created": "1"}
    )


def quick(name: str, iteration: int, mean: float) -> StoredResult:
    """A point of the online evaluation: two networks by the quick protocol."""
    return result(name, "condensed", mean, 1.0, 2, iteration).model_copy(update={"protocol": QUICK})


PHOTOS = {"test_count": 42, "class_names": ("cat", "dog", "horse"), "height": 64, "width": 64}


def test_few_test_images_decide_nothing_and_the_sentence_says_so(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, **PHOTOS)
    results = [result("noise-1", "condensed", 48.1, 4.6), result("noise-1", "random_real", 41.4, 6.8)]
    verdict = run_verdict(run, results, [])
    assert verdict is not None
    assert verdict.sentence == (
        "48 ± 5 % right (± over 5 networks, 42 test images); one draw of as many random real images "
        "41 ± 7 %, guessing 33 %: too close to be sure."
    )
    assert verdict.advice == (
        "Only 42 test images: one image is 2.4 points, so every accuracy is ± 8 points."
    )
    assert binomial_error(48.1, 42) == pytest.approx(7.71, abs=0.01)


@pytest.mark.parametrize(
    ("learned", "real", "judgement"),
    [
        (71.5, 51.9, "the learned ones teach more than this draw."),
        (45.0, 51.9, "this draw teaches more."),
        (52.0, 51.0, "too close to be sure."),
        (11.0, 40.0, "no better than guessing, as far as this test can tell."),
    ],
)
def test_many_test_images_decide(tmp_path: Path, learned: float, real: float, judgement: str) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    results = [result("noise-1", "condensed", learned, 0.6), result("noise-1", "random_real", real, 0.6)]
    verdict = run_verdict(run, results, [])
    assert verdict is not None
    assert verdict.sentence.endswith(judgement)
    assert verdict.advice == ""


def test_one_network_has_no_deviation_and_no_real_images_no_comparison(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    verdict = run_verdict(run, [result("noise-1", "condensed", 71.5, n=1)], [])
    assert verdict is not None
    assert (
        verdict.sentence
        == "72 % right (1 network, 1\u202f000 test images); guessing 10 %: they teach something."
    )


def test_a_small_deviation_keeps_its_decimal(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    verdict = run_verdict(run, [result("noise-1", "condensed", 71.5, 0.2)], [])
    assert verdict is not None
    assert verdict.sentence.startswith("71.5 ± 0.2 % right (± over 5 networks, ")


def test_several_sets_are_given_as_a_range_and_lead_only_together(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, REAL, test_count=1000)
    real = result("noise-1", "random_real", 52.0, 0.5)
    both = [result("noise-1", "condensed", 70.0, 0.5), result("real-1", "condensed", 72.0, 0.5), real]
    verdict = run_verdict(run, both, [])
    assert verdict is not None
    assert verdict.sentence.startswith("70 to 72 % right (2 sets, 5 networks each, 1\u202f000 test images); ")
    assert verdict.sentence.endswith("the learned ones teach more than this draw.")
    divided = [result("noise-1", "condensed", 52.5, 0.5), *both[1:]]
    verdict = run_verdict(run, divided, [])
    assert verdict is not None
    assert verdict.sentence.endswith("too close to be sure.")
    assert run_verdict(run, [both[0], real], []) is None, "one of the sets is not tested yet"


def test_images_that_taught_more_at_their_start_are_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, **PHOTOS)
    results = [result("noise-1", "condensed", 48.1, 4.6), result("noise-1", "random_real", 41.4, 6.8)]
    verdict = run_verdict(run, results, [quick("noise-1", 0, 53.6), quick("noise-1", 2, 47.6)])
    assert verdict is not None
    assert verdict.advice.startswith(
        "Their own start may have taught more: 54 % against 48 % in the quick test of both. Try more "
        "iterations or smaller images. Only 42 test images"
    )
    risen = run_verdict(run, results, [quick("noise-1", 0, 40.0), quick("noise-1", 2, 47.6)])
    assert risen is not None
    assert "start" not in risen.advice
    small = make_run(tmp_path / "small", NOISE, test_count=1000)
    small_verdict = run_verdict(small, results, [quick("noise-1", 0, 60.0), quick("noise-1", 2, 47.6)])
    assert small_verdict is not None
    assert small_verdict.advice == (
        "Their own start taught more: 60 % against 48 % in the quick test of both. Try more iterations."
    )


def test_large_photographs_learned_one_per_class_need_not_look_like_anything(tmp_path: Path) -> None:
    photos = PHOTOS | {"test_count": 5000}
    run = make_run(tmp_path, REAL, **photos)
    verdict = run_verdict(run, [result("real-1", "condensed", 60.0, 1.0)], [])
    assert verdict is not None
    assert verdict.advice.startswith("Learned images need not look like anything")
    noise = make_run(tmp_path / "noise", NOISE, **photos)
    assert run_verdict(noise, [result("noise-1", "condensed", 60.0, 1.0)], []).advice == ""  # type: ignore[union-attr]


def test_an_untested_run_has_no_verdict(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    assert run_verdict(run, [], []) is None
    assert run_verdict(run, [result("noise-1", "random_real", 50.0)], []) is None
    other = result("noise-1", "condensed", 50.0, iteration=1)
    assert run_verdict(run, [other], []) is None, "tested at another iteration than the last"
