"""Verdicts against scipy's own test on the runs themselves."""

import math

import pytest
from scipy.stats import ttest_ind

from dmcore.experiments.verdicts import Verdict, verdict
from dmcore.randomness import numpy_generator

HIGH = [53.1, 52.7, 53.9, 53.02]
LOW = [50.2, 51.0, 49.8, 50.4, 50.9]


@pytest.mark.parametrize(
    ("ours", "theirs", "higher_is_better", "outcome"),
    [
        (HIGH, LOW, True, "holds"),
        (HIGH, LOW, False, "reversed"),
        (LOW, HIGH, True, "reversed"),
        (LOW, HIGH, False, "holds"),
        (HIGH, [53.2, 52.9, 53.6], True, "not resolved"),
    ],
)
def test_better_and_significant_holds_and_worse_and_significant_is_reversed(
    ours: list[float], theirs: list[float], higher_is_better: bool, outcome: str
) -> None:
    assert verdict(ours, theirs, higher_is_better).outcome == outcome


def test_numbers_equal_those_of_welchs_test_on_the_runs() -> None:
    random = numpy_generator(0, 0, "test")
    for n, m in ((2, 2), (3, 9), (12, 4)):
        ours, theirs = random.normal(0, 1, n).tolist(), random.normal(0.5, 3, m).tolist()
        result = verdict(ours, theirs, True)
        assert result.p == pytest.approx(ttest_ind(ours, theirs, equal_var=False).pvalue, rel=1e-9)
        mean = sum(ours) / n
        assert result.ours_mean == pytest.approx(mean)
        assert result.ours_std == pytest.approx(
            math.sqrt(sum((value - mean) ** 2 for value in ours) / (n - 1))
        )
        assert (result.ours_n, result.theirs_n) == (n, m)


def test_significance_starts_below_five_percent() -> None:
    base = [0.0, 1.0, 2.0]
    # both have variance 1: t = shift / sqrt(2 / 3) with 4 degrees of freedom, and 2.7764 is its 5 % point
    shift = 2.7764451 * math.sqrt(2 / 3)
    assert verdict([value + shift * 1.001 for value in base], base, True).outcome == "holds"
    assert verdict([value + shift * 0.999 for value in base], base, True).outcome == "not resolved"


@pytest.mark.parametrize("few", [[], [90.0], [90.0, 90.1]])
def test_fewer_than_three_runs_resolve_nothing(few: list[float]) -> None:
    for result in (verdict(few, LOW, True), verdict(LOW, few, True)):
        assert result.outcome == "not resolved"
        assert result.sentence.endswith("not resolved, a verdict needs 3 runs on each side.")
        assert (result.p is None) == (len(few) < 2)
    alone = verdict(few, few, True)
    assert (alone.ours_mean is None) == (not few)
    assert (alone.ours_std is None) == (len(few) < 2)


@pytest.mark.filterwarnings("error")
def test_sides_that_do_not_vary_are_compared_by_their_means() -> None:
    same = verdict([0.1] * 3, [0.1] * 4, True)
    assert (same.outcome, same.p, same.ours_std) == ("not resolved", 1, 0)
    assert "equals" in same.sentence
    other = verdict([0.1] * 3, [0.2] * 3, True)
    assert (other.outcome, other.p) == ("reversed", 0)
    assert other.sentence.endswith("reversed, though no side varies: check that the runs are independent.")
    one_side = verdict([60.0] * 3, LOW, True)
    assert one_side.outcome == "holds"
    assert 0 < one_side.p < 0.001


def test_the_sentence_carries_means_spreads_numbers_and_p() -> None:
    assert verdict(HIGH, [52.1, 52.9, 53.6], True).sentence == (
        "Ours, 53.18 ± 0.51 (n = 4), is better than theirs, 52.87 ± 0.75 (n = 3): "
        "not resolved (Welch's t-test, p = 0.57)."
    )
    assert verdict(HIGH, LOW, False).sentence == (
        "Ours, 53.18 ± 0.51 (n = 4), is worse than theirs, 50.46 ± 0.5 (n = 5): "
        "reversed (Welch's t-test, p < 0.001)."
    )
    assert verdict([], [1.0], True) == Verdict(
        "not resolved",
        None,
        1.0,
        None,
        None,
        0,
        1,
        None,
        "Ours, no runs, against theirs, 1 (n = 1): not resolved, a verdict needs 3 runs on each side.",
    )


def test_a_run_that_failed_is_refused() -> None:
    with pytest.raises(ValueError, match="leave out runs that failed"):
        verdict([1.0, math.nan, 2.0], LOW, True)


def test_against_one_number_that_nothing_changes_ours_alone_vary() -> None:
    from scipy.stats import ttest_1samp

    ours = [70.4, 71.5, 71.1]
    result = verdict(ours, [56.2], higher_is_better=True, fixed=True)
    assert result.p == pytest.approx(float(ttest_1samp(ours, 56.2).pvalue))
    assert (result.outcome, result.ours_n, result.theirs_n, result.fixed) == ("holds", 3, 1, True)
    assert verdict(ours, [71.0], higher_is_better=True, fixed=True).outcome == "not resolved"
    assert verdict(ours, [80.0], higher_is_better=True, fixed=True).outcome == "reversed"
    assert verdict(ours[:2], [56.2], higher_is_better=True, fixed=True).outcome == "not resolved"
