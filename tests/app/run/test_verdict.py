"""One verdict on a run, in the same words wherever it stands, with the sets that it is about."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import open_page, plain_spaces, text_of
from support.recorded_runs import store
from support.small_runs import TINY, record_run

from app.data.stored_results import evaluation_results
from app.views.runs.card import thumbnail_text
from dmcore.config import EvaluateConfig, SetChange
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import PlainVerdict, run_verdict

THREE = EvaluateConfig(repeats=3)


@pytest.fixture
def run(root: Path) -> RunFolder:
    """A tested run whose learned images are hardly ahead."""
    root.mkdir(exist_ok=True)
    run = record_run(root, TINY, "Judged")
    store(run, run.iteration(), (51.0, 52.0, 54.0), THREE)
    store(run, run.iteration(), (50.0, 51.0, 53.0), THREE, kind="random_real")
    return run


def verdict_on(run: RunFolder) -> PlainVerdict:
    verdict = run_verdict(run, evaluation_results(run))
    assert verdict is not None
    return verdict


def read(page: AppTest) -> str:
    return text_of(page).replace("\\", "")


def test_watch_its_result_card_and_runs_give_the_same_reason_and_say_what_it_leaves_open(
    run: RunFolder,
) -> None:
    verdict, watch, runs = verdict_on(run), read(open_page("watch.py", run=run.id)), open_page("runs.py")
    assert verdict.judgement == "too close to be sure"
    scope = plain_spaces(verdict.scope)
    whole = f"**{plain_spaces(verdict.sentence)}** {scope}"
    assert whole in watch
    assert whole in read(runs)
    assert f"Too close to be sure. {scope}" in watch, "on the result card"
    assert "52 % right against" not in read(runs)


def test_a_card_names_the_set_of_its_accuracy_and_those_of_its_picture(root: Path) -> None:
    root.mkdir(exist_ok=True)
    sets = (SetChange(name="many", images_per_class=5), SetChange(init="noise"))
    run = record_run(root, TINY.model_copy(update={"sets": sets}), "Two sizes")
    store(run, run.iteration(), (51.0, 52.0, 54.0), THREE)
    assert thumbnail_text(run) == "Rows: 5 per class, from real images; 2 per class, from noise."
    text = read(open_page("runs.py"))
    assert thumbnail_text(run) in text
    assert "**2 per class, from noise: 52.3 ± 0.0 % right" in text
    alone = record_run(root, TINY)
    assert thumbnail_text(alone) == ""
