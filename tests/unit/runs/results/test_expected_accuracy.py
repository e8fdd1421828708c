"""Accuracy predicted from recorded runs: which are comparable, what counts once, no invented number."""

from pathlib import Path
from typing import Any

import pytest
from support.recorded_runs import TWO, WISH, recorded, store

from dmcore.config import EvaluateConfig
from dmcore.config.protocols import PAPER, QUICK, protocol_name
from dmcore.runs.results.expected_accuracy import ExpectedAccuracies, ExpectedAccuracy, expected_accuracy


def expected(root: Path, iterations: int = 1000, **changes: Any) -> ExpectedAccuracies:
    config = WISH.model_copy(update={"iterations": iterations, **changes})
    (spec,) = config.all_sets()
    return expected_accuracy(root, config, spec)


def only(accuracies: ExpectedAccuracies) -> ExpectedAccuracy:
    assert accuracies.left_out == ()
    (expectation,) = accuracies.by_protocol
    return expectation


def test_nothing_is_expected_where_nothing_is_recorded(tmp_path: Path) -> None:
    assert expected(tmp_path / "none") == ExpectedAccuracies((), ())


def test_seeds_are_independent_sets_and_networks_their_repeats(tmp_path: Path) -> None:
    runs = [
        recorded(tmp_path, {1000: (70.0, 72.0)}, seed=0, real_batch=64),
        recorded(tmp_path, {1000: (73.0, 75.0)}, seed=1, replay=True),
        recorded(tmp_path, {1000: (76.0, 78.0)}, seed=2),
    ]
    accuracy = only(expected(tmp_path))
    assert accuracy.below == accuracy.above
    assert accuracy.below is not None
    assert (accuracy.below.sets, accuracy.below.networks) == (3, 6)
    assert (accuracy.mean, accuracy.below.std) == (pytest.approx(74), pytest.approx(7**0.5))
    assert set(accuracy.runs) == {run.id for run in runs}
    sentence = accuracy.sentence.replace("\u202f", " ")
    assert (
        "74.0 ± 2.6 % (n = 3 sets × 2 networks, ± over all networks; "
        "real batch 64 and 256, 1 of 3 runs with replay)" in sentence
    )
    assert sentence.endswith("after 1 000 iterations; quick protocol, 200 epochs")


def test_mean_and_deviation_are_both_of_all_networks(tmp_path: Path) -> None:
    recorded(tmp_path, {1000: (70.0, 70.0)}, seed=0)
    run = recorded(tmp_path, {1000: (76.0, 76.0)}, seed=1)
    store(run, 1000, (76.0,) * 4, TWO.model_copy(update={"repeats": 4}))
    below = only(expected(tmp_path)).below
    assert below is not None
    assert (below.sets, below.networks) == (2, 6)
    assert (below.mean, below.std) == (pytest.approx(74), pytest.approx(8**0.5)), "± is about this mean"


def test_one_set_has_the_deviation_of_its_networks_and_says_so(tmp_path: Path) -> None:
    recorded(tmp_path, {1000: (70.0, 72.0)})
    accuracy = only(expected(tmp_path))
    assert "71.0 ± 1.0 % (n = 1 set × 2 networks, ± over all networks; real batch 256, no replay)" in (
        accuracy.sentence
    )


def test_between_two_iterations_the_nearest_ones_count_on_a_line_in_their_logarithm(tmp_path: Path) -> None:
    recorded(tmp_path, {100: (10.0,), 500: (70.0,), 2000: (80.0,), 4000: (99.0,)})
    accuracy = only(expected(tmp_path, 1000))
    assert accuracy.below is not None
    assert accuracy.above is not None
    assert (accuracy.below.iterations, accuracy.above.iterations) == (500, 2000)
    assert accuracy.mean == pytest.approx(75)
    assert accuracy.sentence.startswith("about 75.0 %, between 70.0 % (n = 1 set × 1 network; real")
    assert only(expected(tmp_path, 600)).mean == pytest.approx(71.315, abs=0.01)


@pytest.mark.parametrize(("iterations", "side"), [(200, "fewer"), (5000, "more")])
def test_beyond_what_is_recorded_no_number_is_made_up(tmp_path: Path, iterations: int, side: str) -> None:
    recorded(tmp_path, {500: (70.0,), 2000: (80.0,)})
    accuracy = only(expected(tmp_path, iterations))
    assert accuracy.mean is None
    assert accuracy.sentence.startswith(f"recorded runs say nothing of {side} than ")
    assert ("70.0 % (n" if side == "fewer" else "80.0 % (n") in accuracy.sentence


@pytest.mark.parametrize(
    "difference",
    [
        {"dataset": "mnist"},
        {"width": 64},
        {"norm": "batch"},
        {"images_per_class": 1},
        {"augment": ()},
        {"init": "noise"},
        {"image_lr": 10.0},
        {"source": "fixed:8"},
        {"kind": "random_real"},
        {"protocol": EvaluateConfig(networks=("alexnet",))},
    ],
    ids=str,
)
def test_other_runs_are_not_compared_with(tmp_path: Path, difference: dict[str, Any]) -> None:
    recorded(tmp_path, {1000: (50.0,)}, **difference)
    assert expected(tmp_path).by_protocol == ()
    recorded(tmp_path, {1000: (70.0,)}, seed=3)
    assert only(expected(tmp_path)).mean == 70


def test_options_of_a_pool_matter_only_where_networks_come_from_one(tmp_path: Path) -> None:
    recorded(tmp_path, {1000: (70.0,)}, pool_steps=5)
    assert only(expected(tmp_path)).mean == 70
    recorded(tmp_path, {1000: (80.0,)}, pool_steps=5, source="all")
    assert expected(tmp_path, source="all").by_protocol == ()
    assert only(expected(tmp_path, source="all", pool_steps=5)).mean == 80


def test_a_start_is_no_condensed_set(tmp_path: Path) -> None:
    recorded(tmp_path, {0: (50.0,)})
    assert expected(tmp_path).by_protocol == ()


def test_one_set_of_a_race_is_found_by_what_it_is(tmp_path: Path) -> None:
    recorded(tmp_path, {1000: (70.0,)}, sets=[{"images_per_class": 1}, {"images_per_class": 10}])
    assert only(expected(tmp_path)).mean == 70
    assert expected(tmp_path, images_per_class=1).by_protocol == ()


def test_protocols_stand_apart_and_the_best_founded_comes_first(tmp_path: Path) -> None:
    recorded(tmp_path, {500: (60.0,)}, PAPER, seed=0)
    for seed in (0, 1):
        recorded(tmp_path, {500: (70.0,), 2000: (80.0,)}, TWO, seed=seed)
    accuracies = expected(tmp_path).by_protocol
    assert [accuracy.mean for accuracy in accuracies] == [pytest.approx(75), None]
    assert "60.0" in accuracies[1].sentence
    assert accuracies[1].sentence.endswith("the paper's protocol, 1000 epochs")


def test_a_network_that_was_trained_twice_counts_once_and_a_seed_once(tmp_path: Path) -> None:
    run = recorded(tmp_path, {1000: (70.0, 72.0)})
    store(run, 1000, (70.0, 72.0, 74.0), TWO.model_copy(update={"repeats": 3}))
    recorded(tmp_path, {1000: (70.0, 72.0)})  # the same once more
    below = only(expected(tmp_path)).below
    assert below is not None
    assert (below.sets, below.networks, below.mean) == (1, 3, 72)


def test_a_damaged_result_is_named_and_the_others_count(tmp_path: Path) -> None:
    run = recorded(tmp_path, {1000: (10.0,)})
    (file,) = (run.path / "results").iterdir()
    file.write_text("{", encoding="utf-8")
    recorded(tmp_path, {1000: (70.0,)}, seed=1)
    accuracies = expected(tmp_path)
    assert [accuracy.mean for accuracy in accuracies.by_protocol] == [70]
    assert str(file) in accuracies.left_out[0]


def test_a_protocol_is_named_by_what_is_unusual_in_it() -> None:
    usual = ("color", "crop", "cutout", "scale", "rotate")
    assert (
        protocol_name(QUICK.model_copy(update={"augment": usual, "seed": 4})) == "quick protocol, 200 epochs"
    )
    assert protocol_name(EvaluateConfig(epochs=30, batch=64)) == "30 epochs, batch 64"
    assert protocol_name(EvaluateConfig(epochs=1, augment=())) == "1 epoch, no augmentation"
    assert (
        protocol_name(EvaluateConfig(epochs=2, augment=("color", "flip"))) == "2 epochs, augment color,flip"
    )
