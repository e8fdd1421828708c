"""The whole app as a person meets it: the console script in a terminal, a real Chromium, and the run folders.

Every test says what the page shows and what the run folder holds. Set-ups come through the address.
"""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from support.steadiness import TICKS, assert_steady, drawn_often
from support.waiting import PATIENCE, until
from support.watching import (
    LONG,
    LOSS_FIGURE,
    READ_LANE,
    SHORT,
    SMALL,
    STAGE,
    at_work,
    checkpoints,
    events,
    iteration,
    owner_state,
    press,
    run_of,
    says,
    spaced,
    stage,
    standing,
    start,
    wait_beyond,
)

from dmcore.runs.description import Status
from dmcore.runs.display import to_display_images
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# From now on, every place at which this node is painted, in pixels.
PLACES_OVER_TIME = """
node => {
  window.places = [];
  const look = () => {
    const {x, y} = node.getBoundingClientRect();
    if (!places.some(place => Math.hypot(place[0] - x, place[1] - y) < 2)) places.push([x, y]);
    requestAnimationFrame(look);
  };
  look();
}
"""

# Click Start, wait for the first start images on the canvas, look again some seconds later.
START_AND_LOOK = (
    "async ([stage, title, seconds]) => {"
    + READ_LANE
    + """
  const frame = () => new Promise(requestAnimationFrame), find = node => {
    for (const element of node.querySelectorAll('*')) {
      if (element.matches(stage)) return element;
      const below = element.shadowRoot && find(element.shadowRoot);
      if (below) return below;
    }
  };
  const clicked = performance.now();
  [...document.querySelectorAll('button')].find(button => button.textContent.trim() === 'Start').click();
  let canvas;
  while (!(canvas = find(document)) || !canvas.dataset.iteration) {
    if (performance.now() - clicked > 60000) return null;
    await frame();
  }
  const stood = performance.now(), first = canvas.dataset.iteration, before = readLane(canvas, title);
  while (performance.now() - stood < 1000 * seconds) await frame();
  return {
    untilStood: (stood - clicked) / 1000, first: +first, last: +canvas.dataset.iteration,
    before, after: readLane(canvas, title),
  };
}"""
)


def test_three_starts_stand_at_once_and_the_noise_moves_visibly_within_three_seconds(app, visit, capsys):
    for attempt in range(3):  # a busy machine has quiet moments
        page = visit("?init=real&init=noise&init=wrong+class")  # the preset of three starts
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=PATIENCE * 1000)
        expect(page.locator("canvas[aria-label*='real images']")).to_be_visible(timeout=PATIENCE * 1000)
        seen = page.evaluate(START_AND_LOOK, ["canvas[aria-label^='Synthetic images']", "from noise", 3])
        before, after = (np.array(seen[name], dtype=float) for name in ("before", "after"))
        moved = np.abs(after - before).mean()
        with capsys.disabled():
            print(
                f"\nstart images after {seen['untilStood']:.2f} s at iteration {seen['first']}; 3 s later, "
                f"at iteration {seen['last']}, the noise has moved by {moved:.1f} of 255"
            )
        if (seen["untilStood"] < 5 and moved >= 8) or attempt == 2:
            break
        press(page, "Stop")
        until(lambda: not at_work(app), "the run stops")
    assert len(before) == len(after) >= 10 * 40 * 40
    assert min(before.min(), after.min()) >= 0  # opaque everywhere: the images were read, and nothing beside
    assert before.std() > 20
    assert seen["untilStood"] < 5
    assert seen["first"] <= 8
    assert moved >= 8
    # slow at first, and so it is said: no iteration in less than 0.12 s
    assert seen["last"] <= (seen["untilStood"] + 3.5) / 0.12
    pace = page.get_by_role("radiogroup", name="Speed")
    slow = pace.get_by_role("radio", name=re.compile("slow at first"))
    expect(slow).to_have_attribute("aria-checked", "true")
    run = run_of(app, page)
    assert run.set_names == ("real-1", "noise-1", "wrong_class-1")
    assert run.config.iterations == 500
    assert run.status() is Status.RUNNING
    start_noise = to_display_images(run.snapshot("noise-1", 0).pixels, run.description.data)
    assert abs(start_noise.mean() - before.mean()) < 25
    assert max(events(run)) >= seen["first"]


def test_pause_stands_still_stop_leaves_a_checkpoint_and_resume_goes_on_to_the_end(app, visit):
    page = visit(f"?{SHORT}")
    run = start(app, page)
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible()
    stop.evaluate(PLACES_OVER_TIME)
    press(page, "Pause")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    until(lambda: owner_state(run) == "paused", "owner.json says paused")
    says(page, "paused")
    stands = standing(page)
    assert standing(page, 1.5) == stands
    assert run.status() is Status.PAUSED
    assert stands - 40 <= max(events(run)) <= stands  # losses reach the disk four times a second
    press(page, "Go on")
    wait_beyond(page, stands)
    says(page, "running")
    until(lambda: owner_state(run) == "running", "owner.json says running")
    assert len(page.evaluate("places")) == 1  # or Stop slips from under a pressed mouse
    press(page, "Stop")
    says(page, "stopped")
    until(lambda: run.status() is Status.INTERRUPTED, "the folder says that it was broken off")
    stopped = run.iteration()
    assert stopped < run.config.iterations
    assert checkpoints(run)[-1] == max(events(run)) == stopped
    says(page, f"iteration {stopped} of 500")
    press(page, "Resume")
    wait_beyond(page, stopped)
    says(page, "finished", "iteration 500 of 500")
    assert run.status() is Status.FINISHED
    assert run.result().iteration == 500
    assert events(run) == list(range(1, 501))


def test_paces_step_by_step_slow_and_full(app, visit, capsys):
    page = visit("?setup=open")  # its preset begins slowly, so that the first iterations are still to come
    press(page, "Start")
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    run = run_of(app, page)
    page.get_by_role("radio", name="step by click").click()
    expect(page.get_by_role("button", name="One iteration")).to_be_visible()
    before = standing(page, 2)  # the iteration that was begun ends first
    for count in range(1, 4):
        press(page, "One iteration")
        wait_beyond(page, before + count - 1)
        assert standing(page) == before + count
    rates = {}
    for speed, least in (("slow at first", before + 3), ("full speed", 60)):
        page.get_by_role("radio", name=re.compile(speed)).click()
        first, began = wait_beyond(page, least), time.monotonic()
        last, ended = wait_beyond(page, first + 30), time.monotonic()  # seconds, against looks that come late
        rates[speed] = (last - first) / (ended - began)
    with capsys.disabled():
        print(
            f"\nslow pace {rates['slow at first']:.1f} iterations/s from iteration {before}, "
            f"full {rates['full speed']:.1f}"
        )
    assert rates["slow at first"] < 1.3 / 0.12
    says(page, "running")
    assert run.status() is Status.RUNNING
    press(page, "Stop")
    says(page, "stopped")
    assert events(run) == list(range(1, run.iteration() + 1))  # no iteration twice, none left out


def test_a_reload_shows_the_same_run_and_it_goes_on(app, visit):
    page = visit(f"?{LONG}")
    run = start(app, page)
    reached = iteration(page)
    page.reload()
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    assert run_of(app, page).id == run.id
    now = wait_beyond(page, reached)
    wait_beyond(page, now)
    says(page, "running", "of 20 000")
    assert "width=65" in page.url
    assert len(list_runs(app.runs_root)) == len({run.id for run in list_runs(app.runs_root)})
    assert list_runs(app.runs_root)[0].id == run.id  # nothing new was started
    assert run.status() is Status.RUNNING


def test_a_second_tab_sees_the_same_job_and_its_pause(app, visit):
    first = visit(f"?{LONG}")
    run = start(app, first)
    second = visit()
    expect(stage(second)).to_be_visible(timeout=PATIENCE * 1000)
    assert run_of(app, second).id == run.id
    wait_beyond(second, 3)
    press(first, "Pause")
    expect(second.get_by_role("button", name="Go on")).to_be_visible(timeout=PATIENCE * 1000)
    says(second, "paused")
    until(lambda: owner_state(run) == "paused", "owner.json says paused")
    assert standing(first) == standing(second) >= run.iteration()
    press(second, "Go on")
    expect(first.get_by_role("button", name="Pause")).to_be_visible(timeout=PATIENCE * 1000)
    wait_beyond(first, iteration(first))
    assert run.status() is Status.RUNNING


def test_a_run_goes_on_to_the_end_when_every_tab_is_closed(app, visit):
    page = visit(f"?{SHORT}")
    run = start(app, page)
    page.close()
    assert run.status() is Status.RUNNING
    until(lambda: run.status() is Status.FINISHED, "the run ends without a page")
    assert run.result().iteration == 500
    again = visit(f"?run={run.id}")
    says(again, "finished", "iteration 500 of 500")
    assert iteration(again) == 500


def test_leaving_for_runs_and_coming_back_keeps_run_layer_and_form(app, visit):
    page = visit(f"?{LONG}")
    run = start(app, page)
    page.get_by_role("radio", name="change ×16").click()
    expect(page.locator(f"{STAGE}[aria-label*='amplified ×16']")).to_be_visible()
    page.get_by_role("button", name="Set-up").click()
    iterations = page.get_by_label("Iterations", exact=True)
    iterations.fill("321")
    iterations.press("Enter")
    differs = page.locator(".st-key-watch_form_differs")
    expect(differs).to_contain_text(spaced("iterations 321 instead of 20 000"))
    page.keyboard.press("Escape")
    reached = iteration(page)
    page.get_by_role("link", name="Runs").click()
    entry = page.locator(f".st-key-runs_card_{run.id}")
    expect(entry).to_contain_text("running")
    expect(entry).to_contain_text(re.compile(r"iteration \d"))
    page.get_by_role("link", name="Watch").click()
    expect(page.locator(f"{STAGE}[aria-label*='amplified ×16']")).to_be_visible()
    assert run_of(app, page).id == run.id
    expect(differs).to_contain_text(spaced("iterations 321 instead of 20 000"))
    wait_beyond(page, reached)
    assert run.config.iterations == 20_000
    assert run.status() is Status.RUNNING


def test_a_run_of_a_terminal_is_watched_live(app, visit):
    command = [str(Path(sys.executable).with_name("dmcore")), "condense", "--dataset", "digits"]
    options = "--images-per-class 1 --width 65 --depth 1 --real-batch 16 --iterations 400 --threads 1"
    before = {run.id for run in list_runs(app.runs_root)}
    with subprocess.Popen(
        [*command, *options.split(), "--runs-root", str(app.runs_root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as terminal:
        try:
            run = until(
                lambda: next((run for run in list_runs(app.runs_root) if run.id not in before), None),
                "the terminal's run is there",
            )
            page = visit(f"?run={run.id}")
            says(page, "running")
            seen = wait_beyond(page, 0)
            wait_beyond(page, seen)
            assert page.get_by_role("button", name="Pause").count() == 0  # another process decides
            assert json.loads((run.path / "owner.json").read_text())["pid"] == terminal.pid
            says(page, "finished", "iteration 400 of 400")
            assert terminal.wait(PATIENCE) == 0
        finally:
            terminal.terminate()
    assert run.result().iteration == 400
    assert iteration(page) == 400


def test_an_unknown_run_is_named_and_the_links_set_up_is_offered(app, visit):
    before = [run.id for run in list_runs(app.runs_root)]
    page = visit(f"?run=20200101-000000-digits-none&{SMALL}&iterations=77")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("20200101-000000-digits-none", timeout=PATIENCE * 1000)
    expect(warning).to_contain_text("The link's set-up is filled in below: Start runs the same.")
    expect(page.get_by_label("Iterations", exact=True)).to_have_value("77")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    assert [run.id for run in list_runs(app.runs_root)] == before
    run = start(app, page)
    assert (run.config.iterations, run.config.width, run.config.depth) == (77, 65, 1)
    says(page, "finished")
    assert run.status() is Status.FINISHED


def test_the_runs_page_opens_a_run_and_deletes_one_only_when_asked_twice(app, visit):
    page = visit(f"?{SMALL}&iterations=20")
    press(page, "Start")
    says(page, "finished")
    run = run_of(app, page)
    page.goto(f"{app.address}/runs")
    entry = page.locator(f".st-key-runs_card_{run.id}")
    expect(entry).to_contain_text("finished, iteration 20 of 20", timeout=PATIENCE * 1000)
    entry.get_by_role("button", name="Open").click()
    says(page, "finished", "iteration 20 of 20")
    assert run_of(app, page).id == run.id
    page.get_by_role("link", name="Runs").click()
    entry.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert run.status() is Status.FINISHED
    entry.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(entry).to_have_count(0)
    assert not run.path.exists()


def test_over_fifty_ticks_canvas_and_figure_stay_nothing_is_blank_and_zoom_survives(app, visit, capsys):
    page = drawn_often(visit(f"?{LONG}"))
    run = start(app, page)
    page.wait_for_selector(LOSS_FIGURE, timeout=PATIENCE * 1000)
    wait_beyond(page, 30)
    first = iteration(page)
    assert_steady(page, stage(page), page.locator(LOSS_FIGURE), 30, capsys)
    assert max(events(run)) >= first + TICKS


def test_images_that_run_away_are_a_sentence_with_a_remedy_and_the_server_lives(app, visit):
    page = visit(f"?{SMALL}&iterations=60&image_lr=1e30")
    press(page, "Start")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("is no longer a number", timeout=PATIENCE * 1000)
    expect(alert).to_contain_text(re.compile(r"lower image learning rate"))
    run = run_of(app, page)
    assert run.status() is Status.FAILED
    assert run.error().sentence in alert.inner_text()[:1].lower() + alert.inner_text()[1:]
    assert page.get_by_role("button", name="Resume").count() == 0  # it would run away again
    with urllib.request.urlopen(f"{app.address}/_stcore/health", timeout=5) as answer:
        assert answer.status == 200
    press(page, "New run")
    rates = page.get_by_role("button", name="Start", exact=True)
    expect(rates).to_be_enabled(timeout=PATIENCE * 1000)
    other = visit(f"?{SMALL}&iterations=20")
    press(other, "Start")
    says(other, "finished")
    assert run_of(app, other).status() is Status.FINISHED


def test_a_race_begun_in_the_set_up_becomes_the_set_up_and_presenting_leaves_no_trace(app, visit):
    page = visit(f"?{SMALL}&iterations=80")
    start(app, page)
    says(page, "finished")
    page.get_by_role("button", name="Set-up", exact=True).click()
    starts = page.locator(".st-key-init")
    for name in ("noise", "real"):  # noise as well, then without the real images
        starts.get_by_role("button", name=name, exact=True).evaluate("node => node.click()")
        expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Race both")
    expect(stage(page)).to_have_attribute("aria-label", re.compile("2 sets"), timeout=60_000)
    says(page, "finished")  # by then the script has run several times
    assert {description.name for description in run_of(app, page).sets} == {"real-1", "noise-1"}
    expect(page.locator(".st-key-watch_form_differs")).to_have_count(0)
    page.get_by_role("button", name="Set-up", exact=True).click()
    for name in ("noise", "real"):
        expect(starts.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.locator("label:has(input[aria-label='Presenter'])").click()
    press(page, "Leave (P)")
    icon = page.locator(".st-key-app_presenter [data-testid='stTooltipIcon'] svg")
    expect(icon).to_be_visible()
    until(lambda: icon.bounding_box()["width"] == 16, "the question mark is small again")


def test_a_page_under_a_foreign_name_cannot_open_the_websocket(app):
    def answer_to(host):
        request = (
            f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Origin: http://{host}\r\nCookie: {app.cookie}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        with closing(socket.create_connection(("127.0.0.1", app.port), 10)) as line:
            line.sendall(request.encode())
            return line.recv(200).split()[1].decode()

    assert answer_to(f"evil.example:{app.port}") == "403"
    assert answer_to(f"127.0.0.1:{app.port}") == "101"


def test_a_typed_interrupt_during_a_run_ends_with_zero_and_the_run_resumes(app, start_app, open_page):
    other = start_app(app.runs_root)
    page = open_page(f"{other.address}/?{SHORT}")
    run = start(other, page)
    page.close()
    assert other.type_interrupt() == 0
    assert "Traceback" not in other.output
    assert run.status() is Status.INTERRUPTED
    reached = run.iteration()
    assert checkpoints(run)[-1] == reached == max(events(run))
    assert 0 < reached < 500
    again = open_page(f"{app.address}/?run={run.id}")
    says(again, "stopped", f"iteration {reached} of 500")
    press(again, "Resume")
    says(again, "finished", "iteration 500 of 500")
    assert run.status() is Status.FINISHED
    assert events(RunFolder(run.path)) == list(range(1, 501))
