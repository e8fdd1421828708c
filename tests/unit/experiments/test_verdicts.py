"""Verdicts against scipy's own test on the runs themselves."""

import math

import pytest
from scipy.stats import ttest_ind

from dmcore.experiments.verdicts import Verdict, holm, p_number, p_text, sets_needed, verdict
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
        assert (result.p is None) == (len(few) < 2)
    alone = verdict(few, few, True)
    assert (alone.ours_mean is None) == (not few)
    assert (alone.ours_std is None) == (len(few) < 2)


@pytest.mark.filterwarnings("error")
def test_sides_that_do_not_vary_resolve_nothing() -> None:
    for theirs in ([0.1] * 4, [0.2] * 3):
        result = verdict([0.1] * 3, theirs, True)
        assert (result.outcome, result.p, result.varies) == ("not resolved", None, False)
        assert (result.ours_std, result.theirs_std) == (0, 0)
        assert sets_needed(result) is None
    assert verdict([0.1], [0.2], True).varies, "of one run it is not known"
    one_side = verdict([60.0] * 3, LOW, True)
    assert (one_side.outcome, one_side.varies) == ("holds", True)
    assert 0 < one_side.p < 0.001


def test_without_runs_there_is_no_mean() -> None:
    assert verdict([], [1.0], True) == Verdict("not resolved", None, 1.0, None, None, 0, 1, None)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0349, "p = 0.035"),
        (0.57, "p = 0.57"),
        (0.0009, "p < 0.001"),
        (0.0503, "p = 0.0503"),
        (0.0496, "p = 0.0496"),
        (0.049996, "p = 0.049996"),
        (0.05, "p = 0.05"),
    ],
)
def test_a_p_is_never_rounded_to_the_level_that_decides(p: float, text: str) -> None:
    assert p_text(p) == text
    assert text.endswith(p_number(p))


def test_a_run_that_failed_is_refused() -> None:
    with pytest.raises(ValueError, match="leave out runs that failed"):
        verdict([1.0, math.nan, 2.0], LOW, True)


def test_the_networks_of_a_set_that_no_seed_changes_are_its_sample() -> None:
    ours, networks = [88.9, 88.1, 88.3], [88.3, 86.4]
    result = verdict(ours, networks, higher_is_better=True, fixed=True)
    assert result.p == pytest.approx(ttest_ind(ours, networks, equal_var=False).pvalue)
    assert (result.outcome, result.ours_n, result.theirs_n, result.fixed) == ("not resolved", 3, 2, True)
    assert verdict(ours, [80.0, 80.2], higher_is_better=True, fixed=True).outcome == "holds"
    assert verdict(ours, [95.0, 95.2], higher_is_better=True, fixed=True).outcome == "reversed"


def test_one_network_of_such_a_set_resolves_nothing() -> None:
    alone = verdict([88.9, 88.1, 88.3], [20.0], higher_is_better=True, fixed=True)
    assert (alone.outcome, alone.p) == ("not resolved", None)
    few = verdict([88.9, 88.1], [20.0, 20.1], higher_is_better=True, fixed=True)
    assert few.outcome == "not resolved"


def test_holm_multiplies_the_smallest_by_all_and_never_reorders() -> None:
    # the example of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
