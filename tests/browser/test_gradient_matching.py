"""Gradient matching in a real Chromium: chosen in the form, watched within an iteration, paused, stopped."""

import re

import pytest
from playwright.sync_api import expect
from support.waiting import until
from support.watching import SMALL, press, run_of, says, stage

from dmcore.config import DsaConfig
from dmcore.runs.description import Status

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATUS = ".st-key-watch_status"
STEP = re.compile(r"iteration\s1\sof\s3,\sstep\s(\d)\sof\s9")
"""Progress within the first iteration."""


# All pixels of the canvas of the learned images.
DRAWN = "canvas => canvas.toDataURL()"


def choose(page, method):
    page.get_by_role("radio", name=method, exact=True).click()


def fill(page, label, value):
    field = page.get_by_label(label, exact=True)
    field.fill(str(value))
    field.press("Enter")


def test_a_run_of_dsa_is_started_from_the_form_moves_within_an_iteration_pauses_and_stops(app, visit):
    page = visit(f"?setup=open&{SMALL}&images_per_class=10&iterations=3")
    choose(page, "DSA")
    page.wait_for_url(re.compile("method=DSA"))
    expect(page.get_by_text("Gradient matching with Siamese augmentation (DSA).")).to_be_visible()
    page.get_by_text("More settings").click()
    expect(page.get_by_label("Learning rate of the pixels", exact=True)).to_be_visible()
    expect(page.get_by_text("Replay real means")).to_be_hidden()
    fill(page, "Matching steps of an iteration", 9)
    page.wait_for_url(re.compile("outer_steps=9"))
    fill(page, "Epochs between matching steps", 60)
    page.wait_for_url(re.compile("inner_epochs=60"))
    different = page.get_by_text("epochs between matching steps 60 instead of as published")
    expect(different).to_be_attached()  # the script has seen it
    press(page, "Start")
    expect(page.locator(STATUS)).to_contain_text(STEP)
    run = run_of(app, page)
    assert isinstance(run.config, DsaConfig)
    assert (run.config.loops, run.config.image_lr, run.config.width) == ((9, 60), 0.1, 65)
    first = stage(page).evaluate(DRAWN)
    until(lambda: stage(page).evaluate(DRAWN) != first, "the images move")
    assert run.iteration() == 0, "images move before an iteration is done"
    press(page, "Pause")
    says(page, "paused")
    paused = STEP.search(page.locator(STATUS).get_by_text(STEP).first.inner_text())
    assert paused is not None
    before = stage(page).evaluate(DRAWN)
    press(page, "One step")
    says(page, f"step {int(paused[1]) + 1} of 9")
    until(lambda: stage(page).evaluate(DRAWN) != before, "the images of the step are there")
    press(page, "Go on")
    says(page, "running")
    press(page, "Stop")
    says(page, "stopped")
    assert run.status() is Status.INTERRUPTED
    done = run.iteration()
    expect(page.get_by_text(f"Stopped within iteration {done + 1}, after step")).to_be_visible()
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible()
    page.get_by_role("radio", name="step by step", exact=True).click()
    expect(page.get_by_text("The link to distribution matching")).to_be_visible(timeout=60_000)
    expect(page.locator(".matching .layers tbody tr")).to_have_count(2)  # one convolution, the last layer
    page.get_by_role("button", name="8 Train the network").click()
    expect(page.locator(".matching .say")).to_contain_text("trained on the learned images for 60 epochs")
    expect(page.locator(".matching .training")).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".matching .say h2")).to_have_text("7 Step")
