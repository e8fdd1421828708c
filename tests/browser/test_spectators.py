"""Two browsers on one app: what one starts, judges and deletes neither breaks nor moves the other's page."""

import hashlib
import re

import pytest
from playwright.sync_api import expect
from support.recorded_runs import store
from support.servers import with_key
from support.small_runs import made, record_run
from support.small_zip import made_zip
from support.waiting import PATIENCE, until
from support.watching import LONG, at_work, press, run_of, says, spaced, stage, start, wait_beyond

from app.data.recorded import FILE, RecordedSettings
from app.setup.person import COOKIE
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.files.checked_json import write_record
from dmcore.runs.description import Status
from dmcore.runs.results.prediction import write_prediction

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ERROR_BOX = "[data-testid='stException']"
OFFER = ".st-key-run_bar_watch button"


@pytest.fixture
def hidden_recorded(app):
    """Recorded results are hidden for one test: each table shows what this app has computed."""
    app.runs_root.mkdir(parents=True, exist_ok=True)
    write_record(app.runs_root / FILE, RecordedSettings(hidden=True))
    yield
    (app.runs_root / FILE).unlink()


@pytest.fixture
def other(app, open_page):
    """Open the app in a browser of its own, which shares no cookie with any other."""
    return lambda following="": open_page(f"{app.address}/{following}", fresh=True)


@pytest.fixture
def browsers(app, chromium):
    """So many browsers, each with the app opened at what follows its address; their consoles may complain."""
    contexts = []

    def open_each(*followings):
        pages = []
        for following in followings:
            contexts.append(chromium.new_context(viewport={"width": 1280, "height": 720}))
            pages.append(contexts[-1].new_page())
            pages[-1].goto(with_key(f"{app.address}/{following}"))
        return pages

    yield open_each
    for context in contexts:
        context.close()


def form_of(page):
    """The field of the iterations, once the form is on screen."""
    field = page.get_by_label("Iterations", exact=True)
    expect(field).to_be_visible(timeout=PATIENCE * 1000)
    return field


def unbroken(*pages):
    for page in pages:
        expect(page.locator(ERROR_BOX)).to_have_count(0)
        expect(page.get_by_text("encountered an error")).to_have_count(0)


def test_a_half_filled_form_stays_when_another_browser_starts_a_run_and_one_click_shows_that(
    app, visit, other
):
    spectator = other("?setup=open")
    field = form_of(spectator)
    field.fill("321")
    field.press("Enter")
    spectator.wait_for_url(re.compile("iterations=321"))
    run = start(app, visit(f"?{LONG}"))
    expect(spectator.locator(OFFER)).to_be_visible(timeout=PATIENCE * 1000)
    expect(spectator.locator(".st-key-run_bar")).to_contain_text(run.description.title)
    expect(field).to_have_value("321")
    assert "run=" not in spectator.url
    unbroken(spectator)
    spectator.locator(OFFER).click()
    expect(stage(spectator)).to_be_visible(timeout=PATIENCE * 1000)
    assert run_of(app, spectator).id == run.id
    wait_beyond(spectator, 3)
    # nothing that was filled in is lost: it stands next to the run as what differs
    expect(spectator.locator(".st-key-watch_form_differs")).to_contain_text("iterations 321 instead of")
    expect(spectator.locator(OFFER)).to_have_count(0)
    unbroken(spectator)


def test_an_untouched_form_takes_the_set_up_of_anothers_run_that_is_put_on_screen(app, visit, other):
    spectator = other("?setup=open")
    form_of(spectator)
    run = start(app, visit(f"?{LONG}&momentum=0.9"))
    spectator.locator(OFFER).click(timeout=PATIENCE * 1000)
    expect(stage(spectator)).to_be_visible(timeout=PATIENCE * 1000)
    assert run_of(app, spectator).id == run.id
    expect(spectator.locator(".st-key-watch_form_differs")).to_have_count(0)
    spectator.wait_for_url(re.compile("momentum=0.9"))
    unbroken(spectator)
    reached = wait_beyond(spectator, 3)
    spectator.reload()
    expect(stage(spectator)).to_be_visible(timeout=PATIENCE * 1000)
    wait_beyond(spectator, reached)
    expect(spectator.locator(".st-key-watch_form_differs")).to_have_count(0)


def test_pages_stay_unbroken_while_another_browser_judges_own_images_and_deletes_the_run(
    app, browsers, tmp_path
):
    config = CondenseConfig(
        dataset=str(made_zip(tmp_path)), images_per_class=1, width=65, depth=1, real_batch=4, iterations=5
    )
    run = record_run(app.runs_root, config, "Pictures of mine")
    form, watching, lecturer = browsers("?setup=open", f"?run={run.id}", f"?run={run.id}")
    form_of(form)
    says(watching, "finished")
    lecturer.locator(".st-key-evaluate_condensed button:visible").click(timeout=PATIENCE * 1000)
    expect(form.locator(OFFER)).to_be_visible(timeout=PATIENCE * 1000)
    says(watching, "evaluating")
    assert "run=" not in form.url
    unbroken(form, watching, lecturer)
    form.locator(OFFER).click()
    says(form, "evaluating")
    assert run_of(app, form).id == run.id
    press(lecturer, "Stop")
    says(watching, "finished")
    lecturer.goto(f"{app.address}/runs")
    card = lecturer.locator(f".st-key-runs_card_{run.id}")
    card.get_by_role("button", name="Delete").click(timeout=PATIENCE * 1000)
    press(lecturer, "Delete it")
    until(lambda: not run.path.exists(), "the run is deleted")  # of which the console writes 404
    for page in (form, watching):
        expect(page.get_by_test_id("stAlert")).to_contain_text(run.id, timeout=PATIENCE * 1000)
    unbroken(form, watching, lecturer)


def test_who_opens_the_app_in_the_middle_of_a_run_sees_it_and_keeps_it_when_the_next_begins(
    app, visit, other
):
    lecturer = visit(f"?{LONG}")
    run = start(app, lecturer)
    spectator = other()
    expect(stage(spectator)).to_be_visible(timeout=PATIENCE * 1000)
    assert run_of(app, spectator).id == run.id
    press(lecturer, "Stop")
    says(spectator, "stopped")
    assert not at_work(app)
    press(lecturer, "New run")
    form_of(lecturer)
    next_run = start(app, lecturer)
    expect(spectator.locator(OFFER)).to_be_visible(timeout=PATIENCE * 1000)
    says(spectator, "stopped")
    assert run_of(app, spectator).id == run.id != next_run.id
    assert run.status() is Status.INTERRUPTED
    unbroken(spectator, lecturer)


def test_the_counters_above_a_table_are_its_own_while_anything_is_at_work(app, hidden_recorded, visit, other):
    start(app, visit(f"?{LONG}"))
    page = other("accuracy")
    counters = page.locator(".st-key-table_status p")
    expect(counters).to_contain_text(spaced("0 of 69 networks"), timeout=PATIENCE * 1000)
    for name, networks in (("Table 2", "12"), ("Figure 5", "27"), ("Table 1", "69"), ("paper", "1 725")):
        page.get_by_role("radio", name=name, exact=True).click()
        expect(counters).to_contain_text(spaced(f"0 of {networks} networks"), timeout=PATIENCE * 1000)
    unbroken(page)


def test_you_predicted_is_read_by_who_predicted_after_a_reload_too_and_by_nobody_else(app, browsers):
    run = made(app.runs_root)
    store(run, 4, (61.0, 63.0), EvaluateConfig(repeats=5))  # stopped after two of five networks
    own, others = browsers(f"?run={run.id}", f"?run={run.id}")
    says(own, "finished")
    (cookie,) = [cookie for cookie in own.context.cookies() if cookie["name"] == COOKIE]
    write_prediction(run, 60.0, hashlib.sha256(cookie["value"].encode()).hexdigest()[:32])
    compared = "60 %: it is 62.0 ± 0.0 % (2 networks), 2 points above. This rests on 2 of 5 networks"
    for page, who in ((own, "You predicted"), (others, "The prediction before the start was")):
        page.reload()
        card = page.locator(".st-key-result_card")
        expect(card).to_contain_text(spaced(f"{who} {compared}"), timeout=PATIENCE * 1000)
        expect(card).to_contain_text("2 of 5 fresh networks (stopped before the others)")
    expect(others.locator(".st-key-result_card")).not_to_contain_text("You predicted")
