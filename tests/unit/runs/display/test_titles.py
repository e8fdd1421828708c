"""Titles of synthetic sets: what tells one from the others."""

from pathlib import Path

import pytest
from support.small_runs import TINY, record_run

from dmcore.config import SetChange
from dmcore.runs.display.titles import set_line_label, set_title


@pytest.mark.parametrize(
    ("sets", "labels"),
    [
        ((SetChange(),), ["learned"]),
        ((SetChange(init="noise"),), ["learned"]),
        ((SetChange(), SetChange(init="noise")), ["learned, from real images", "learned, from noise"]),
        (
            (SetChange(), SetChange(init="wrong_class")),
            ["learned, from real images", "learned, from a wrong class"],
        ),
        (
            (SetChange(name="left"), SetChange(name="right"), SetChange(init="noise")),
            ["learned, from real images, left", "learned, from real images, right", "learned, from noise"],
        ),
        (
            (SetChange(images_per_class=1), SetChange(images_per_class=3)),
            ["learned, 1 per class", "learned, 3 per class"],
        ),
    ],
)
def test_every_line_of_a_chart_has_a_label_of_its_own(
    tmp_path: Path, sets: tuple[SetChange, ...], labels: list[str]
) -> None:
    run = record_run(tmp_path, TINY.model_copy(update={"sets": sets, "iterations": 1}))
    assert [set_line_label(run, name) for name in run.set_names] == labels
    assert len({set_title(run, item) for item in run.sets}) == len(sets)
