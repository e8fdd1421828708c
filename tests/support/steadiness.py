"""Checks that canvas and figure stay the same nodes and never flash while their data change, in a browser."""

import json
from typing import Any

from playwright.sync_api import Locator, Page

TICKS = 50
RANGES = "node => [node.layout.xaxis.range, node.layout.yaxis.range]"
# Over so many changes of the canvas's number, and a fifth of the figure's, which is drawn less often: sample
# every frame, count what a person would see as a flash.
WATCH_NODES = """
async ticks => {
  const canvas = window.gridCanvas, figure = window.figureNode;
  const seen = new Set(), revisions = new Set();
  let blankCanvas = [], blankFigure = [], frames = 0, gone = 0;
  const started = performance.now();
  while ((seen.size < ticks || revisions.size < ticks / 5) && performance.now() - started < 120000) {
    await new Promise(requestAnimationFrame);
    frames++;
    seen.add(canvas.dataset.iteration);
    revisions.add(figure.dataset.revision);
    if (!canvas.isConnected || !figure.isConnected) gone++;
    const {x, y} = window.firstImage, pixel = canvas.getContext('2d').getImageData(x, y, 1, 1).data;
    if (pixel[3] !== 255) blankCanvas.push(canvas.dataset.iteration);
    if (!figure.querySelector('.scatterlayer .trace path')) blankFigure.push(figure.dataset.revision);
  }
  return {ticks: seen.size, revisions: revisions.size, frames, blankCanvas, blankFigure, gone};
}
"""
# a place inside the first image, in canvas pixels: the first opaque pixel and a bit
FIND_IMAGE = """
canvas => {
  const {width, height} = canvas, data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++)
    if (data[4 * (y * width + x) + 3] === 255) return {x: x + 8, y: y + 8};
  return null;
}
"""


def drawn_often(page: Page) -> Page:
    """The page as on a machine of eight cores, where plotly may take more of one and draws more often."""
    page.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 8 })")
    page.reload()
    return page


def zoom_in(page: Page, figure: Locator) -> Any:
    """Draw a box with the mouse; the ranges that the axes have then."""
    box = figure.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.9, steps=8)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.live-figure').layout.xaxis.autorange !== true")
    return figure.evaluate(RANGES)


def assert_steady(page: Page, canvas: Locator, figure: Locator, revision: int, capsys: Any) -> None:
    """Tag both nodes, zoom in beyond a revision, and look at every frame of `TICKS` ticks."""
    canvas.evaluate("node => { window.gridCanvas = node; node.tag = 1; }")
    figure.evaluate("node => { window.figureNode = node; node.tag = 1; }")
    page.evaluate("at => { window.firstImage = at; }", canvas.evaluate(FIND_IMAGE))
    page.wait_for_function(f"document.querySelector('.live-figure').dataset.revision > {revision}")
    zoomed = zoom_in(page, figure)
    seen: dict[str, Any] = page.evaluate(WATCH_NODES, TICKS)
    with capsys.disabled():
        print(f"\n{json.dumps(seen)}")
    assert seen["ticks"] >= TICKS
    assert seen["revisions"] >= TICKS / 5
    assert (seen["blankCanvas"], seen["blankFigure"], seen["gone"]) == ([], [], 0)
    assert [node.evaluate("node => node.tag") for node in (canvas, figure)] == [1, 1]
    assert figure.evaluate(RANGES) == zoomed
