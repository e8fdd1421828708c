"""Chapter 4 beside real images: the recorded table 4 with its verdicts, or nothing where none is recorded."""

from html import unescape

import pytest

from app.views.how_it_works import networks_on_images
from app.views.how_it_works.networks_on_images import (
    comparisons_with_fixed,
    fixed_network_on_images,
)
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.report.comparisons import RowComparison


def recorded_comparisons() -> list[RowComparison]:
    for entry in recorded_entries():
        if entry.results is not None and entry.results.table.name == "table4":
            return comparisons_with_fixed(entry.results)
    pytest.fail("the gallery has no table 4")


def test_numbers_and_verdicts_are_those_of_the_recorded_table() -> None:
    comparisons = recorded_comparisons()
    text = unescape(fixed_network_on_images())
    assert len(comparisons) == 2
    for comparison in comparisons:
        assert comparison.theirs.row == "1 fixed"
        new, fixed = comparison.ours.mean_text, comparison.theirs.mean_text
        assert f"{new}\N{NO-BREAK SPACE}% with a new network in each step, and {fixed}" in text
        assert f"With {comparison.ours.column}, " in text
        assert f">{comparison.outcome}</span>" in text
        assert comparison.sentence in text
    assert [each.outcome for each in comparisons] == ["seems to hold", "not resolved"]


def test_without_a_recorded_table_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks_on_images, "recorded_entries", tuple)
    assert fixed_network_on_images() == ""
