"""The drawing pad in a real Chromium: strokes, keys and Clear reach Python, and a rerun keeps the drawing."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAD = 'canvas[aria-roledescription="drawing pad"]'
SCRIPT = """
import numpy as np
import streamlit as st
from app.components.drawing_pad import show_drawing_pad
from dmcore.data.drawing import Framing

if st.toggle("shown", value=True):
    ink = show_drawing_pad("pad", Framing(8, 8, 8.0, (4.0, 4.0), 0.2, False), "Draw")
    drawn = np.argwhere(ink > 48) if ink is not None else []
    st.text(f"box {drawn.min(0).tolist()} {drawn.max(0).tolist()}" if len(drawn) else "empty")
"""


@pytest.fixture(scope="module")
def address(serve_script, tmp_path_factory):
    script = tmp_path_factory.mktemp("pad") / "script.py"
    script.write_text(SCRIPT)
    return serve_script(script)


def box(page):
    match = re.search(r"box \[(\d+), (\d+)\] \[(\d+), (\d+)\]", page.get_by_text("box [").inner_text())
    return [int(number) for number in match.groups()]


def test_a_stroke_reaches_python_stays_over_reruns_and_clear_ends_it(address, open_page):
    page = open_page(address)
    pad = page.locator(PAD)
    page.get_by_text("empty").wait_for()
    area = pad.bounding_box()
    page.mouse.move(area["x"] + 70, area["y"] + 140)
    page.mouse.down()
    page.mouse.move(area["x"] + 210, area["y"] + 140, steps=5)
    page.mouse.up()
    page.get_by_text("box [").wait_for()
    top, left, bottom, right = box(page)
    assert abs(left - 10) <= 1
    assert abs(right - 45) <= 1
    assert abs((top + bottom) / 2 - 27.5) <= 1
    assert 6 <= bottom - top <= 8
    toggle = page.get_by_text("shown")
    toggle.click()
    pad.wait_for(state="detached")
    toggle.click()
    pad.wait_for()
    page.get_by_text("box [").wait_for()
    assert box(page) == [top, left, bottom, right]
    page.mouse.click(area["x"] + 140, area["y"] + 20)
    page.wait_for_function("before => !document.body.innerText.includes(before)", arg=f"box [{top}, {left}]")
    assert box(page)[1:2] == [left], "the restored line is drawn on"
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("empty").wait_for()


def test_arrow_keys_and_space_draw(address, open_page):
    page = open_page(address)
    page.get_by_text("empty").wait_for()
    page.locator(PAD).focus()
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowDown")
    page.get_by_text("box [").wait_for()
    page.keyboard.press("Space")
    top, left, bottom, right = box(page)
    assert abs((left + right) / 2 - 27.5) <= 1
    assert bottom - top > right - left
