"""Titles of synthetic sets: what tells one from the others."""

import re
from pathlib import Path

import pytest
from support.recorded_runs import recorded
from support.small_runs import TINY, record_run

from dmcore.config import SetChange
from dmcore.files.checked_json import write_record
from dmcore.runs.display.titles import run_titles, set_line_label, set_title
from dmcore.runs.folder import RunFolder


@pytest.mark.parametrize(
    ("sets", "labels"),
    [
        ((SetChange(),), ["learned"]),
        ((SetChange(init="noise"),), ["learned"]),
        ((SetChange(), SetChange(init="noise")), ["from real images", "from noise"]),
        (
            (SetChange(), SetChange(init="wrong_class")),
            ["from real images", "from a wrong class"],
        ),
        (
            (SetChange(name="left"), SetChange(name="right"), SetChange(init="noise")),
            ["from real images, left", "from real images, right", "from noise"],
        ),
        (
            (SetChange(images_per_class=1), SetChange(images_per_class=3)),
            ["1 per class", "3 per class"],
        ),
    ],
)
def test_every_line_of_a_chart_has_a_label_of_its_own(
    tmp_path: Path, sets: tuple[SetChange, ...], labels: list[str]
) -> None:
    run = record_run(tmp_path, TINY.model_copy(update={"sets": sets, "iterations": 1}))
    assert [set_line_label(run, name) for name in run.set_names] == labels
    assert len({set_title(run, item) for item in run.sets}) == len(sets)


def _begun(root: Path, created: str, title: str = "Ten images from noise") -> RunFolder:
    run = recorded(root, {})
    description = run.description.model_copy(update={"title": title, "created": created})
    write_record(run.path / "run.json", description)
    return RunFolder(run.path)


def test_runs_of_one_title_are_told_apart_by_when_they_were_begun(tmp_path: Path) -> None:
    days = ("2026-11-29T12:00:00+00:00", "2026-11-28T12:00:00+00:00")
    first, second = (_begun(tmp_path, day) for day in days)
    other = _begun(tmp_path, days[0], "Another")
    titles = run_titles([first, second, other])
    assert titles[other.id] == "Another"
    assert len({*titles.values()}) == 3
    for run, day in ((first, "29"), (second, "28")):
        assert re.fullmatch(rf"Ten images from noise, {day} Nov \d\d:\d\d", titles[run.id])


def test_runs_that_were_begun_in_one_minute_have_the_second_or_their_id(tmp_path: Path) -> None:
    first, *same = (_begun(tmp_path, f"2026-11-29T12:00:0{second}+00:00") for second in (1, 2, 2))
    titles = run_titles([first, *same])
    assert titles[first.id].endswith(":00:01")
    assert [titles[run.id] for run in same] == [f"Ten images from noise, {run.id}" for run in same]
