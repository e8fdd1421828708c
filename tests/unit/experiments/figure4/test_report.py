"""What is said of a race: time to an accuracy, equal iterations, verdicts; its files."""

import json

import pytest
from PIL import Image

from dmcore.experiments.figure4.config import MOMENTS, NAMES, Figure4Config
from dmcore.experiments.figure4.files import as_csv, race_sentences, write_figure4
from dmcore.experiments.figure4.report import (
    PUBLISHED,
    curves,
    equal_iterations,
    final_verdicts,
    time_to_accuracy,
)
from dmcore.experiments.figure4.results import LaneFailure, RacePoint, RaceResults


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def lane(method, seed, accuracies, iterations_per_second=1.0):
    """Points at all moments: the clock doubles from 1 s, after the start."""
    times = [0, *(2**index for index in range(MOMENTS))]
    return tuple(
        RacePoint(
            seed=seed,
            method=method,
            moment=moment,
            seconds=time,
            iterations=time * iterations_per_second,
            accuracies=(accuracy - 0.5, accuracy + 0.5),
        )
        for moment, (time, accuracy) in enumerate(zip(times, accuracies, strict=False))
    )


DM = (50, 60, 70, 74, 75, 75, 75, 75, 75)
DSA = (50, 50, 50, 55, 60, 65, 70, 73, 74)
DC = (10, 10, 20, 30, 40, 50, 60, 65, 68)


def results(seeds=3, lanes=(("dm", DM), ("dsa", DSA), ("dc", DC)), **changes):
    points = [
        point
        for seed in range(seeds)
        for method, accuracies in lanes
        for point in lane(
            method, seed, [level + 0.2 * seed for level in accuracies], 10 if method == "dm" else 1
        )
    ]
    config = Figure4Config(seconds=128, seeds=3, methods=tuple(method for method, _ in lanes))
    return RaceResults(config=config, points=tuple(points), **changes)


def test_time_to_accuracy_is_of_the_highest_level_that_two_methods_reach():
    reached = time_to_accuracy(results())
    assert reached.level == 74
    assert reached.seconds == {"dm": 4, "dc": None, "dsa": 128}
    assert plain(reached.sentence) == (
        "74 % after 2.0 s to 4.0 s with DM, against 64 s to 128 s with DSA; not reached with DC "
        "(mean of 3 races). At the start, in %: DM 50.2, DC 10.2 and DSA 50.2."
    )


def test_one_method_alone_has_no_time_to_compare():
    assert time_to_accuracy(RaceResults(config=Figure4Config())) is None
    assert time_to_accuracy(results(1, (("dm", DM), ("dsa", ())))) is None


def test_a_method_that_was_never_tested_is_not_spoken_of():
    assert "DC" not in time_to_accuracy(results(1, (("dm", DM), ("dsa", DSA), ("dc", ())))).sentence


def test_iterations_that_are_far_apart_are_not_called_equal():
    far = RaceResults(
        config=Figure4Config(methods=("dm", "dc")), points=(*lane("dm", 0, DM, 400), *lane("dc", 0, DC, 0.05))
    )
    assert equal_iterations(far).startswith("At the tests nearest to equal iterations: ")
    assert equal_iterations(results()).startswith("At equal iterations: ")


def test_a_level_of_the_start_is_called_so():
    reached = time_to_accuracy(results(1, (("dm", (50.0, 60)), ("dsa", (50.0, 49)))))
    assert plain(reached.sentence).startswith("50 % at the start with DM and DSA (one race).")


def test_numbers_are_of_complete_races_and_before_of_the_first():
    whole = results()
    broken = whole.model_copy(update={"points": whole.points[:-1]})  # DC of the third race is not done
    assert [curve.points[-1].races for curve in curves(broken)] == [2, 2, 2]
    assert time_to_accuracy(broken).races == 2
    first = whole.model_copy(update={"points": whole.points[:5]})
    assert [(curve.name, len(curve.points)) for curve in curves(first)] == [("DM", 5)]
    assert whole.complete
    assert not broken.complete


def test_a_moment_that_one_race_skipped_has_no_point():
    whole = results()
    points = tuple(p for p in whole.points if (p.method, p.seed, p.moment) != ("dc", 1, 4))
    dm, dc, dsa = curves(whole.model_copy(update={"points": points}))
    assert [point.moment for point in dc.points] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert len(dm.points) == len(dsa.points) == MOMENTS + 1


def test_equal_iterations_are_said_to_be_another_question():
    text = plain(equal_iterations(results()))
    assert "DM 75.2 % after 160 iterations, DC 68.2 % after 128 iterations" in text
    assert "That is another question than time: an iteration of DC or DSA has 10 updates" in text
    assert equal_iterations(RaceResults(config=Figure4Config())) == ""


def test_verdicts_need_three_races():
    assert [outcome.outcome for _, _, outcome in final_verdicts(results())] == ["holds", "holds"]
    assert [outcome.outcome for _, _, outcome in final_verdicts(results(2))] == ["not resolved"] * 2
    sentences = " ".join(map(plain, race_sentences(results())))
    assert (
        "DM against DC after 2 min: holds, 75.2 ± 0.2 % (3 races) against 68.2 ± 0.2 % (3 races)" in sentences
    )


def test_a_failed_lane_ends_its_race_and_is_not_counted_at_the_end():
    lost = results(3, (("dm", DM), ("dc", DC[:4])))
    assert not lost.complete
    failures = tuple(LaneFailure(seed=seed, method="dc", sentence="it diverged") for seed in range(3))
    failed = lost.model_copy(update={"failures": failures})
    assert failed.complete
    assert failed.tests == (54, 54)
    assert [outcome.theirs_n for _, _, outcome in final_verdicts(failed)] == [0]


def test_files_hold_every_network_the_curves_and_the_machine(tmp_path):
    made = results(machine="two cores", data_title="Fashion")
    files = write_figure4(made, tmp_path / "out")
    assert [file.name for file in files] == ["figure4.png", "figure4.csv", "figure4.json"]
    assert Image.open(files[0]).size == (960, 600)
    lines = as_csv(made).splitlines()
    assert len(lines) == 1 + 3 * 3 * (MOMENTS + 1) * 2
    assert lines[1] == "DM,1,0.00,0.00,1,49.50"
    stored = json.loads(files[2].read_text())
    assert stored["time_to_accuracy"] == {
        "percent": 74,
        "seconds": {"dm": 4.0, "dc": None, "dsa": 128.0},
        "not_before": {"dm": 2.0, "dc": 128.0, "dsa": 64.0},
    }
    assert stored["machine"] == "two cores"


def test_the_paper_is_quoted_with_its_machine():
    assert "DM takes under 20 min and DSA 15 h, on one GTX 1080" in PUBLISHED
    assert list(NAMES.values()) == ["DM", "DC", "DSA"]


@pytest.mark.parametrize("seeds", [0, 1])
def test_a_race_that_has_hardly_begun_can_be_described(seeds):
    begun = results(seeds, (("dm", DM[:1]), ("dc", ())))
    assert race_sentences(begun) == []
    assert begun.tests[0] == seeds
