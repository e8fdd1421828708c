"""The sentence on what a run's images are worth, and the advice that follows from its facts."""

from pathlib import Path
from typing import Any

import pytest

from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.few_tests import binomial_error
from dmcore.runs.results.plain_verdict import run_verdict

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
    run.__dict__["iteration"] = lambda: config.iterations
    return run


def result(
    name: str, kind: str, mean: float, std: float = 0.0, n: int = 5, iteration: int = 2, draws: int = 1
) -> StoredResult:
    return StoredResult.model_validate(
        {
            "set": name,
            "iteration": iteration,
            "network": "convnet",
            "mean": mean,
            "std": std,
            "n": n,
            "draws": draws,
        }
        | {"kind": kind, "accuracies": [mean] * n, "protocol": EvaluateConfig(repeats=n), "created": "1"}
    )


PHOTOS = {"test_count": 42, "class_names": ("cat", "dog", "horse"), "height": 64, "width": 64}


def test_few_test_images_decide_nothing_and_the_sentence_says_so(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, **PHOTOS)
    results = [result("noise-1", "condensed", 48.1, 4.6), result("noise-1", "random_real", 41.4, 6.8)]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.sentence == (
        "48 ± 5 % right (± over 5 networks, 42 test images); one draw of as many random real images "
        "41 ± 7 %, guessing 33 %: too close to be sure."
    )
    assert not verdict.more_iterations
    assert verdict.advice == (
        "Only 42 test images: one image is 2.4 points, so the choice of test images alone gives every "
        "accuracy a standard error of 8 points. More test images make it certain."
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
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.sentence.endswith(judgement)
    assert verdict.advice == ""


def test_one_network_has_no_deviation_and_no_real_images_no_comparison(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    verdict = run_verdict(run, [result("noise-1", "condensed", 71.5, n=1)])
    assert verdict is not None
    assert (
        verdict.sentence
        == "72 % right (1 network, 1\u202f000 test images); guessing 10 %: they teach something."
    )


def test_a_small_deviation_keeps_its_decimal(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    verdict = run_verdict(run, [result("noise-1", "condensed", 71.5, 0.2)])
    assert verdict is not None
    assert verdict.sentence.startswith("71.5 ± 0.2 % right (± over 5 networks, ")


def test_few_sets_are_given_one_by_one_and_lead_only_together(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, REAL, test_count=1000)
    real = result("noise-1", "random_real", 52.0, 0.5)
    both = [result("noise-1", "condensed", 70.0, 0.5), result("real-1", "condensed", 72.0, 0.5), real]
    verdict = run_verdict(run, both)
    assert verdict is not None
    assert verdict.sentence.startswith(
        "From noise 70.0 ± 0.5 %, from real images 72.0 ± 0.5 % right (5 networks each, "
        "1\u202f000 test images); "
    )
    assert verdict.sentence.endswith("the learned ones teach more than this draw.")
    divided = [result("noise-1", "condensed", 52.5, 0.5), *both[1:]]
    verdict = run_verdict(run, divided)
    assert verdict is not None
    assert verdict.sentence.endswith("too close to be sure.")
    assert run_verdict(run, [both[0], real]) is None, "one of the sets is not tested yet"


def test_images_that_taught_more_at_their_start_are_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path, REAL, **PHOTOS)
    ends = [result("real-1", "condensed", 48.1, 4.6), result("real-1", "random_real", 41.4, 6.8)]

    def advice(of: RunFolder, start: float, deviation: float) -> str:
        verdict = run_verdict(of, [result("real-1", "condensed", start, deviation, iteration=0), *ends])
        assert verdict is not None
        assert verdict.more_iterations == ("Try more iterations" in verdict.advice)
        return verdict.advice

    assert advice(run, 60.4, 4.0).startswith(
        "Their own start may have taught more: 60 % (5 networks) against 48 % (5 networks). Try more "
        "iterations or smaller images. Only 42 test images"
    )
    assert "start" not in advice(run, 40.0, 4.0)
    small = make_run(tmp_path / "small", REAL, test_count=1000)
    assert advice(small, 60.0, 1.0) == (
        "Their own start taught more: 60 % (5 networks) against 48 % (5 networks). Try more iterations."
    )


def test_large_photographs_learned_one_per_class_need_not_look_like_anything(tmp_path: Path) -> None:
    photos = PHOTOS | {"test_count": 5000}
    run = make_run(tmp_path, REAL, **photos)
    verdict = run_verdict(run, [result("real-1", "condensed", 60.0, 1.0)])
    assert verdict is not None
    assert verdict.advice.startswith("Learned images need not look like anything")
    noise = make_run(tmp_path / "noise", NOISE, **photos)
    assert run_verdict(noise, [result("noise-1", "condensed", 60.0, 1.0)]).advice == ""  # type: ignore[union-attr]


def test_an_untested_run_has_no_verdict(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    assert run_verdict(run, []) is None
    assert run_verdict(run, [result("noise-1", "random_real", 50.0)]) is None
    other = result("noise-1", "condensed", 50.0, iteration=1)
    assert run_verdict(run, [other]) is None, "tested at another iteration than the last"


def test_random_images_of_several_draws_are_called_so(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    drawn = result("noise-1", "random_real", 51.9, 5.6, draws=5)
    verdict = run_verdict(run, [result("noise-1", "condensed", 71.5, 0.6), drawn])
    assert verdict is not None
    assert "; as many random real images, 5 draws 52 ± 6 %, guessing 10 %" in verdict.sentence
    assert verdict.sentence.endswith(": the learned ones teach more than random real ones.")


@pytest.mark.parametrize(
    ("start", "judgement"),
    [
        (60.0, "the learned ones teach more than random real ones and their own start."),
        (71.0, "the learned ones teach more than random real ones; their own start: too close to be sure."),
        (80.0, "the learned ones teach more than random real ones; their own start teaches more."),
    ],
)
def test_what_started_from_real_images_is_held_against_them(
    tmp_path: Path, start: float, judgement: str
) -> None:
    run = make_run(tmp_path, REAL, test_count=1000)
    results = [
        result("real-1", "condensed", 71.5, 0.6),
        result("real-1", "random_real", 51.9, 5.6, draws=5),
        result("real-1", "condensed", start, 0.6, iteration=0),
    ]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert f"the real images they started from {start:.0f}.0 ± 0.6 %, guessing" in verdict.sentence
    assert verdict.sentence.endswith(judgement)
    noise = make_run(tmp_path / "noise", NOISE, test_count=1000)
    of_noise = [each.model_copy(update={"set": "noise-1"}) for each in results]
    assert "started from" not in run_verdict(noise, of_noise).sentence  # type: ignore[union-attr]


@pytest.mark.parametrize(("networks", "judgement"), [(2, "too close"), (3, "too close"), (10, "teach more")])
def test_the_same_gap_is_certain_only_with_enough_networks(
    tmp_path: Path, networks: int, judgement: str
) -> None:
    """The error of a mean is estimated from its networks: with two, Student's t asks for 12.7 errors."""
    run = make_run(tmp_path, NOISE, test_count=10_000)
    learned = result("noise-1", "condensed", 56.0, 1.5, networks)
    real = result("noise-1", "random_real", 53.0, 1.5, networks, draws=networks)
    verdict = run_verdict(run, [learned, real])
    assert verdict is not None
    assert judgement in verdict.sentence


def test_one_network_decides_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=10_000)
    results = [result("noise-1", "condensed", 71.0, n=1), result("noise-1", "random_real", 50.0, n=1)]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.sentence.endswith("guessing 10 %: too few networks to be sure.")


def test_results_of_another_protocol_are_not_held_against_each_other(tmp_path: Path) -> None:
    run = make_run(tmp_path, REAL, test_count=1000)
    longer = {"protocol": EvaluateConfig(repeats=5, epochs=20)}
    results = [
        result("real-1", "condensed", 71.5, 0.6),
        result("real-1", "random_real", 51.9, 0.6, draws=5).model_copy(update=longer),
        result("real-1", "condensed", 60.0, 0.6, iteration=0).model_copy(update=longer),
    ]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.sentence.endswith("); guessing 10 %: they teach something.")


def test_a_fall_within_the_error_of_the_test_images_is_no_advice(tmp_path: Path) -> None:
    run = make_run(tmp_path, REAL, test_count=10_000)
    ends = [result("real-1", "condensed", mean, 1.0, iteration=at) for at, mean in ((0, 71.03), (2, 71.0))]
    verdict = run_verdict(run, [*ends, result("real-1", "random_real", 60.0, 1.0)])
    assert verdict is not None
    assert verdict.advice == ""


def test_guessing_among_many_classes_is_not_rounded_to_nothing(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000, class_names=tuple(map(str, range(200))))
    verdict = run_verdict(run, [result("noise-1", "condensed", 8.0, 0.3)])
    assert verdict is not None
    assert "guessing 0.5 %" in verdict.sentence


@pytest.mark.parametrize(("whole", "no_better"), [(54.2, True), (95.0, False)])
def test_all_real_images_that_do_no_better_are_told(tmp_path: Path, whole: float, no_better: bool) -> None:
    run = make_run(tmp_path, NOISE, **PHOTOS | {"test_count": 24})
    results = [result("noise-1", "condensed", 52.5, 5.0), result("noise-1", "all_real", whole, 5.9, 3)]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert ("All real images together reach 54 ± 6 %, not surely more." in verdict.advice) == no_better


def test_one_network_on_all_real_images_says_nothing_of_them(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=1000)
    results = [result("noise-1", "condensed", 71.5, 0.6), result("noise-1", "all_real", 90.0, 0.0, 1)]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.advice == ""


def test_many_sets_are_given_as_a_range(tmp_path: Path) -> None:
    specs = [NOISE.model_copy(update={"image_lr": rate}) for rate in (1.0, 2.0, 4.0, 8.0)]
    run = make_run(tmp_path, *specs, test_count=1000)
    learned = [result(name, "condensed", 70.0 + at, 0.5) for at, name in enumerate(run.set_names)]
    verdict = run_verdict(run, learned)
    assert verdict is not None
    assert verdict.sentence.startswith("70 to 73 % right (4 sets, 5 networks each, 1\u202f000 test images); ")


def test_it_says_of_how_many_sets_it_is_and_what_it_leaves_open(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, REAL, test_count=1000)
    results = [result(name, "condensed", 70.0, 1.0) for name in run.set_names]
    both = run_verdict(run, results)
    assert both is not None
    assert both.scope == (
        "n\u00a0=\u00a01\u00a0set of each kind: from another random start it may come out otherwise."
    )
    alone = make_run(tmp_path / "alone", NOISE, test_count=1000)
    one = run_verdict(alone, results[:1])
    assert one is not None
    assert one.scope == (
        "n\u00a0=\u00a01\u00a0set, learned once: from another random start it may come out otherwise."
    )
    assert "1 per class" not in one.sentence


def test_the_smallest_of_several_sets_is_named(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, SetChange(name="many", images_per_class=10), test_count=1000)
    verdict = run_verdict(run, [result("noise-1", "condensed", 70.0, 1.0)])
    assert verdict is not None
    assert verdict.sentence.startswith("1 per class, from noise: 70 ± 1 % right (± over 5 networks, ")


def test_an_unknown_number_of_test_images_makes_nothing_sure(tmp_path: Path) -> None:
    run = make_run(tmp_path, NOISE, test_count=None)
    results = [result("noise-1", "condensed", 71.5, 0.6), result("noise-1", "random_real", 51.9, 0.6)]
    verdict = run_verdict(run, results)
    assert verdict is not None
    assert verdict.sentence == (
        "71.5 ± 0.6 % right (± over 5 networks); one draw of as many random real images 51.9 ± 0.6 %, "
        "guessing 10 %: on how many test images is not known, so nothing is sure."
    )
