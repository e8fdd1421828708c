"""What browsers looked at: the last run, and runs whose end they are told of until they have looked."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import ended, start
from support.pages import run_page, switch_page, text_of
from support.small_runs import TINY, made
from support.waiting import until

from app.jobs.manager import JobManager
from app.run import on_screen
from app.run.looked_at import MOST_BROWSERS, MOST_RUNS, LookedAt
from app.run.run_bar import short_accuracy
from dmcore.config import EvaluateConfig

LONG = TINY.model_copy(update={"iterations": 100_000})


@pytest.fixture(autouse=True)
def one_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no cookies: every session of a test is one browser's."""
    for module in ("app.run.on_screen", "app.run.run_bar", "app.views.watch.screen", "app.views.watch.start"):
        monkeypatch.setattr(f"{module}.person_hash", lambda: "one browser")
    memory = LookedAt()
    for module in ("app.run.on_screen", "app.run.run_bar", "app.views.watch.screen"):
        monkeypatch.setattr(f"{module}.LOOKED_AT", memory)


def bar_buttons(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button} & {"run_bar_show", "run_bar_watch"}


def test_each_browser_has_its_last_run_and_those_that_it_awaits() -> None:
    memory = LookedAt()
    memory.look("a", "first", at_work=True)
    memory.look("a", "second", at_work=False)
    memory.expect("b", "third")
    assert (memory.last("a"), memory.last("b")) == ("second", "")
    assert (memory.awaited("a"), memory.awaited("b")) == (("first",), ("third",))
    memory.expect("a", "fourth")
    memory.look("a", "first", at_work=True)
    assert memory.awaited("a") == ("first", "fourth"), "the newest first"
    memory.forget("a", "fourth")
    memory.look("a", "first", at_work=False)
    assert memory.awaited("a") == ()
    for number in range(max(MOST_BROWSERS, MOST_RUNS) + 1):
        memory.expect("b", f"run {number}")
        memory.look(f"browser {number}", "first", at_work=True)
    assert len(memory.awaited("b")) <= MOST_RUNS
    assert memory.last("a") == "", "forgotten long ago"


def test_a_finished_run_is_told_of_on_every_page_until_it_was_looked_at(
    visit: AppTest, process_manager: JobManager
) -> None:
    protocol = EvaluateConfig(repeats=1, epochs=2)
    config = TINY.model_copy(update={"iterations": 300})
    job = start(process_manager, config, "Mine", protocol, started_by="one browser", speed="step")
    until(lambda: job.snapshot is not None)
    page = switch_page(visit, "runs.py")
    assert bar_buttons(page) == {"run_bar_watch"}
    process_manager.throttle.set_speed("full")
    assert ended(job) == "finished"
    page = run_page(page)
    assert bar_buttons(page) == {"run_bar_show"}
    assert "Done:** Mine, " in text_of(page)
    assert "% right" in text_of(page)
    reloaded = AppTest.from_file(str(visit._script_path), default_timeout=60)
    again = switch_page(reloaded, "compare.py")
    assert bar_buttons(again) == {"run_bar_show"}
    again.button(key="run_bar_show").click()
    run_page(again)
    assert again.query_params["run"] in (job.run_id, [job.run_id])
    assert bar_buttons(run_page(page)) == set()


def test_a_run_that_somebody_else_started_is_not_told_of(visit: AppTest, process_manager: JobManager) -> None:
    job = start(process_manager, TINY, "Theirs", started_by="another browser")
    assert ended(job) == "finished"
    assert bar_buttons(switch_page(visit, "runs.py")) == set()


def test_the_watch_page_shows_what_the_browser_looked_at_last_after_a_reload(
    visit: AppTest, root: Path
) -> None:
    run, other = made(root, "Looked at"), made(root, "Newer")
    page = switch_page(visit, "watch.py", run=run.id)
    assert page.subheader[0].value == "Looked at"
    reloaded = AppTest.from_file(str(visit._script_path), default_timeout=60)
    page = switch_page(reloaded, "how_it_works.py")
    page.query_params.clear()
    assert run_page(page.switch_page("../pages/watch.py")).subheader[0].value == "Looked at"
    assert other.id != run.id
    on_screen.LOOKED_AT.look("one browser", "gone", at_work=False)
    fresh = AppTest.from_file(str(visit._script_path), default_timeout=60)
    page = run_page(run_page(fresh).switch_page("../pages/watch.py"))
    assert "run" not in page.query_params, "a run that is gone is not put on screen"


def test_accuracy_of_one_set_and_of_several_in_short() -> None:
    condensed = [SimpleNamespace(kind="condensed", mean=mean) for mean in (71.6, 70.4)]
    real = SimpleNamespace(kind="random_real", mean=48.0)
    assert short_accuracy([real], 360, 10) == ""  # type: ignore[list-item]
    assert short_accuracy([*condensed[:1], real], 360, 10) == "72 % right"  # type: ignore[list-item]
    assert short_accuracy(condensed, None, 10) == "70 to 72 % right"  # type: ignore[arg-type]


def test_accuracy_of_few_test_images_says_how_little_it_means() -> None:
    (lucky, sure) = ([SimpleNamespace(kind="condensed", mean=100 * right / 24)] for right in (13, 22))
    said = short_accuracy(lucky, 24, 2)  # type: ignore[arg-type]
    assert said == "13 of 24 right, as guessing may be: too few test images to tell"
    assert short_accuracy(sure, 24, 2) == "22 of 24 right"  # type: ignore[arg-type]
