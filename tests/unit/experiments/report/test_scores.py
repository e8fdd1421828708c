"""Scores of DD-Ranking for the rows of a table: hand-worked values, intervals over sets, and refusals."""

import json
from pathlib import Path

import pytest

from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.report.files import as_json, write_table
from dmcore.experiments.report.scores import (
    augmentation_robust_score,
    label_robust_score,
    scores,
)
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.table1 import NAMES, Table1Config

ROWS: dict[str, list[list[float]]] = {
    "Random": [[50.0], [52.0], [54.0]],
    "DM": [[69.0, 71.0], [72.0, 72.0], [74.0, 74.0]],
    "Mean image": [[60.0], [60.0], [60.0]],
    "Whole set": [[90.0, 88.0, 92.0]],
}


def filled(
    rows: dict[str, list[list[float]]] = ROWS,
) -> Results:
    """Results of a table of one column: percents of the networks of each set, by row."""
    facts = catalogue_facts("fashion")
    assert facts is not None
    names = tuple(name for name, title in NAMES.items() if title in rows)
    table = Table1Config(images_per_class=(1,), methods=names).table(facts)
    (column,) = table.columns
    return Results(
        table=table,
        cell_results={
            index: CellResult(
                digest=row if row == "Mean image" else f"{row} {number}",
                network_results=tuple(
                    NetworkResult(repeat=repeat, accuracy=percent) for repeat, percent in enumerate(percents)
                ),
            )
            for row, sets in rows.items()
            for number, (index, percents) in enumerate(zip(table.at(row, column), sets, strict=False))
        },
    )


@pytest.mark.parametrize(
    ("ior", "hlr", "expected"),
    [(0.2, 0.2, 0.268941), (1.0, 0.0, 0.544946), (-1.0, 1.0, 0.0), (1.0, -1.0, 1.0)],
)
def test_the_label_robust_score_equals_hand_worked_values(ior: float, hlr: float, expected: float) -> None:
    assert label_robust_score(ior, hlr) == pytest.approx(expected, abs=1e-6)


def test_the_augmentation_robust_score_equals_hand_worked_values() -> None:
    assert augmentation_robust_score(0.2, 0.1) == pytest.approx(0.337796, abs=1e-6)
    assert augmentation_robust_score(0.0, 0.0) == pytest.approx(0.268941, abs=1e-6)


def test_percents_are_refused() -> None:
    with pytest.raises(ValueError, match="IOR is 20, no difference of fractions: divide percents by 100"):
        label_robust_score(20.0, 0.1)
    with pytest.raises(ValueError, match="HLR is 18, no difference"):
        label_robust_score(0.2, 18.0)
    with pytest.raises(ValueError, match="IOR is -3, no difference"):
        augmentation_robust_score(0.2, -3.0)


def test_rows_are_scored_on_fractions_with_intervals_over_sets() -> None:
    mean_image, dm = scores(filled())
    assert (mean_image.row, dm.row) == ("Mean image", "DM")
    assert (dm.sets, dm.random_sets, dm.whole_networks) == (3, 3, 3)
    assert dm.ior.value == pytest.approx(0.20)
    assert dm.hlr.value == pytest.approx(0.18)
    assert dm.lrs.value == pytest.approx(label_robust_score(0.20, 0.18))
    # means of sets 0.70, 0.72, 0.74 and 0.50, 0.52, 0.54: t(4 degrees) = 2.776445, standard error 0.0163299
    assert dm.ior.low == pytest.approx(0.20 - 0.045339, abs=1e-6)
    assert dm.ior.high == pytest.approx(0.20 + 0.045339, abs=1e-6)
    # the whole set's networks 0.90, 0.88, 0.92 spread as much
    assert dm.hlr.high == pytest.approx(0.18 + 0.045339, abs=1e-6)
    assert dm.lrs.low is not None
    assert dm.lrs.high is not None
    assert dm.lrs.low < dm.lrs.value < dm.lrs.high
    assert dm.texts[0] == "+20.0 (+15.5 to +24.5)"
    assert dm.texts[1] == "18.0 (13.5 to 22.5)"


def test_one_set_has_scores_without_an_interval_and_two_rows_less_have_none() -> None:
    alone = filled({**ROWS, "DM": [[70.0]]})
    assert scores(alone)[1].texts[0] == "+18.0"
    assert scores(alone)[1].lrs.low is None
    assert scores(filled({name: ROWS[name] for name in ("Random", "DM")})) == ()


def test_scores_are_in_the_files_of_a_table(tmp_path: Path) -> None:
    results = filled()
    write_table(results, tmp_path)
    text = (tmp_path / "table1.md").read_text()
    assert "| DM | 1 per class | +20.0 (+15.5 to +24.5) | 18.0 (13.5 to 22.5) | 0.2" in text
    assert "DD-Ranking" in text
    stored = json.loads((tmp_path / "table1.json").read_text())["scores"]
    assert [each["row"] for each in stored] == ["Mean image", "DM"]
    assert stored[1]["ior"]["value"] == pytest.approx(0.20)
    assert as_json(filled({name: ROWS[name] for name in ("Random", "DM")}))["scores"] == []
