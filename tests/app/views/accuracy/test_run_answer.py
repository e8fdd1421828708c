"""What the Accuracy page tells of a run at once: its own test, and what was recorded on its data."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import html_of, open_page, text_of
from support.recorded_runs import store
from support.small_runs import TINY, record_run

from app.data.recorded import set_recorded_hidden
from app.views.accuracy.address import comparison_query
from app.views.accuracy.own_choices import ADDRESS
from app.views.accuracy.run_answer import UNTESTED
from dmcore.config import EvaluateConfig
from dmcore.experiments.own_sets import sets_query
from dmcore.runs.folder import RunFolder

TESTED = EvaluateConfig(epochs=200, repeats=3)
RECORDED = "**Recorded**, 1 image per class"


def a_run(root: Path, seed: int = 0) -> RunFolder:
    config = TINY.model_copy(update={"images_per_class": 1, "seed": seed})
    return record_run(root, config, "Ten *digits*")


def answer_of(run: RunFolder) -> AppTest:
    page = open_page("accuracy.py", **comparison_query(run))
    assert not page.exception, page.exception
    return page


def read(page: AppTest) -> str:
    return text_of(page).replace("\\", "")


def test_a_run_that_was_not_tested_says_so_and_offers_the_test(root: Path) -> None:
    page = answer_of(a_run(root))
    assert f"**Ten *digits***: {UNTESTED}" in read(page)
    assert any(button.key.startswith("evaluate_") for button in page.button)
    assert RECORDED not in read(page)


def test_a_tested_run_gets_a_verdict_and_its_numbers(root: Path) -> None:
    run = a_run(root)
    store(run, TINY.iterations, (70.0, 71.0, 72.0), TESTED)
    store(run, TINY.iterations, (40.0, 41.0, 42.0), TESTED, "random_real")
    page = answer_of(run)
    assert UNTESTED not in read(page)
    rows = "".join(html_of(page))
    assert "71.0" in rows
    assert "41.0" in rows


@pytest.mark.parametrize("hidden", [False, True])
def test_what_was_recorded_on_its_data_stands_below_unless_hidden(
    gallery: Path, root: Path, hidden: bool
) -> None:
    if hidden:
        set_recorded_hidden(True)
    assert (RECORDED in read(answer_of(a_run(root)))) != hidden


def test_several_runs_have_no_answer_of_one(root: Path) -> None:
    runs = [a_run(root, seed) for seed in range(2)]
    sets = {f"{run.id}:{run.set_names[0]}": None for run in runs}
    page = open_page("accuracy.py", **{**comparison_query(runs[0]), ADDRESS: sets_query(sets)})
    assert not page.exception, page.exception
    assert UNTESTED not in read(page)


def test_two_numbers_for_random_real_images_are_told_apart(gallery: Path, root: Path) -> None:
    run = a_run(root)
    assert "Two numbers for random real images" not in read(answer_of(run)), "it was not tested"
    store(run, TINY.iterations, (70.0, 71.0, 72.0), TESTED)
    store(run, TINY.iterations, (40.0, 41.0, 42.0), TESTED, "random_real")
    told = read(answer_of(run))
    assert "Two numbers for random real images: 41.0 ± 0.0 % is of this run's own draws (one draw, 3" in told
    assert "of those of the table (" in told
