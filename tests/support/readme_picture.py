"""Pictures of the README: the front page's recording as an animated WebP, drawn with Pillow, and the race.

By hand: `python tests/support/readme_picture.py`. Everything on it comes from the gallery.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app import PACKAGE
from app.components.front.component import Mark, Recording
from app.views.watch.front_recording import front_recording
from dmcore.config.formatting import grouped
from dmcore.experiments.figure4.files import draw_figure4
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.gallery.recorded import find_recorded

FILE = PACKAGE / "assets" / "front.webp"
MOST_BYTES = 2_000_000
RACE_FILE, MOST_RACE_BYTES = PACKAGE / "assets" / "figure4.png", 60_000
WIDTH, HEIGHT, MARGIN = 960, 372, 24
TILE, GAP, REAL = 84, 12, 12
"""Pixels of a learned image, between two, and of a real image."""
TOP = 56
BACK, INK, QUIET, LINE, ACCENT = "#0b0d12", "#f2f4f7", "#b9c0cb", "#2a303c", "#ff9a52"
COLOURS = {"learned": ACCENT, "mean_image": "#b98d66", "random": "#a3abb8", "whole": INK}
SHOWN, FIRST, LAST = 350, 900, 3500
"""Milliseconds of a moment, of the first and of the last one."""


def main() -> None:
    size = write_picture(front_recording(), FILE)
    print(f"{FILE.name}: {size / 1000:.0f} kB")
    RACE_FILE.write_bytes(draw_figure4(recorded_race()))
    print(f"{RACE_FILE.name}: {RACE_FILE.stat().st_size / 1000:.0f} kB")


def recorded_race() -> RaceResults:
    """The race of the gallery."""
    race = find_recorded("figure4-fashion").race
    assert race is not None
    return race


def write_picture(recording: Recording, file: Path) -> int:
    """Write the animation; its size in bytes."""
    sheet = _decoded(recording.frames)
    side = sheet.width // len(recording.class_names)
    still = _still(recording)
    frames = []
    for moment, iteration in enumerate(recording.iterations):
        frame = still.copy()
        _draw_learned(frame, sheet, side, moment)
        share = moment / (len(recording.iterations) - 1)
        _draw_time(frame, iteration, recording, share)
        frames.append(frame)
    times = [FIRST, *(SHOWN for _ in frames[2:]), LAST]
    frames[0].save(
        file, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=0, quality=70, method=6
    )
    return file.stat().st_size


def _decoded(sheet: bytes) -> Image.Image:
    return Image.open(io.BytesIO(sheet)).convert("L")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _left_of_ten() -> int:
    return WIDTH - MARGIN - 5 * TILE - 4 * GAP


def _still(recording: Recording) -> Image.Image:
    """Everything that does not move: the real images, the arrow and the line of accuracies."""
    page = Image.new("RGB", (WIDTH, HEIGHT), BACK)
    pen = ImageDraw.Draw(page)
    wall = _decoded(recording.real)
    columns, rows = recording.real_columns, (2 * TILE + GAP) // REAL
    scaled = wall.resize(
        (columns * REAL, wall.height * columns * REAL // wall.width), Image.Resampling.LANCZOS
    )
    page.paste(scaled.crop((0, 0, scaled.width, rows * REAL)), (MARGIN, TOP))
    pen.text((MARGIN, TOP - 28), f"{grouped(recording.real_count, ' ')} real images", INK, _font(17))
    pen.text((_left_of_ten(), TOP - 28), f"Ten learned images, from {recording.start}", INK, _font(17))
    middle, height = (MARGIN + scaled.width + _left_of_ten()) // 2, TOP + TILE
    pen.line((middle - 28, height, middle + 26, height), QUIET, 2)
    pen.line((middle + 19, height - 7, middle + 27, height, middle + 19, height + 7), QUIET, 2)
    for line, text in enumerate(("matched through", "random networks")):
        pen.text((middle, height + 18 + 18 * line), text, QUIET, _font(14), anchor="mm")
    _draw_line(pen, recording)
    return page


def _draw_learned(frame: Image.Image, sheet: Image.Image, side: int, moment: int) -> None:
    pen = ImageDraw.Draw(frame)
    for index in range(sheet.width // side):
        tile = sheet.crop((index * side, moment * side, (index + 1) * side, (moment + 1) * side))
        left = _left_of_ten() + index % 5 * (TILE + GAP)
        top = TOP + index // 5 * (TILE + GAP)
        frame.paste(tile.resize((TILE, TILE), Image.Resampling.NEAREST), (left, top))
        pen.rectangle((left, top, left + TILE - 1, top + TILE - 1), outline=ACCENT, width=2)


def _draw_time(frame: Image.Image, iteration: int, recording: Recording, share: float) -> None:
    """Bar of log time, with the iteration at its end."""
    pen = ImageDraw.Draw(frame)
    left, height, right = _left_of_ten(), TOP + 2 * TILE + GAP + 20, WIDTH - MARGIN - 150
    at = left + share * (right - left)
    pen.line((left, height, right, height), LINE, 4)
    pen.line((left, height, at, height), ACCENT, 4)
    pen.ellipse((at - 6, height - 6, at + 6, height + 6), ACCENT)
    text = f"iteration {iteration} of {recording.iterations[-1]}"
    pen.text((WIDTH - MARGIN, height), text, QUIET, _font(15), anchor="rm")


def _draw_line(pen: ImageDraw.ImageDraw, recording: Recording) -> None:
    """Line of accuracies: what a network gets right that has seen nothing else."""
    line = HEIGHT - 30
    pen.text((MARGIN, line - 18), "A network trained on them alone gets right", QUIET, _font(14), anchor="lm")
    pen.line((MARGIN, line, WIDTH - MARGIN, line), LINE, 1)
    for percent in (0, 25, 50, 75, 100):
        at = _at(percent)
        pen.line((at, line, at, line + 4), LINE, 1)
        pen.text((at, line + 14), f"{percent} %", QUIET, _font(12), anchor="mm")
    lowest = min(recording.marks, key=lambda mark: mark.percent)
    for mark in recording.marks:
        _draw_mark(pen, mark, line - 18, left=mark is lowest)


def _at(percent: float) -> float:
    edge = MARGIN + 14
    return edge + percent / 100 * (WIDTH - 2 * edge)


def _draw_mark(pen: ImageDraw.ImageDraw, mark: Mark, height: int, left: bool) -> None:
    at, colour = _at(mark.percent), COLOURS[mark.method]
    if mark.method == "whole":
        for top in range(height - 12, height + 14, 6):
            pen.line((at, top, at, top + 3), colour, 2)
    elif mark.method == "learned":
        angles = np.arange(10) * np.pi / 5 - np.pi / 2
        radii = np.where(np.arange(10) % 2, 4.4, 10)
        pen.polygon(
            [(at + r * np.cos(a), height + r * np.sin(a)) for r, a in zip(radii, angles, strict=True)], colour
        )
    else:
        fill = colour if mark.method == "mean_image" else BACK
        pen.ellipse((at - 6, height - 6, at + 6, height + 6), fill, colour, 2)
    x, anchor = (at - 14, "rm") if left else (at + 14, "lm")
    pen.text((x, height - 8), mark.label.replace("\u202f", " "), QUIET, _font(13), anchor=anchor)
    ink = ACCENT if mark.method == "learned" else INK
    pen.text((x, height + 8), f"{mark.percent:.1f} %", ink, _font(14), anchor=anchor)


if __name__ == "__main__":
    main()
