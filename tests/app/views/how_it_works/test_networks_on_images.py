"""Chapter 4 beside real images: the recorded table 4 with its verdicts, or nothing where none is recorded."""

from html import unescape

import pytest
from support.pages import html_of, open_page

from app.views.how_it_works import networks_on_images
from app.views.how_it_works.networks_on_images import (
    TRAINED,
    compared_with,
    comparisons_with_fixed,
    fixed_network_on_images,
    trained_networks_on_images,
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
    assert trained_networks_on_images() == ""


def test_whether_trained_networks_are_better_is_answered_from_the_recorded_table() -> None:
    results = next(
        entry.results
        for entry in recorded_entries()
        if entry.results is not None and entry.results.table.name == "table4"
    )
    comparisons = compared_with(results, TRAINED)
    text = unescape(trained_networks_on_images())
    assert text.startswith("<b>Would trained networks be better?</b> Not that one can tell here")
    assert len(comparisons) == 2
    for comparison in comparisons:
        assert comparison.outcome == "not resolved"
        assert f"{comparison.ours.mean_text}\N{NO-BREAK SPACE}% right with random and " in text
        assert f"{comparison.theirs.mean_text}\N{NO-BREAK SPACE}% with trained networks" in text
    page = open_page("how_it_works.py", chapter="ever-new-networks", guess="new")
    assert any("Would trained networks be better?" in body for body in html_of(page))
    assert "how_it_works_images" in {button.key for button in page.button}, "with the way to all of it"
    asked = open_page("how_it_works.py", chapter="ever-new-networks")
    assert not any("Would trained networks" in body for body in html_of(asked))
